"""When a wait is over: a time behind a day, or behind the last of what starts it again."""

from typing import NamedTuple

from clearscale_kernels.arrays import Bools, Int8s, Int32s, Int64s
from clearscale_kernels.jit.compiler import inlined, kernel
from clearscale_kernels.people.calendar import FIRST, civil, day_number

from .groups import EVER, NEVER, NO, UNSURE, YES, Parts, Spans

DAYS, MONTHS, YEARS = range(3)
"""Units of a wait."""

_LATEST = 3_000_000
"""No day that is counted with lies farther from 1970."""


class Clock(NamedTuple):
    """How long a wait is.

    Attributes
    ----------
    length : int32, shape (2,)
        How many of DAYS, MONTHS or YEARS.
    table : int32, shape (days,)
        The day so much later, for each from `calendar.FIRST` on: a calendar is what would take the time.
    """

    length: Int32s
    table: Int32s


@inlined
def _counted(day: int, number: int, unit: int) -> int:
    """The day so much later; what a month lacks at its end is the first of the next."""
    if unit == DAYS:
        return min(day + number, _LATEST)
    year, month, day_of_month = civil(day)
    months = month - 1 + (number * 12 if unit == YEARS else number)
    year, month = year + months // 12, months % 12 + 1
    found = day_number(year, month, day_of_month)
    if civil(found)[1] != month:
        found = day_number(year + month // 12, month % 12 + 1, 1)
    return min(found, _LATEST)


@inlined
def _later(day: int, clock: Clock) -> int:
    """The same; NEVER and EVER remain what they are."""
    if FIRST <= day < FIRST + clock.table.size:
        return int(clock.table[day - FIRST])
    if day in (NEVER, EVER):
        return day
    return _counted(day, clock.length[0], clock.length[1])


@kernel
def wind_up(clock: Clock) -> None:
    """Fill the table of a clock.

    Parameters
    ----------
    clock
        Its table is filled.
    """
    for k in range(clock.table.size):
        clock.table[k] = _counted(FIRST + k, clock.length[0], clock.length[1])


@kernel
def later(days: Int32s, clock: Clock, out: Int32s) -> None:
    """Each day, so much later.

    Parameters
    ----------
    days : shape (n,)
        NEVER and EVER remain what they are.
    clock
    out : shape (n,)
        Filled.
    """
    for i in range(days.size):
        out[i] = _later(int(days[i]), clock)


class Events(NamedTuple):
    """Charges that start a wait again.

    Attributes
    ----------
    truths : int8, shape (n,)
        Whether each does: NO, UNSURE or YES.
    days : int32, shape (n,)
        On which day.
    """

    truths: Int8s
    days: Int32s


class Line(NamedTuple):
    """The events of each part in order: what a wait is held against.

    Attributes
    ----------
    bounds : int64, shape (parts + 1,)
        Events of part p are bounds[p] to bounds[p + 1].
    truths : int8, shape (n,)
        Room for as many as there are charges.
    days : int32, shape (n,)
        Rising in a part.
    lost : bool, shape (parts,)
        Whether the part may have an event on a day that is missing.
    doubted : bool, shape (parts,)
        Whether it is not known of some event whether it is one.
    """

    bounds: Int64s
    truths: Int8s
    days: Int32s
    lost: Bools
    doubted: Bools


@kernel
def line_up(events: Events, missing: int, parts: Parts, out: Line) -> None:
    """Put the events of each part in order.

    Parameters
    ----------
    events
    missing
        The day that stands for one that is missing.
    parts
    out
        Filled.
    """
    count = 0
    for p in range(parts.bounds.size - 1):
        out.bounds[p] = first = count
        lost, doubted = bool(parts.blind[p]), False
        for k in range(parts.bounds[p], parts.bounds[p + 1]):
            truth, day = events.truths[k], events.days[k]
            if truth == NO:
                continue
            doubted = doubted or truth == UNSURE
            if day == missing:
                lost = True
                continue
            at = count
            while at > first and out.days[at - 1] > day:  # charges of a person are in order of their cases: seldom
                out.days[at], out.truths[at] = out.days[at - 1], out.truths[at - 1]
                at -= 1
            out.days[at], out.truths[at] = day, truth
            count += 1
        out.lost[p], out.doubted[p] = lost, doubted
    out.bounds[parts.bounds.size - 1] = count


class Starts(NamedTuple):
    """Charges, and from when on they wait.

    Attributes
    ----------
    parts : int32, shape (n,)
        The part of each.
    low, high : int32, shape (n,)
        From when on, at least and at most. NEVER and EVER remain what they are.
    """

    parts: Int32s
    low: Int32s
    high: Int32s


@inlined
def _clear(start: int, clock: Clock, part: int, line: Line, least: int) -> int:
    """The first day that has so much time behind it, since a start, without an event that counts."""
    over = _later(start, clock)
    if start in (NEVER, EVER):
        return over
    for k in range(line.bounds[part], line.bounds[part + 1]):
        day = int(line.days[k])
        if day >= over:
            break
        if day > start and line.truths[k] >= least:
            start = day
            over = _later(start, clock)
    return over


@kernel
def clear(starts: Starts, clock: Clock, line: Line, out: Spans) -> None:
    """When so much time has passed since a start, or since an event of the part behind it, without another.

    Once that much time has passed, what comes behind starts nothing again.

    Parameters
    ----------
    starts
    clock
    line
    out
        Filled; at most EVER where something may have started it on a day that is missing.
    """
    for i in range(starts.parts.size):
        part, low, high = int(starts.parts[i]), int(starts.low[i]), int(starts.high[i])
        out.low[i] = _clear(low, clock, part, line, YES)
        if line.lost[part] and high != NEVER:
            out.high[i] = EVER
        elif low == high and not line.doubted[part]:
            out.high[i] = out.low[i]
        else:
            out.high[i] = _clear(high, clock, part, line, UNSURE)
