"""The policy that a run was made with, from the run's own record."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from clearscale.errors import ClearscaleError, RunError
from clearscale.policy import AnyPolicy
from clearscale.policy.model import digest_of
from clearscale.policy.recorded import policy_from
from clearscale.version import VERSION

from . import Run
from .finished import FinishedRun


class Digested(Protocol):
    """A policy of any kind."""

    def digest(self) -> str:
        """The SHA-256 of the policy in full."""


Recorded = TypeVar("Recorded", bound=Digested)


def policy_of(run: Run) -> AnyPolicy:
    """Read the run's policy or policy map for display; `recorded_policy` reads one to decide by."""
    return policy_from(run.info["policy"])


def recorded_policy(run: Run) -> AnyPolicy:
    """Read the run's policy or policy map. Raises RunError if this version does not read it as it was."""
    return as_recorded(run, policy_from)


def as_recorded(run: FinishedRun, read: Callable[[Mapping[str, Any]], Recorded]) -> Recorded:
    """Read the policy that a run recorded. Raises RunError if `read` does not give what was recorded."""
    try:
        found = read(run.info["policy"])
        same = found.digest() == digest_of(run.info["policy"]) == run.info["policy_digest"]
    except (KeyError, IndexError, TypeError, ValueError, ClearscaleError):
        same = False
    if not same:
        raise RunError(f"{run.folder.url}: its policy is not as this version writes it; {other_version(run)}")
    return found


def other_version(run: FinishedRun) -> str:
    """Explain, for a message, that this version would not make such a run."""
    made = run.info.get("version", "unknown")
    return (
        f"the run was made by another version of clearscale, or changed since (it says {made}, this is {VERSION}); "
        "make it again with this one"
    )
