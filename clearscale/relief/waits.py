"""Waits: from which day on a rule gives its relief."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np

from clearscale.charges.tables import NO_DAY
from clearscale_kernels.arrays import Int8s, Int32s, Int64s
from clearscale_kernels.relief import waiting
from clearscale_kernels.relief.groups import EVER, NEVER, NO, UNSURE, YES, Spans

from .evidence import PERSON, Evidence, empty_spans
from .questions import Group, Quantity, of_part, undated

UNITS = {"day": waiting.DAYS, "month": waiting.MONTHS, "year": waiting.YEARS}
"""Units of a wait by the words that policies write."""


@lru_cache(maxsize=64)
def clock_of(number: int, unit: int) -> waiting.Clock:
    """How long a wait is, as kernels take it."""
    clock = waiting.Clock(np.array([number, unit], np.int32), np.empty(waiting.KNOWN, np.int32))
    waiting.wind_up(clock)
    return clock


class Wait(Protocol):
    """Something that has to pass."""

    def ends(self, evidence: Evidence, rows: Int64s) -> Spans:
        """Find the first day behind it, of some charges, whose rows rise.

        NEVER where nothing has to pass, at most EVER where that is not known. Shapes (rows,).
        """

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """Say what is missing of some charges where that day is not known. Shape (rows,)."""


@dataclass(frozen=True)
class Until:
    """A day that has to come. day: a day number."""

    day: int

    def ends(self, evidence: Evidence, rows: Int64s) -> Spans:
        """As of `Wait`."""
        days = np.full(rows.size, self.day, np.int32)
        return Spans(days, days)

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Wait`."""
        return np.zeros(rows.size, np.int32)


@dataclass(frozen=True)
class Since:
    """A time since a date. unit: of UNITS' values. if_known: a date that is missing makes nobody wait."""

    number: int
    unit: int
    quantity: Quantity
    if_known: bool = False

    def starts(self, evidence: Evidence, rows: Int64s) -> Spans:
        """Find from which day on it counts, of some charges."""
        found: Spans = evidence.once(self.quantity, lambda: self.quantity.find(evidence))
        low, high = found.low[rows], found.high[rows]
        if self.if_known:
            # Of several dates, the latest that is known: its least.
            np.copyto(high, low, where=high == EVER)
        return Spans(low, high)

    def ends(self, evidence: Evidence, rows: Int64s) -> Spans:
        """As of `Wait`."""
        found = self.starts(evidence, rows)
        if self.number == 0:
            return found
        out, clock = empty_spans(rows.size), clock_of(self.number, self.unit)
        waiting.later(found.low, clock, out.low)
        waiting.later(found.high, clock, out.high)
        return out

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Wait`."""
        return self.quantity.lacks(evidence, rows)


@dataclass(frozen=True)
class Clear:
    """A time since a date that the person has passed without a charge of a group; each starts it again."""

    since: Since
    group: Group

    def ends(self, evidence: Evidence, rows: Int64s) -> Spans:
        """As of `Wait`."""
        out, clock = empty_spans(rows.size), clock_of(self.since.number, self.since.unit)
        whole = evidence.whole
        events = waiting.Events(self.group.members(whole), whole.dates("disposition_date"))
        starts = waiting.Starts(evidence.in_whole(rows), *self.since.starts(evidence, rows))
        most = int(np.diff(whole.parts(PERSON).bounds).max(initial=0))
        room = waiting.Room(np.empty(most, np.int8), np.empty(most, np.int32))
        waiting.clear(starts, clock, events, NO_DAY, whole.parts(PERSON), room, out)
        return out

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Wait`."""
        own = undated(self.group, "disposition_date", evidence)
        return self.since.lacks(evidence, rows) | of_part(own, PERSON, evidence, rows)


class Waited(NamedTuple):
    """Whether all waits are over (NO, UNSURE or YES), and the first day behind them, NEVER where nothing passes."""

    over: Int8s
    first: Int32s


def waited(waits: Sequence[Wait], rows: Int64s, evidence: Evidence) -> Waited:
    """Find whether waits of some charges are over on the as-of date; unsure where their end is not known."""
    low = np.full(rows.size, NEVER, np.int32)
    high = low.copy()
    for wait in waits:
        ends = wait.ends(evidence, rows)
        np.maximum(low, ends.low, out=low)
        np.maximum(high, ends.high, out=high)
    over = np.where(high <= evidence.as_of, np.int8(YES), np.where(low == high, np.int8(NO), np.int8(UNSURE)))
    return Waited(over, high)


def waits_lack(waits: Sequence[Wait], rows: Int64s, evidence: Evidence) -> Int32s:
    """Say what is missing of some charges where it is not known whether waits are over. Shape (rows,)."""
    found = np.zeros(rows.size, np.int32)
    for wait in waits:
        ends = wait.ends(evidence, rows)
        found |= np.where(ends.low != ends.high, wait.lacks(evidence, rows), np.int32(0))
    return found
