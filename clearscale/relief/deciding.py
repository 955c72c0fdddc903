"""Deciding charges: rule by rule, over all charges of a bucket at once."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from clearscale.charges.tables import NO_DAY, Tables
from clearscale_kernels.arrays import Bools, Int8s, Int16s, Int32s, Int64s
from clearscale_kernels.relief import caps
from clearscale_kernels.relief.groups import NEVER, NO, UNSURE, YES, Spans

from .evidence import PERSON, Evidence
from .lacking import lacks_of
from .language import Cap, ChargePolicy, Rule
from .outcomes import NO_CANDIDATE, NOT_ELIGIBLE, NOT_YET, UNDECIDED, Outcome
from .questions import Condition, Count, all_hold
from .waits import waited

NO_RULE = -1
"""Rule of a charge that none decides: it is no candidate, or not eligible."""

NO_RULE_HOLDS = "No rule gives relief"
"""Reason of a candidate that no rule decides."""

_OPEN, _WAITING, _CLOSED = range(3)


@dataclass(frozen=True)
class Decisions:
    """What becomes of a bucket's charges: arrays of the shape (n,).

    Attributes
    ----------
    outcome
        Code of an outcome, `NO_CANDIDATE` of a charge that the policy does not decide.
    rule
        Place of the rule that decided, that could not be asked, or for which the charge waits; `NO_RULE`.
    first_eligible
        The first day on which the charge can have what the rule gives: past or today with relief, to come with
        `not-yet`. `NO_DAY` where nothing has to pass, or there is no relief.
    missing
        Bits of `Missing` of an undecided charge.
    unsure
        Whether it is not known that a charge that is no candidate is none.
    """

    outcome: Int8s
    rule: Int16s
    first_eligible: Int32s
    missing: Int32s
    unsure: Bools


class Decider:
    """Decides bucket after bucket, whose words are the same: offenses are held against lists once.

    Parameters
    ----------
    policy
        What is decided by.
    as_of
        Day number.
    """

    def __init__(self, policy: ChargePolicy, as_of: int) -> None:
        self.policy, self.as_of = policy, as_of
        self._lists = {each.name: each for each in policy.lists}
        self._found: tuple[object, dict[str, Int8s]] = (None, {})

    def decide(self, tables: Tables) -> Decisions:
        """Decide the charges of a bucket."""
        found = self._found
        if found[0] is not tables.words:
            # One assignment: threads that decide other charges meanwhile keep what they have found of theirs.
            self._found = found = (tables.words, {})
        evidence = Evidence(tables, self.as_of, self._lists, found[1])
        return Course(self.policy.scope, evidence, narrow=True).decisions(self.policy.rules)


def decide(tables: Tables, policy: ChargePolicy, as_of: int) -> Decisions:
    """Decide charges.

    Parameters
    ----------
    tables
        Charges of whole people.
    policy
        What is decided by.
    as_of
        Day number.

    Returns
    -------
    Decisions
        One for each charge. Those of a person depend on that person's charges alone.
    """
    return Decider(policy, as_of).decide(tables)


class Course:
    """Charges on their way through the rules.

    Parameters
    ----------
    scope
        Conditions: which of them are decided.
    evidence
        Of the charges.
    narrow
        Whether only charges that the policy decides are asked about, which takes less where only one policy asks.
        Otherwise rows are those of the evidence.
    """

    def __init__(self, scope: Sequence[Condition], evidence: Evidence, *, narrow: bool = False) -> None:
        holds = all_hold(scope, evidence)
        self.unsure: Bools = holds == UNSURE
        self.chosen: Int64s | None = None
        if narrow and not (holds == YES).all():
            self.chosen = np.flatnonzero(holds == YES)
            evidence = evidence.of_some(self.chosen)
            holds = holds[self.chosen]
        self.evidence = evidence
        rows = evidence.rows
        self.state = np.where(holds == YES, np.int8(_OPEN), np.int8(_CLOSED))
        self.outcome = np.where(holds == YES, np.int8(NOT_ELIGIBLE.code), np.int8(NO_CANDIDATE))
        self.rule = np.full(rows, NO_RULE, np.int16)
        self.first = np.full(rows, NO_DAY, np.int32)
        self.used: dict[str, Int32s] = {}
        self.undecided: dict[int, Int64s] = {}

    def forked(self) -> "Course":
        """The same charges as far as they have come, to go on by other rules."""
        other = copy(self)
        for name in ("state", "outcome", "rule", "first"):
            setattr(other, name, getattr(self, name).copy())
        other.used = {name: taken.copy() for name, taken in self.used.items()}
        other.undecided = dict(self.undecided)
        return other

    @property
    def closed(self) -> Bools:
        """Which charges no rule changes any more. Shape (n,)."""
        found: Bools = self.state == _CLOSED
        return found

    @property
    def ended(self) -> bool:
        """Whether no rule changes anything any more."""
        return bool(self.closed.all())

    def waits(self, row: int) -> bool:
        """Whether a charge waits for the relief of a rule that was asked."""
        return bool(self.state[row] == _WAITING)

    def decisions(self, rules: tuple[Rule, ...]) -> Decisions:
        """Ask all rules, and return what they decide."""
        for place, rule in enumerate(rules):
            if self.ended:
                break
            self.ask(place, rule)
        missing = np.zeros(self.evidence.rows, np.int32)
        for place, lacks in lacks_of(self.undecided, rules, self.evidence).items():
            missing[self.undecided[place]] = lacks
        return Decisions(
            self._of_all(self.outcome, NO_CANDIDATE),
            self._of_all(self.rule, NO_RULE),
            self._of_all(self.first, NO_DAY),
            self._of_all(missing, 0),
            self.unsure,
        )

    def _of_all(self, values: Any, others: int) -> Any:
        """What the bucket's charges have, and others have where the policy does not decide."""
        if self.chosen is None:
            return values
        found = np.full(self.unsure.size, others, values.dtype)
        found[self.chosen] = values
        return found

    def ask(self, place: int, rule: Rule) -> None:
        """Ask the next rule. place: its place in the policy, from 0."""
        evidence = self.evidence
        holds = all_hold(rule.conditions, evidence)
        rows = np.flatnonzero((holds != NO) & (self.state != _CLOSED))
        if not rows.size:
            return
        open_ = self.state[rows] == _OPEN
        over, first = waited(rule.waits, rows, evidence)
        sure = (holds[rows] == YES) & (over != UNSURE)
        now, later = sure & (over == YES), sure & (over == NO)
        unsure = ~sure & open_ & (not rule.unknown_is_no)
        if rule.cap is not None:
            days = np.where(later, first, np.int32(evidence.as_of))
            capped = self._places(rule.cap, rows, now | later | unsure, days)
            now, later, unsure = now & capped.got, later & capped.got, unsure & capped.got
            unsure |= (now | later) & capped.unsure & open_ & (not rule.unknown_is_no)
            now, later = now & ~capped.unsure, later & ~capped.unsure
        if not rule.outcome.relief:
            now &= open_
        self._give(rows[now], rule.outcome, place, first[now])
        waits = later & (open_ | (first < self.first[rows]))
        self._note(rows[waits], place, first[waits])
        self._close(rows[unsure], place)

    def _give(self, rows: Int64s, outcome: Outcome, place: int, first: Int32s) -> None:
        self.outcome[rows], self.rule[rows], self.state[rows] = outcome.code, place, _CLOSED
        self.first[rows] = np.where(first == NEVER, np.int32(NO_DAY), first) if outcome.relief else NO_DAY

    def _note(self, rows: Int64s, place: int, first: Int32s) -> None:
        self.outcome[rows], self.rule[rows], self.state[rows] = NOT_YET.code, place, _WAITING
        self.first[rows] = first

    def _close(self, rows: Int64s, place: int) -> None:
        if rows.size:
            self.outcome[rows], self.rule[rows], self.state[rows] = UNDECIDED.code, place, _CLOSED
            self.undecided[place] = rows

    def _places(self, cap: Cap, rows: Int64s, wanted: Bools, first: Int32s) -> "_Capped":
        """Give places under a cap, in the order of the days from which charges can have them, then of their age."""
        evidence, whole, parts = self.evidence, self.evidence.whole, self.evidence.parts(PERSON)
        rows = evidence.in_whole(rows)
        unsure = whole.blind
        if cap.already is not None:
            count = Count(PERSON, cap.already)
            already: Spans = whole.once(count, lambda: count.find(whole))
            unsure = already.low != already.high
        if cap.name not in self.used:
            taken = np.zeros(parts.blind.size, np.int32)
            if cap.already is not None:
                filled = parts.bounds[:-1] < parts.bounds[1:]
                taken[filled] = already.low[parts.bounds[:-1][filled]]
            self.used[cap.name] = taken
        dates = whole.dates(cap.by)
        claims = caps.Claims(
            np.zeros(whole.rows, np.bool_), np.zeros(whole.rows, np.int32), dates if cap.oldest else -dates
        )
        claims.wanted[rows], claims.first[rows] = wanted, first
        got = np.empty(whole.rows, np.bool_)
        caps.allot(claims, parts.bounds, cap.most, self.used[cap.name], got)
        return _Capped(got[rows], unsure[rows])


class _Capped(NamedTuple):
    """Which of the rows got a place, and of whom it is not known how many are taken."""

    got: Bools
    unsure: Bools
