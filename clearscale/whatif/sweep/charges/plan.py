"""Which policies over charges a sweep is about, and on which days they decide."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

from clearscale.dates import as_of_day, iso
from clearscale.errors import ClearscaleError, PolicyError
from clearscale.policy.choosing import refusal, require_allowable
from clearscale.policy.findings import Finding
from clearscale.policy.locating import is_over_charges
from clearscale.relief import ChargePolicy, Document
from clearscale.relief.check import check_document
from clearscale.relief.many import Asked
from clearscale.relief.outcomes import NOT_ELIGIBLE, NOT_YET, OUTCOMES, UNDECIDED, Outcome
from clearscale.relief.packs import load_document
from clearscale.whatif.sweep.charted import Charted, shown
from clearscale.whatif.sweep.settings import MOST_LISTED, POLICY, Vary, wanted_of

AS_OF = "as_of"
"""In place of a parameter: settings are days to decide for."""

_DECIDED = ("decided", "unsure", "relief")
"""What is counted beside outcomes: charges that a policy decides, those of which nobody knows whether it does, and
those that get any relief."""


def figures_of(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Names of what is counted, of policies that can give these outcomes."""
    given = [outcome.name.replace("-", "_") for outcome in outcomes]
    charges = [*_DECIDED, *given]
    people = [name for name in charges if name != "unsure"]
    return *(f"charges_{name}" for name in charges), *(f"people_{name}" for name in people)


def outcomes_of(policies: Iterable[ChargePolicy]) -> tuple[Outcome, ...]:
    """What can become of a charge under some policies, in the order of codes."""
    rules = [rule for policy in {id(policy): policy for policy in policies}.values() for rule in policy.rules]
    given = {rule.outcome for rule in rules} | {NOT_ELIGIBLE, UNDECIDED}
    if any(rule.waits for rule in rules):
        given.add(NOT_YET)
    return tuple(outcome for outcome in OUTCOMES.values() if outcome in given)


@dataclass(frozen=True, eq=False)
class ChargePlan:
    """The policies of a sweep over charges: all combinations of settings, the last parameter's changing fastest.

    Attributes
    ----------
    title
        What they are, in a line.
    axes
        Settings by parameter; `POLICY` and `AS_OF` among them, if they are varied.
    base
        Place of the setting of each parameter that is the policy's own, or the first.
    own
        The policy that is varied, by its reference.
    sources
        Policies by reference.
    day
        The day to decide for, if it is not varied.
    allowed
        What is doubtful in a policy and was let pass, as runs record it.
    digest
        SHA-256 of all of it.
    """

    title: str
    axes: dict[str, tuple[Any, ...]]
    base: tuple[int, ...]
    own: str
    sources: Mapping[str, Document | ChargePolicy]
    day: int
    allowed: tuple[dict[str, str], ...]
    digest: str

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ChargePlan) and other.digest == self.digest

    def __getstate__(self) -> dict[str, Any]:
        """What tasks are sent: the policies are made again where they are needed."""
        return {name: value for name, value in self.__dict__.items() if name not in ("asked", "outcomes")}

    @property
    def size(self) -> int:
        """How many policies there are."""
        return prod(len(settings) for settings in self.axes.values())

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        """Each policy, with the day on which it decides. Raises PolicyError for a setting that it cannot have."""
        made: dict[tuple[Any, ...], ChargePolicy] = {}
        found = []
        for settings in product(*self.axes.values()):
            chosen = dict(zip(self.axes, settings, strict=True))
            reference, day = str(chosen.pop(POLICY, self.own)), chosen.pop(AS_OF, None)
            key = (reference, *((type(value), value) for value in chosen.values()))
            if key not in made:
                made[key] = _made(self.sources[reference], chosen)
            found.append(Asked(made[key], self.day if day is None else as_of_day(day)))
        return tuple(found)

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What can become of a charge under one of them, in the order of codes."""
        return outcomes_of(policy for policy, _ in self.asked)

    def charted(self) -> Charted:
        """What its page is about."""
        axes = {name: [shown(setting) for setting in settings] for name, settings in self.axes.items()}
        return Charted(self.title, self.as_of, axes, self.base)

    @property
    def as_of(self) -> str:
        """The day to decide for where it is not varied, as people write it."""
        return iso(self.day)


def plan_of(policy: str | ChargePolicy, as_of: str, vary: Vary, allow: Sequence[str] = ()) -> ChargePlan:
    """Return the policies of a sweep.

    Parameters
    ----------
    policy
        The name of a pack, the path or URL of a file, or a policy in memory.
    as_of
        The day to decide for, where it is not varied.
    vary
        Texts such as `years=0,5..7`, or settings by parameter.
    allow
        Names of findings that are let pass.

    Returns
    -------
    ChargePlan

    Raises
    ------
    PolicyError
        For an unknown parameter, a setting out of its range, too many policies, a policy over convictions, and what
        is wrong with a policy.
    """
    require_allowable(allow)
    wanted = wanted_of(vary)
    size = prod(len(settings) for settings in wanted.values())
    if size > MOST_LISTED:
        raise PolicyError(
            f"--vary asks for {size:,} policies; at most {MOST_LISTED:,} are possible. Give fewer settings"
        )
    for day in wanted.get(AS_OF, ()):
        try:
            as_of_day(str(day))
        except ClearscaleError as error:
            raise PolicyError(f"--vary {AS_OF}: {error}") from None
    own = policy.id if isinstance(policy, ChargePolicy) else policy
    references = dict.fromkeys(str(reference) for reference in wanted.get(POLICY, (own,)))
    if POLICY in wanted:
        _require_over_charges(references)
    sources: dict[str, Document | ChargePolicy] = {
        reference: policy if isinstance(policy, ChargePolicy) and reference == own else load_document(reference)
        for reference in references
    }
    allowed = _allowed(sources, allow)
    first = sources[next(iter(references))]
    values = _values(first)
    axes = {name: tuple(settings) for name, settings in wanted.items()}
    defaults = {**{name: str(value) for name, value in values.items()}, POLICY: own, AS_OF: as_of}
    base = tuple(_place(settings, defaults.get(name)) for name, settings in axes.items())
    day = as_of_day(as_of)
    digest = _digest(sources, axes, own, day)
    title = "Several policies" if len(references) > 1 else first.title
    plan = ChargePlan(title, axes, base, own, sources, day, allowed, digest)
    plan.asked  # noqa: B018 - what is wrong with a setting is told before anything is counted
    return plan


def _made(source: Document | ChargePolicy, values: dict[str, Any]) -> ChargePolicy:
    if isinstance(source, Document):
        return source.policy(values)
    if values:
        raise PolicyError(
            f"--vary: policy '{source.id}' has its parameters already; name its pack or file to vary them"
        )
    return source


def _values(source: Document | ChargePolicy) -> dict[str, Any]:
    return source.values() if isinstance(source, Document) else dict(source.parameters)


def _place(settings: Sequence[Any], own: str | None) -> int:
    texts = [str(setting) for setting in settings]
    return texts.index(own) if own in texts else 0


def _require_over_charges(references: Mapping[str, None]) -> None:
    for reference in references:
        if not is_over_charges(os.fspath(reference)):
            raise PolicyError(f"--vary {POLICY}: '{reference}' is no policy over charges, as the others are")


def _allowed(sources: Mapping[str, Document | ChargePolicy], allow: Sequence[str]) -> tuple[dict[str, str], ...]:
    found: dict[str, Finding] = {}
    for source in sources.values():
        if isinstance(source, Document):
            found.update({str(finding): finding for finding in check_document(source)})
    if refused := [finding for finding in found.values() if finding.name not in allow]:
        raise refusal(refused)
    return tuple(finding.document() for finding in found.values())


def _digest(
    sources: Mapping[str, Document | ChargePolicy], axes: Mapping[str, Sequence[Any]], own: str, day: int
) -> str:
    documents = {reference: {**asdict(source), "where": ""} for reference, source in sources.items()}
    # Where a policy that nothing names lies is no part of what it says.
    named = documents if POLICY in axes else [documents[own]]
    settings = {name: [str(setting) for setting in axis] for name, axis in axes.items()}
    content = json.dumps([named, settings, day], sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()
