"""When a wait is over: a time behind a day, or behind the last of what starts it again."""

from typing import NamedTuple

from clearscale_kernels.arrays import Int8s, Int32s, Int64s
from clearscale_kernels.jit.compiler import inlined, kernel
from clearscale_kernels.people.calendar import civil, day_number

from .groups import EVER, NEVER, NO, UNSURE, YES, Parts, Spans

DAYS, MONTHS, YEARS = range(3)
"""Units of a wait."""

FIRST, KNOWN = -55_000, 110_000
"""The first day of a table, and how many it has: three centuries from 1819 on."""

_LATEST = 3_000_000
"""No day that is counted with lies farther from 1970."""


class Clock(NamedTuple):
    """How long a wait is.

    Attributes
    ----------
    length : int32, shape (2,)
        How many of DAYS, MONTHS or YEARS.
    table : int32, shape (KNOWN,)
        The day so much later, for each from FIRST on: counting a calendar is what would take the time.
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
    if FIRST <= day < FIRST + KNOWN:
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


class Room(NamedTuple):
    """Room for the events of the part with the most charges.

    Attributes
    ----------
    truths : int8, shape (most,)
    days : int32, shape (most,)
    """

    truths: Int8s
    days: Int32s


@inlined
def _in_order(begin: int, end: int, events: Events, missing: int, room: Room) -> int:
    """Put the part's events that have a day into the room, the earliest first; returns how many there are."""
    count = 0
    for k in range(begin, end):
        truth, day = events.truths[k], events.days[k]
        if truth == NO or day == missing:
            continue
        at = count
        while at > 0 and room.days[at - 1] > day:  # charges of a person are in order of their cases: seldom
            room.days[at], room.truths[at] = room.days[at - 1], room.truths[at - 1]
            at -= 1
        room.days[at], room.truths[at] = day, truth
        count += 1
    return count


@inlined
def _clear(start: int, clock: Clock, count: int, room: Room, least: int) -> int:
    """The first day that has so much time behind it, since a start, without an event that counts."""
    over = _later(start, clock)
    if start in (NEVER, EVER):
        return over
    for k in range(count):
        day = int(room.days[k])
        if day >= over:
            break
        if day > start and room.truths[k] >= least:
            start = day
            over = _later(start, clock)
    return over


class Starts(NamedTuple):
    """Charges that are asked, and from when on they wait.

    Attributes
    ----------
    rows : int64, shape (k,)
        Rising.
    low, high : int32, shape (k,)
        From when on, at least and at most. NEVER and EVER remain what they are.
    """

    rows: Int64s
    low: Int32s
    high: Int32s


@kernel
def clear(starts: Starts, clock: Clock, events: Events, missing: int, parts: Parts, room: Room, out: Spans) -> None:
    """When so much time has passed since a start, or since an event of the part behind it, without another.

    Once that much time has passed, what comes behind starts nothing again.

    Parameters
    ----------
    starts
    clock
    events
    missing
        The day that stands for one that is missing.
    parts
    room
        Written over.
    out
        Filled, for the charges that are asked; at most EVER where something may have started it on a day that is
        missing.
    """
    bounds, blind, rows = parts.bounds, parts.blind, starts.rows
    i = 0
    for p in range(bounds.size - 1):
        begin, end = bounds[p], bounds[p + 1]
        if i == rows.size:
            break
        if rows[i] >= end:
            continue
        lost, doubted = bool(blind[p]), False
        for k in range(begin, end):
            lost = lost or (events.truths[k] != NO and events.days[k] == missing)
            doubted = doubted or events.truths[k] == UNSURE
        count = _in_order(begin, end, events, missing, room)
        while i < rows.size and rows[i] < end:
            low, high = int(starts.low[i]), int(starts.high[i])
            out.low[i] = _clear(low, clock, count, room, YES)
            if lost and high != NEVER:
                out.high[i] = EVER
            elif low == high and not doubted:
                out.high[i] = out.low[i]
            else:
                out.high[i] = _clear(high, clock, count, room, UNSURE)
            i += 1
