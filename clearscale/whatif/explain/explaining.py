"""Explain a decision: make it once more, by the same facts and the same compiled policy, and report every step."""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from clearscale.dates import as_of_day
from clearscale.errors import RunError
from clearscale.policy import AnyPolicy, Condition, Evidence, Policy, PolicyMap, compiled
from clearscale.policy.caseload import Caseload
from clearscale.policy.facts import find, known
from clearscale.policy.outcomes import filled_in
from clearscale.policy.regions import Intervals
from clearscale.policy.wording import condition_text, disclosed, shown
from clearscale.runs import Run
from clearscale.runs.evaluate import UNDECIDED, evaluate
from clearscale.runs.opened import decisions_of
from clearscale.runs.recorded import other_version, recorded_policy
from clearscale.runs.snapshots import shared_snapshot
from clearscale.runs.stores import open_store_of
from clearscale.store import ExtractEntry, Store
from clearscale_kernels import flag
from clearscale_kernels.policy import decide

from .answers import (
    DECIDES,
    NOT_REACHED,
    PASSED,
    ConditionAnswer,
    Explanation,
    MissingDate,
    PossibleOutcome,
    RuleAnswer,
)
from .locating import candidate, named_extract, others_without_date, undecided_row
from .unknowns import (
    BIRTH,
    COMPANIONS,
    CONVICTION,
    LackingDate,
    if_known,
    lacking_dates,
    open_facts,
    possible_rules,
)


@dataclass(frozen=True)
class _Case:
    """One conviction under the policy of its county.

    place: in the caseload. code_section: for people. rule: the one that decides, or UNDECIDED. found: value of each
    fact. held: whether each condition of each rule holds. missing: dates that the facts lack.
    """

    caseload: Caseload
    place: int
    policy: Policy
    code_section: str
    rule: int
    found: dict[str, int]
    held: tuple[tuple[bool, ...], ...]
    missing: tuple[LackingDate, ...]

    def outcome(self, rule: int) -> PossibleOutcome:
        """Return what a rule decides, by its place in the policy."""
        if rule == UNDECIDED:
            return PossibleOutcome(None, "", "")
        chosen = self.policy.rules[rule]
        return PossibleOutcome(rule + 1, chosen.determination, filled_in(chosen.reason, self.code_section))


def explain(run: Run, extract: str, row: int) -> Explanation:
    """Explain why a run decided a conviction as it did; see `clearscale.whatif.explain`."""
    policy = recorded_policy(run)
    store = open_store_of(run)
    entry = named_extract(store, extract)
    recorded = decisions_of(run, entry.id)
    rows = np.flatnonzero(recorded.column("row").to_numpy() == row)
    if not rows.size:
        raise undecided_row(store, entry, row)
    decision: dict[str, Any] = recorded.slice(int(rows[0]), 1).to_pylist()[0]
    case = _case(run, store, policy, entry, row)
    decided = case.outcome(case.rule)
    if (decided.determination, decided.reason) != (decision["determination"], decision["reason"]):
        raise RunError(
            f"{run.folder.url}: {entry.id}, row {row}: the run decided "
            f"'{decision['determination']}: {decision['reason']}', but its policy gives "
            f"'{decided.determination}: {decided.reason}'; {other_version(run)}"
        )
    everything = open_facts(list(case.found), case.found, case.missing, case.missing)
    return Explanation(
        run=run.folder.url,
        extract=entry.id,
        file=entry.part_of(row).name,
        row=row,
        county=decision["county"],
        offense=decision["offense"],
        section=decision["section"],
        as_of=run.info["as_of"],
        policy={
            "id": case.policy.id,
            "title": case.policy.title,
            "parameters": dict(case.policy.parameters),
            "map": policy.id if isinstance(policy, PolicyMap) else None,
        },
        rules=tuple(_answer(case, number, everything) for number in range(len(case.policy.rules))),
        rule=decided.rule,
        determination=decided.determination,
        reason=decided.reason,
        flags=tuple(decision["flags"].split(";")) if decision["flags"] else (),
        county_figure=decision["county_figure"],
        state_figure=decision["state_figure"],
        missing=tuple(_missing(case, date) for date in case.missing),
        possible=_possible_outcomes(case, everything),
    )


def _case(run: Run, store: Store, policy: AnyPolicy, entry: ExtractEntry, row: int) -> _Case:
    """Decide the conviction once more and return all that the rules look at."""
    as_of = as_of_day(run.info["as_of"])
    held_by = candidate(store, store.manifest.numbered()[entry.id], row)
    if held_by is None:
        raise RunError(
            f"{run.folder.url}: {entry.id}, row {row}: is no candidate in the store; {other_version(run)}"
        )
    bucket, tables, place = held_by
    about = shared_snapshot(store.folder, store.manifest.snapshot)
    caseload = about.caseload([tables])
    rule = int(evaluate(caseload, policy, as_of).rules[place])
    chosen = policy
    if isinstance(policy, PolicyMap):
        number = int(policy.places(about.counties)[caseload.candidates["county"][place]])
        chosen = policy.policies[number]
        rule -= 0 if rule == UNDECIDED else policy.firsts[number]
    assert isinstance(chosen, Policy)
    evidence = Evidence(caseload, as_of)
    found, held = _evaluated(chosen, evidence, place)
    if next((n for n, answers in enumerate(held) if all(answers)), UNDECIDED) != rule:
        raise RunError(f"{entry.id}, row {row}: the conditions do not lead to the decision. Please report this.")
    missing = int(evidence.missing[place])
    if missing:
        found |= {name: int(find(name, evidence)[place]) for name in COMPANIONS if name not in found}
    without_date = missing & flag.ANY_NO_EVENT_DATE
    history = int(caseload.candidates["history"][place])
    others = others_without_date(store, bucket, history, row) if without_date else 0
    offense = about.offenses.shown[caseload.candidates["offense"][place]]
    lacking = lacking_dates(missing, others, _unreadable(caseload, place))
    return _Case(caseload, place, chosen, offense, rule, found, held, lacking)


def _unreadable(caseload: Caseload, place: int) -> list[str]:
    """Which dates of a candidate are not blank, and cannot be read."""
    of_person = caseload.of_subject("flags")[place] & flag.UNREADABLE_BIRTH_DATE
    of_row = caseload.candidates["flags"][place] & flag.UNREADABLE_EVENT_DATE
    return [date for date, unreadable in ((BIRTH, of_person), (CONVICTION, of_row)) if unreadable]


def _evaluated(
    policy: Policy, evidence: Evidence, place: int
) -> tuple[dict[str, int], tuple[tuple[bool, ...], ...]]:
    """Return a candidate's facts as the compiled policy has them, and which conditions of each rule hold."""
    program = compiled(policy)
    matrices = program.matrices(evidence, np.array([place]))
    columns = {
        decide.NARROW: matrices[0][:, 0].tolist(),
        decide.WIDE: matrices[1][:, 0].tolist(),
    }
    found = program.values(*matrices, 0)
    held = [
        _holds(columns[where][at], form, low, high) for where, at, form, low, high in program.conditions.tolist()
    ]
    bounds = program.bounds.tolist()
    return found, tuple(tuple(held[a:b]) for a, b in itertools.pairwise(bounds))


def _holds(value: int, form: int, low: int, high: int) -> bool:
    """Evaluate a compiled condition as `clearscale_kernels.policy.decide` does."""
    if form in (decide.HAS, decide.LACKS):
        return (value & low != 0) == (form == decide.HAS)
    return (low <= value <= high) == (form == decide.WITHIN)


def _answer(case: _Case, number: int, everything: dict[str, Intervals]) -> RuleAnswer:
    outcome, rule = case.outcome(number), case.policy.rules[number]
    reached = case.rule == UNDECIDED or number <= case.rule
    conditions = tuple(
        _condition_answer(case, condition, holds, everything)
        for condition, holds in zip(rule.conditions, case.held[number], strict=True)
    )
    names = {name for answer in conditions for name in answer.missing}
    return RuleAnswer(
        number=number + 1,
        determination=outcome.determination,
        reason=outcome.reason,
        law=rule.law,
        holds=all(case.held[number]),
        state=DECIDES if number == case.rule else PASSED if reached else NOT_REACHED,
        missing=tuple(lacking.date for lacking in case.missing if lacking.date in names),
        conditions=conditions,
    )


def _condition_answer(
    case: _Case, condition: Condition, holds: bool, everything: dict[str, Intervals]
) -> ConditionAnswer:
    name = condition.fact
    value = case.found[name]
    return ConditionAnswer(
        fact=name,
        text=condition_text(condition),
        value=disclosed(name, value),
        shown=shown(name, value),
        holds=holds,
        missing=tuple(lacking.date for lacking in case.missing if known(name).rests_on & lacking.bits),
        if_known=if_known(condition, everything) if name in everything else None,
    )


def _possible_outcomes(case: _Case, could: dict[str, Intervals]) -> tuple[PossibleOutcome, ...]:
    return tuple(case.outcome(rule) for rule in possible_rules(case.policy, case.held, case.found, could))


def _missing(case: _Case, date: LackingDate) -> MissingDate:
    could = open_facts(list(case.found), case.found, (date,), case.missing)
    outcomes = _possible_outcomes(case, could)
    decided = case.outcome(case.rule)
    same = (decided.determination, decided.reason)
    return MissingDate(
        date=date.date,
        meaning=date.meaning,
        rules=tuple(
            number
            for number, rule in enumerate(case.policy.rules, start=1)
            if any(known(condition.fact).rests_on & date.bits for condition in rule.conditions)
        ),
        outcomes=outcomes,
        changes=any((outcome.determination, outcome.reason) != same for outcome in outcomes),
    )
