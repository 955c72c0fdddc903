"""The policy that somebody chose: the one door to it, which refuses what a check would find."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clearscale.errors import PolicyError, nearest

from .by_county import PolicyMap
from .check import doubts
from .findings import ALLOWABLE, KINDS, Finding, FoundError
from .library import Stated, read_stated
from .model import Policy
from .option_files import policy_of, read_options
from .outcomes import AnyPolicy
from .reading import read_tables

Statement = str | os.PathLike[str] | AnyPolicy | Mapping[str, Any]
"""A pack, the path or URL of a file, a policy in memory, what its file would state, or eligibility options."""

IN_MEMORY = "the policy"
"""What messages call a policy that no file states."""


@dataclass(frozen=True)
class Chosen:
    """A policy, and what is doubtful in it and was allowed by name."""

    policy: AnyPolicy
    allowed: tuple[Finding, ...] = ()

    def document(self) -> list[dict[str, str]]:
        """Return what was allowed, for the record of a run."""
        return [finding.document() for finding in self.allowed]


def choose(statement: Statement, parameters: Mapping[str, Any] | None = None, allow: Sequence[str] = ()) -> Chosen:
    """Return the policy that is stated.

    A policy in memory is taken as it is; so is a pack, which tests hold to be without findings.

    Parameters
    ----------
    statement
        The name of a pack, the path or URL of a file, eligibility options or the keys of a policy file as an
        object, or a policy.
    parameters
        Values instead of the defaults, of a pack, a policy file or its keys.
    allow
        Names of findings that are let pass.

    Returns
    -------
    Chosen
        The policy, and the findings that were let pass.

    Raises
    ------
    PolicyError
        If there is no such policy, something is wrong with it that is not allowed, or a name is none of a finding
        that may be allowed.
    """
    require_allowable(allow)
    if isinstance(statement, str | os.PathLike):
        stated = read_stated(os.fspath(statement), parameters)
    elif isinstance(statement, Mapping) and is_document(statement):
        document = read_tables(dict(statement), IN_MEMORY)
        stated = Stated(document.policy(parameters), (document,))
    elif parameters:
        raise PolicyError("parameters go with the name of a pack or a policy file; what is given has them already")
    elif isinstance(statement, Mapping):
        options = read_options(statement)
        stated = Stated(policy_of(options, "eligibility-options"), doubted=tuple(options.doubted))
    elif isinstance(statement, Policy | PolicyMap):
        return Chosen(statement)
    else:
        raise PolicyError(
            "the policy is none: give the name of a pack, a file, a dict of eligibility options or of a policy "
            "file's keys, or a policy"
        )
    found = doubts(stated)
    if any(finding.name not in allow for finding in found):
        raise refusal([finding for finding in found if finding.name not in allow])
    return Chosen(stated.policy, tuple(found))


def is_document(statement: Mapping[str, Any]) -> bool:
    """Tell whether an object has the keys of a policy file; otherwise it is for eligibility options."""
    return bool({"rule", "extends", "id"} & {*statement})


def require_allowable(names: Sequence[str]) -> None:
    """Raise PolicyError for a name of no finding, or of one that cannot be allowed."""
    if isinstance(names, str):
        raise PolicyError(f"allow is '{names}'; give a list of names, such as ['{ALLOWABLE[0]}']")
    for name in names:
        if name not in KINDS:
            raise PolicyError(f"--allow {name}: there is no such finding; {nearest(name, ALLOWABLE)}")
        if name not in ALLOWABLE:
            raise PolicyError(f"--allow {name}: cannot be allowed: {KINDS[name].meaning}")


def refusal(findings: Sequence[Finding]) -> FoundError:
    """Return the error for findings, with the names by which those that may be allowed are."""
    error = FoundError(findings)
    names = dict.fromkeys(finding.name for finding in findings if finding.name in ALLOWABLE)
    if names and all(finding.name in ALLOWABLE for finding in findings):
        hint = " ".join(f"--allow {name}" for name in names)
        error.args = (*error.args, f"If that is meant all the same: {hint}")
    return error
