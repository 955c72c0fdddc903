"""Deciding charges: rule by rule, over all charges of a bucket at once."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from clearscale.charges.tables import NO_DAY, Tables
from clearscale_kernels.arrays import Bools, Int8s, Int16s, Int32s, Int64s
from clearscale_kernels.relief import caps, settling
from clearscale_kernels.relief.groups import UNSURE, YES, Spans

from .evidence import PERSON, Evidence
from .lacking import lacks_of
from .language import Cap, ChargePolicy, Rule
from .outcomes import NO_CANDIDATE, NOT_ELIGIBLE, NOT_YET, UNDECIDED
from .questions import Condition, Count, all_hold
from .waits import ends_of

NO_RULE = -1
"""Rule of a charge that none decides: it is no candidate, or not eligible."""

NO_RULE_HOLDS = "No rule gives relief"
"""Reason of a candidate that no rule decides."""


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
        self._lists = {listed.name: listed for listed in policy.lists}
        self._found: tuple[object, dict[str, Int8s]] = (None, {})

    def decide(self, tables: Tables) -> Decisions:
        """Decide the charges of a bucket."""
        found = self._found
        if found[0] is not tables.words:
            # One assignment: threads that decide other charges meanwhile keep what they have found of theirs.
            self._found = found = (tables.words, {})
        evidence = Evidence(tables, self.as_of, self._lists, found[1])
        return Course(self.policy.scope, evidence).decisions(self.policy.rules)


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
    """

    def __init__(self, scope: Sequence[Condition], evidence: Evidence) -> None:
        holds = all_hold(scope, evidence)
        self.unsure: Bools = holds == UNSURE
        self.evidence = evidence
        rows = evidence.rows
        chosen = np.flatnonzero(holds == YES)
        self._left = settling.Left(chosen, np.array([chosen.size]))
        self._standing = settling.Standing(
            state=np.full(rows, settling.CLOSED, np.int8),
            outcome=np.full(rows, NO_CANDIDATE, np.int8),
            rule=np.full(rows, NO_RULE, np.int16),
            first=np.full(rows, NO_DAY, np.int32),
        )
        self._standing.state[chosen], self._standing.outcome[chosen] = settling.OPEN, NOT_ELIGIBLE.code
        self._used: dict[str, Int32s] = {}
        self._untold: dict[int, Int64s] = {}

    def forked(self) -> "Course":
        """The same charges as far as they have come, to go on by other rules."""
        other = copy(self)
        standing = self._standing
        other._standing = settling.Standing(
            standing.state.copy(), standing.outcome.copy(), standing.rule.copy(), standing.first.copy()
        )
        other._left = settling.Left(self._left.rows.copy(), self._left.number.copy())
        other._used = {name: taken.copy() for name, taken in self._used.items()}
        other._untold = dict(self._untold)
        return other

    @property
    def outcome(self) -> Int8s:
        """What has become of the charges so far, see `Decisions`. Shape (n,)."""
        return self._standing.outcome

    @property
    def rule(self) -> Int16s:
        """By which rule. Shape (n,)."""
        return self._standing.rule

    @property
    def closed(self) -> Bools:
        """Which charges no rule changes any more. Shape (n,)."""
        found: Bools = self._standing.state == settling.CLOSED
        return found

    @property
    def ended(self) -> bool:
        """Whether no rule changes anything any more."""
        return bool(self.closed.all())

    def waits(self, row: int) -> bool:
        """Whether a charge waits for the relief of a rule that was asked."""
        return bool(self._standing.state[row] == settling.WAITING)

    def says(self, rule: Rule, row: int) -> int:
        """What a rule, but for its cap, says of a charge that none has closed; see `settling`."""
        asked = self._asked(rule)
        return int(asked.verdicts.verdict[np.searchsorted(asked.rows, row)])

    def decisions(self, rules: tuple[Rule, ...]) -> Decisions:
        """Ask all rules, and return what they decide."""
        for place, rule in enumerate(rules):
            if self.ended:
                break
            self.ask(place, rule)
        missing = np.zeros(self.evidence.rows, np.int32)
        for place, rows in self._untold.items():
            missing[rows] = lacks_of(rules[place], self.evidence, rows)
        standing = self._standing
        return Decisions(standing.outcome, standing.rule, standing.first, missing, self.unsure)

    def ask(self, place: int, rule: Rule) -> None:
        """Ask the next rule. place: its place in the policy, from 0."""
        asked = self._asked(rule)
        if not asked.rows.size:
            return
        if rule.cap is not None:
            self._keep_to(rule.cap, asked, rule)
        given = settling.Given(
            np.array([rule.outcome.code, NOT_YET.code, UNDECIDED.code], np.int32),
            np.array([place, rule.outcome.relief, NO_DAY], np.int32),
        )
        untold = np.empty(asked.rows.size, np.int64)
        count = settling.settle(asked.rows, asked.verdicts, given, self._standing, untold)
        if count:
            self._untold[place] = untold[:count].copy()

    def _asked(self, rule: Rule) -> "_Asked":
        """Ask a rule, but for its cap, about the charges that none before it has closed."""
        evidence, state = self.evidence, self._standing.state
        holds = all_hold(rule.conditions, evidence)
        rows = np.empty(self._left.number[0], np.int64)
        rows = rows[: settling.asked(holds, state, self._left, rows)]
        verdicts = settling.Verdicts(np.empty(rows.size, np.int8), np.empty(rows.size, np.int32))
        ends = ends_of(rule.waits, rows, evidence)
        settling.judge(rows, holds, state, ends, evidence.as_of, int(not rule.unknown_is_no), verdicts)
        return _Asked(rows, verdicts)

    def _keep_to(self, cap: Cap, asked: "_Asked", rule: Rule) -> None:
        """Have a rule say nothing of charges that get no place under its cap."""
        verdict, first = asked.verdicts
        days = np.where(verdict == settling.LATER, first, np.int32(self.evidence.as_of))
        capped = self._places(cap, asked.rows, verdict != settling.NOTHING, days)
        verdict[~capped.got] = settling.NOTHING
        told = (verdict == settling.NOW) | (verdict == settling.LATER)
        closes = (self._standing.state[asked.rows] == settling.OPEN) & (not rule.unknown_is_no)
        verdict[told & capped.unsure] = settling.NOTHING
        verdict[told & capped.unsure & closes] = settling.UNTOLD

    def _places(self, cap: Cap, rows: Int64s, wanted: Bools, first: Int32s) -> "_Capped":
        """Give places under a cap, in the order of the days from which charges can have them, then of their age."""
        evidence, parts = self.evidence, self.evidence.parts(PERSON)
        unsure = evidence.blind
        if cap.already is not None:
            count = Count(PERSON, cap.already)
            already: Spans = evidence.once(count, lambda: count.find(evidence))
            unsure = already.low != already.high
        if cap.name not in self._used:
            taken = np.zeros(parts.blind.size, np.int32)
            if cap.already is not None:
                filled = parts.bounds[:-1] < parts.bounds[1:]
                taken[filled] = already.low[parts.bounds[:-1][filled]]
            self._used[cap.name] = taken
        dates = evidence.dates(cap.by)
        claims = caps.Claims(
            np.zeros(evidence.rows, np.bool_), np.zeros(evidence.rows, np.int32), dates if cap.oldest else -dates
        )
        claims.wanted[rows], claims.first[rows] = wanted, first
        got = np.empty(evidence.rows, np.bool_)
        caps.allot(claims, parts.bounds, cap.most, self._used[cap.name], got)
        return _Capped(got[rows], unsure[rows])


class _Asked(NamedTuple):
    """Charges that a rule is asked about: their rows, and what it says of them."""

    rows: Int64s
    verdicts: settling.Verdicts


class _Capped(NamedTuple):
    """Which of the rows got a place, and of whom it is not known how many are taken."""

    got: Bools
    unsure: Bools
