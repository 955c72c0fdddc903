"""Waits: from which day on a rule gives its relief."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from clearscale.charges.tables import NO_DAY
from clearscale_kernels.arrays import Bools, Int32s, Int64s
from clearscale_kernels.people import calendar
from clearscale_kernels.relief import settling, waiting
from clearscale_kernels.relief.groups import EVER, NEVER, Spans

from .evidence import PERSON, Evidence, empty_spans
from .questions import Group, Latest, Quantity, of_part

UNITS = {"day": waiting.DAYS, "month": waiting.MONTHS, "year": waiting.YEARS}
"""Units of a wait by the words that policies write."""


@lru_cache(maxsize=64)
def clock_of(number: int, unit: int) -> waiting.Clock:
    """How long a wait is, as kernels take it."""
    clock = waiting.Clock(np.array([number, unit], np.int32), np.empty(calendar.KNOWN, np.int32))
    waiting.wind_up(clock)
    return clock


class Wait(Protocol):
    """Something that has to pass."""

    @property
    def of_person(self) -> bool:
        """Whether it ends on the same day for all charges of a person."""

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

    @property
    def of_person(self) -> bool:
        """As of `Wait`."""
        return True

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

    @property
    def of_person(self) -> bool:
        """As of `Wait`."""
        return isinstance(self.quantity, Latest)

    def starts(self, evidence: Evidence, rows: Int64s) -> Spans:
        """Find from which day on it counts, of some charges."""
        found = self.quantity.find_of(evidence, rows)
        if not self.if_known:
            return found
        # Of several dates, the latest that is known: its least.
        return Spans(found.low, np.where(found.high == EVER, found.low, found.high))

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

    @property
    def of_person(self) -> bool:
        """As of `Wait`."""
        return self.since.of_person

    def ends(self, evidence: Evidence, rows: Int64s) -> Spans:
        """As of `Wait`."""
        out, clock = empty_spans(rows.size), clock_of(self.since.number, self.since.unit)
        starts = waiting.Starts(evidence.column(PERSON)[rows], *self.since.starts(evidence, rows))
        waiting.clear(starts, clock, lined_up(self.group, evidence), out)
        return out

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Wait`."""
        own = of_part(self.group, PERSON, evidence, rows, "disposition_date")
        return self.since.lacks(evidence, rows) | own


def lined_up(group: Group, evidence: Evidence) -> waiting.Line:
    """Charges of a group by person and the day of their disposition."""

    def find() -> waiting.Line:
        parts = evidence.parts(PERSON)
        people = parts.blind.size
        line = waiting.Line(
            np.empty(people + 1, np.int64),
            np.empty(evidence.rows, np.int8),
            np.empty(evidence.rows, np.int32),
            np.empty(people, np.bool_),
            np.empty(people, np.bool_),
        )
        events = waiting.Events(group.members(evidence), evidence.dates("disposition_date"))
        waiting.line_up(events, NO_DAY, parts, line)
        return line

    found: waiting.Line = evidence.once(("lined up", group), find)
    return found


def ends_of(waits: Sequence[Wait], rows: Int64s, evidence: Evidence) -> settling.Ends:
    """Find the days behind waits of some charges, as kernels take them.

    Those of waits that depend on the person alone are found once for each person.
    """
    of_person = tuple(wait for wait in waits if wait.of_person)
    own = [wait.ends(evidence, rows) for wait in waits if not wait.of_person]
    low, high = _latest(own, rows.size) if own else _NO_WAIT
    if not of_person:
        return settling.Ends(low, high, evidence.column(PERSON), *_NO_WAIT)

    def find() -> Spans:
        bounds = evidence.parts(PERSON).bounds
        some = np.flatnonzero(bounds[:-1] < bounds[1:])  # people with a charge
        found = Spans(*(np.full(bounds.size - 1, NEVER, np.int32) for _ in range(2)))
        firsts = bounds[some]
        ends = _latest([wait.ends(evidence, firsts) for wait in of_person], firsts.size)
        found.low[some], found.high[some] = ends.low, ends.high
        return found

    together: Spans = evidence.once(("together", of_person), find)
    return settling.Ends(low, high, evidence.column(PERSON), together.low, together.high)


_NO_WAIT = empty_spans(0)


def _latest(ends: Sequence[Spans], rows: int) -> Spans:
    """The day behind all of several waits, NEVER if there is none."""
    found = Spans(*(np.full(rows, NEVER, np.int32) for _ in range(2)))
    for end in ends:
        np.maximum(found.low, end.low, out=found.low)
        np.maximum(found.high, end.high, out=found.high)
    return found


def may_wait(ends: Sequence[Spans], rows: int, as_of: int) -> Bools:
    """Find of which charges it is not known whether waits are over on a day. Shape (rows,).

    ends: of each wait, see `Wait.ends`.
    """
    low, high = _latest(ends, rows)
    found: Bools = (high > as_of) & (low != high)
    return found
