"""What a worker must meet before it works: the same software, the same files.

Workers that are there are asked at once, so that nothing begins in vain. Those that join later are asked by their
first task, since nothing else is sure to come before it.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import ClusterError

Check = Callable[[], str | None]
"""Called in a worker's process: returns what is wrong there, None if nothing is. It must be picklable."""

_met: set[str] = set()
"""Keys of the requirements that this process has met."""


@dataclass(frozen=True)
class Requirement:
    """A check, and a key by which a process knows that it has passed it."""

    check: Check = field(repr=False)
    key: str = field(default_factory=lambda: secrets.token_hex(8))


@dataclass(frozen=True)
class Answer:
    """What a worker says. wrong: what is, None if it meets all."""

    host: str
    wrong: str | None


def ask(requirements: tuple[Requirement, ...]) -> Answer:
    """Check what this process has not met yet."""
    for requirement in requirements:
        if requirement.key not in _met:
            wrong = requirement.check()
            if wrong is not None:
                return Answer(socket.gethostname(), wrong)
            _met.add(requirement.key)
    return Answer(socket.gethostname(), None)


def require(requirements: tuple[Requirement, ...]) -> None:
    """Raise ClusterError, in a worker's task, for what it does not meet."""
    answer = ask(requirements)
    if answer.wrong is not None:
        from distributed import get_worker

        raise unfit(answer.host, get_worker().address, answer.wrong)


def hosts_of(answers: Mapping[str, Any], there: Container[str], where: str) -> dict[str, str]:
    """The hosts of workers, by addresses. Raises ClusterError for one that does not meet all that is required.

    answers: what workers of the cluster `where` answered, or what kept them from it. there: those who still are.
    """
    hosts = {}
    for address, answer in sorted(answers.items()):
        if isinstance(answer, BaseException):
            if isinstance(answer, OSError) and address not in there:
                continue  # it has just left
            reason = (str(answer) or type(answer).__name__).splitlines()[0]
            raise ClusterError(
                f"a worker of {where} did not tell its versions ({address}: {reason}); "
                "install the same version of clearscale on all machines of the cluster"
            ) from answer
        if answer.wrong is not None:
            raise unfit(answer.host, address, answer.wrong)
        hosts[address] = answer.host
    return hosts


def unfit(host: str, address: str, wrong: str) -> ClusterError:
    """The error for a worker that may not work."""
    return ClusterError(f"host {host} (worker {address}) {wrong}")
