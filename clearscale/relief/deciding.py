"""Deciding charges: rule by rule, over all charges of a bucket at once."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from clearscale.charges.tables import NO_DAY, Tables
from clearscale_kernels.arrays import Bools, Int8s, Int16s, Int32s
from clearscale_kernels.relief import caps
from clearscale_kernels.relief.groups import NEVER, NO, UNSURE, YES, Spans

from .evidence import PERSON, Evidence
from .language import Cap, ChargePolicy, Rule
from .missing import Missing
from .outcomes import NO_CANDIDATE, NOT_ELIGIBLE, NOT_YET, UNDECIDED, Outcome
from .questions import Count, all_hold, all_lack
from .waits import waited, waits_lack

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
    untold
        Facts that no record of these tells, of `facts.UNTOLD`: they are not known of anybody.
    """

    def __init__(self, policy: ChargePolicy, as_of: int, untold: Collection[str] = ()) -> None:
        self.policy, self.as_of, self.untold = policy, as_of, untold
        self._lists = {each.name: each for each in policy.lists}
        self._words: object = None
        self._on_lists: dict[str, Int8s] = {}

    def decide(self, tables: Tables) -> Decisions:
        """Decide the charges of a bucket."""
        if self._words is not tables.words:
            self._words, self._on_lists = tables.words, {}
        evidence = Evidence(tables, self.as_of, self._lists, self.untold, self._on_lists)
        return _Bucket(self.policy, evidence).decisions()


def decide(tables: Tables, policy: ChargePolicy, as_of: int, untold: Collection[str] = ()) -> Decisions:
    """Decide charges.

    Parameters
    ----------
    tables
        Charges of whole people.
    policy
        What is decided by.
    as_of
        Day number.
    untold
        Facts that no record of these tells, such as `registered`: they are not known of anybody.

    Returns
    -------
    Decisions
        One for each charge. Those of a person depend on that person's charges alone.
    """
    return Decider(policy, as_of, untold).decide(tables)


class _Bucket:
    """Charges on their way through the rules."""

    def __init__(self, policy: ChargePolicy, evidence: Evidence) -> None:
        self.policy, self.evidence = policy, evidence
        rows = evidence.rows
        scope = all_hold(policy.scope, evidence)
        self.unsure: Bools = scope == UNSURE
        self.state = np.where(scope == YES, np.int8(_OPEN), np.int8(_CLOSED))
        self.outcome = np.where(scope == YES, np.int8(NOT_ELIGIBLE.code), np.int8(NO_CANDIDATE))
        self.rule = np.full(rows, NO_RULE, np.int16)
        self.first = np.full(rows, NO_DAY, np.int32)
        self.missing = np.zeros(rows, np.int32)
        self.used: dict[str, Int32s] = {}

    def decisions(self) -> Decisions:
        for place, rule in enumerate(self.policy.rules):
            if not (self.state != _CLOSED).any():
                break
            self._apply(place, rule)
        return Decisions(self.outcome, self.rule, self.first, self.missing, self.unsure)

    def _apply(self, place: int, rule: Rule) -> None:
        evidence = self.evidence
        holds = all_hold(rule.conditions, evidence)
        holds[self.state == _CLOSED] = NO
        over, first = waited(rule.waits, evidence)
        sure = (holds == YES) & (over != UNSURE)
        unsure = (holds != NO) & ~sure & (self.state == _OPEN)
        if rule.unknown_is_no:
            unsure[:] = False
        now, later = sure & (over == YES), sure & (over == NO)
        capped = None
        if rule.cap is not None:
            capped = self._places(rule.cap, now | later | unsure, np.where(later, first, np.int32(evidence.as_of)))
            now, later, unsure = now & capped.got, later & capped.got, unsure & capped.got
            if not rule.unknown_is_no:
                unsure |= (now | later) & capped.unsure & (self.state == _OPEN)
            now, later = now & ~capped.unsure, later & ~capped.unsure
        if not rule.outcome.relief:
            now &= self.state == _OPEN
        self._give(now, rule.outcome, place, np.where(first == NEVER, np.int32(NO_DAY), first))
        self._note(later & ((self.state == _OPEN) | (first < self.first)), place, first)
        self._close(unsure & (self.state == _OPEN), place, rule, capped)

    def _give(self, now: Bools, outcome: Outcome, place: int, first: Int32s) -> None:
        self.outcome[now], self.rule[now], self.state[now] = outcome.code, place, _CLOSED
        self.first[now] = first[now] if outcome.relief else NO_DAY

    def _note(self, waits: Bools, place: int, first: Int32s) -> None:
        self.outcome[waits], self.rule[waits], self.state[waits] = NOT_YET.code, place, _WAITING
        self.first[waits] = first[waits]

    def _close(self, unsure: Bools, place: int, rule: Rule, capped: "_Capped | None") -> None:
        if not unsure.any():
            return
        evidence = self.evidence
        lacks = all_lack(rule.conditions, evidence)
        may_wait = waited(rule.waits, evidence).over == UNSURE
        lacks |= np.where(may_wait, waits_lack(rule.waits, evidence), np.int32(0))
        if capped is not None:
            lacks |= capped.lacks
        self.outcome[unsure], self.rule[unsure], self.state[unsure] = UNDECIDED.code, place, _CLOSED
        self.missing[unsure] = lacks[unsure]

    def _places(self, cap: Cap, wanted: Bools, first: Int32s) -> "_Capped":
        """Give places under a cap, in the order of the days from which charges can have them, then of their age."""
        evidence, parts = self.evidence, self.evidence.parts(PERSON)
        unsure, lacks = evidence.blind, np.where(evidence.blind, np.int32(Missing.PERSON), np.int32(0))
        if cap.already is not None:
            count = Count(PERSON, cap.already)
            already: Spans = evidence.once(count, lambda: count.find(evidence))
            unsure = already.low != already.high
            lacks = np.where(unsure, count.lacks(evidence), np.int32(0))
        if cap.name not in self.used:
            taken = np.zeros(parts.blind.size, np.int32)
            if cap.already is not None:
                filled = parts.bounds[:-1] < parts.bounds[1:]
                taken[filled] = already.low[parts.bounds[:-1][filled]]
            self.used[cap.name] = taken
        order = evidence.dates(cap.by)
        got = np.empty(evidence.rows, np.bool_)
        claims = caps.Claims(wanted, first, order if cap.oldest else -order)
        caps.allot(claims, parts.bounds, cap.most, self.used[cap.name], got)
        return _Capped(got, unsure, lacks)


class _Capped(NamedTuple):
    """Which charges got a place, whose places are not known, and what is missing there."""

    got: Bools
    unsure: Bools
    lacks: Int32s
