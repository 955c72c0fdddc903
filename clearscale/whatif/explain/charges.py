"""Why a charge was decided as it was: every rule, every condition, and what is missing."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from clearscale.charges.some_people import of_people
from clearscale.charges.tables import NO_DAY, UNKNOWN, Disposition, Tables
from clearscale.dates import as_of_day, iso
from clearscale.errors import RunError, closest
from clearscale.relief import NO_CANDIDATE, OUTCOMES, ChargePolicy, Decider, missing_words
from clearscale.relief.deciding import NO_RULE, NO_RULE_HOLDS
from clearscale.relief.evidence import Evidence
from clearscale.relief.language import Rule
from clearscale.relief.packs import load_document
from clearscale.relief.questions import Condition
from clearscale.relief.wording import wait_words
from clearscale.runs.charges import ChargeRun
from clearscale.runs.charges.recorded import recorded_policy
from clearscale.runs.stores import open_charges_of
from clearscale.store.charge_store import ChargeStore
from clearscale_kernels.relief.groups import EVER, NEVER, NO, YES

from .rule_by_rule import states

HOLDS, FAILS, NOT_KNOWN = "holds", "does not hold", "not known"
_DATES = (
    *("offense_date", "arrest_date", "filing_date", "disposition_date", "sentence_date", "sentence_end"),
    "supervision_end",
)


@dataclass(frozen=True)
class ChargeConditionAnswer:
    """A condition, asked of the charge. answer: HOLDS, FAILS or NOT_KNOWN. missing: what it lacks, in words."""

    text: str
    answer: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class WaitAnswer:
    """A wait. until: the first day behind it; None where nothing has to pass, or that day is not known."""

    text: str
    until: str | None
    known: bool


@dataclass(frozen=True)
class ChargeRuleAnswer:
    """A rule, asked of the charge. number: from 1. cap: whether it has one."""

    number: int
    outcome: str
    reason: str
    law: str
    state: str
    conditions: tuple[ChargeConditionAnswer, ...]
    waits: tuple[WaitAnswer, ...]
    cap: str


@dataclass(frozen=True)
class ChargeExplanation:
    """Why a charge was decided as it was; it holds a person's data.

    Attributes
    ----------
    file, line
        The record.
    record
        What it says, in words, by the names of facts; without what it does not say.
    charges, cases
        How many the person has.
    policy, as_of
        What was decided by, and for which day.
    outcome, reason, rule
        The decision; rule from 1, None where none decides.
    first_eligible
        From which day on relief is due.
    missing
        What an undecided charge lacks.
    scope
        Whether the policy decides the charge.
    rules
        Every rule in order.
    """

    file: str
    line: int
    record: dict[str, str]
    charges: int
    cases: int
    policy: str
    as_of: str
    outcome: str
    reason: str
    rule: int | None
    first_eligible: str | None
    missing: tuple[str, ...]
    scope: tuple[ChargeConditionAnswer, ...]
    rules: tuple[ChargeRuleAnswer, ...]

    def document(self) -> dict[str, Any]:
        """The explanation for JSON.

        Returns
        -------
        dict of str to object
            What `clearscale explain --json` prints.
        """
        return asdict(self)


def explain_charge(run: ChargeRun, file: str, line: int, policy: str | None = None) -> ChargeExplanation:
    """Tell why a charge was decided as it was.

    Parameters
    ----------
    run
        A finished run over charges.
    file, line
        The record: the file's name, and the line on which it begins, from 1.
    policy
        The policy's file, which must be the one that it was; without it the policy is as the run recorded it.

    Returns
    -------
    ChargeExplanation

    Raises
    ------
    RunError
        If the store has no such record, or the policy is another than the run's.
    StoreError
        If the store is not where it was, or is damaged.
    PolicyError
        If there is no such policy.
    """
    chosen = policy_of(run, policy)
    store = open_charges_of(run)
    tables, row = _found(store, file, line)
    as_of = as_of_day(run.info["as_of"])
    decided = Decider(chosen, as_of).decide(tables)
    evidence = Evidence(tables, as_of, {listed.name: listed for listed in chosen.lists})
    outcome, place = int(decided.outcome[row]), int(decided.rule[row])
    first = int(decided.first_eligible[row])
    return ChargeExplanation(
        file=tables.words.files[tables.charges.file[row]],
        line=line,
        record=_record(tables, row),
        charges=tables.rows,
        cases=tables.cases.person.size,
        policy=chosen.title,
        as_of=run.info["as_of"],
        outcome="Not decided by this policy" if outcome == NO_CANDIDATE else [*OUTCOMES.values()][outcome].text,
        reason=NO_RULE_HOLDS if place == NO_RULE else chosen.rules[place].reason,
        rule=None if place == NO_RULE else place + 1,
        first_eligible=None if first == NO_DAY else iso(first),
        missing=missing_words(int(decided.missing[row])),
        scope=_conditions(chosen.scope, evidence, row),
        rules=tuple(
            _rule(number, rule, evidence, state, row)
            for number, (rule, state) in enumerate(
                zip(chosen.rules, states(chosen, evidence, row), strict=True), start=1
            )
        ),
    )


def policy_of(run: ChargeRun, reference: str | None = None) -> ChargePolicy:
    """Return the policy of a run: as it was recorded, or from its file. reference: that file."""
    if reference is None:
        return recorded_policy(run)
    found = load_document(reference).policy(dict(run.info["policy"]["parameters"]))
    if found.digest() != run.info["policy_digest"]:
        raise RunError(
            f"{run.folder.url}: '{reference}' is another policy than the one that the run was decided by; leave it "
            "out, since the run has recorded its own"
        )
    return found


def _found(store: ChargeStore, file: str, line: int) -> tuple[Tables, int]:
    """Take the charges of the person whose record it is: (these, the row of the record among them)."""
    ids = _ids(store, file)
    named = [place for place, name in enumerate(store.words.files) if name in ids]
    for bucket in range(store.buckets):
        tables = store.tables(bucket)
        rows = np.flatnonzero((tables.charges.line == line) & np.isin(tables.charges.file, named))
        if rows.size:
            person = tables.charges.person[rows[:1]].astype(np.int64)
            return of_people(tables, person), int(rows[0] - tables.people.bounds[person[0]])
    raise RunError(f"{file}: no charge of the store begins on line {line}")


def _ids(store: ChargeStore, file: str) -> set[str]:
    """The id that charges have for a file, or for an extract of the store that they come from."""
    ids = store.words.files
    named = {entry.id for entry in store.manifest.read if entry.name == file}
    stem = file.partition(".")[0]
    for found in ({file} & {*ids}, named & {*ids}, {name for name in ids if name.startswith(stem)}):
        if len(found) > 1:
            raise RunError(f"'{file}' is {len(found)} files of the store: name one by its id, as decisions have it")
        if found:
            return found
    near = closest(file, [*(entry.name for entry in store.manifest.read), *ids])
    raise RunError(f"the store has no file '{file}'" + (f"; did you mean '{near}'?" if near else ""))


def _record(tables: Tables, row: int) -> dict[str, str]:
    charges, words = tables.charges, tables.words
    offense = words.offenses[charges.offense[row]] if charges.offense[row] != UNKNOWN else None
    found: dict[str, str] = {}
    if offense is not None:
        statute = f"{offense.code} {offense.section}{offense.subsection}".strip()
        found["statute"] = f"{offense.inchoate} of {statute}" if offense.inchoate else statute
        found["description"] = offense.description
    coded: dict[str, tuple[np.ndarray, tuple[str, ...]]] = {
        "level": (charges.level, words.levels),
        "class": (charges.severity, words.classes),
        "county": (charges.county, words.counties),
        "court": (charges.court, words.courts),
        "agency": (charges.agency, words.agencies),
    }
    found |= {name: texts[codes[row]] for name, (codes, texts) in coded.items() if codes[row] != UNKNOWN}
    found["disposition"] = Disposition(int(charges.disposition[row])).name.replace("_", " ").lower()
    found |= {name: iso(int(days)) for name in _DATES if (days := getattr(charges, name)[row]) != NO_DAY}
    if not np.isnan(charges.grams_to[row]):
        above, to = float(charges.grams_above[row]), float(charges.grams_to[row])
        found["grams"] = f"more than {above:g}" + (f", up to {to:g}" if np.isfinite(to) else "")
    return {name: text for name, text in found.items() if text}


def _conditions(conditions: Sequence[Condition], evidence: Evidence, row: int) -> tuple[ChargeConditionAnswer, ...]:
    return tuple(_condition(condition, evidence, row) for condition in conditions)


def _condition(condition: Condition, evidence: Evidence, row: int) -> ChargeConditionAnswer:
    answer = int(condition.ask(evidence)[row])
    words = {YES: HOLDS, NO: FAILS}.get(answer, NOT_KNOWN)
    lacks = int(condition.lacks(evidence, np.array([row]))[0]) if words == NOT_KNOWN else 0
    return ChargeConditionAnswer(condition.text, words, missing_words(lacks))


def _rule(number: int, rule: Rule, evidence: Evidence, state: str, row: int) -> ChargeRuleAnswer:
    conditions = _conditions(rule.conditions, evidence, row)
    waits = []
    for wait in rule.waits:
        ends = wait.ends(evidence, np.array([row]))
        low, high = int(ends.low[0]), int(ends.high[0])
        known = low == high
        waits.append(
            WaitAnswer(wait_words(wait), iso(high) if known and high not in (NEVER, EVER) else None, known)
        )
    cap = ""
    if rule.cap is not None:
        order = "oldest" if rule.cap.oldest else "newest"
        cap = f"at most {rule.cap.most} of a person, the {order} by {rule.cap.by} first"
    return ChargeRuleAnswer(
        number,
        rule.outcome.text,
        rule.reason,
        rule.law,
        state,
        conditions,
        tuple(waits),
        cap,
    )
