"""When a wait is over: a time behind a day, or behind the last of what starts it again."""

from clearscale_kernels.arrays import Int8s, Int32s
from clearscale_kernels.jit.compiler import inlined, kernel
from clearscale_kernels.people.calendar import civil, day_number

from .groups import EVER, NEVER, NO, UNSURE, YES, Parts, Spans

DAYS, MONTHS, YEARS = range(3)
"""Units of a wait."""

_LATEST = 3_000_000
"""No day that is counted with lies farther from 1970."""


@inlined
def _later(day: int, number: int, unit: int) -> int:
    """The day so much later; what a month lacks at its end is the first of the next. NEVER and EVER remain."""
    if day in (NEVER, EVER):
        return day
    if unit == DAYS:
        return min(day + number, _LATEST)
    year, month, day_of_month = civil(day)
    months = month - 1 + (number * 12 if unit == YEARS else number)
    year, month = year + months // 12, months % 12 + 1
    found = day_number(year, month, day_of_month)
    if civil(found)[1] != month:
        found = day_number(year + month // 12, month % 12 + 1, 1)
    return min(found, _LATEST)


@kernel
def later(days: Int32s, number: int, unit: int, out: Int32s) -> None:
    """Each day, so much later.

    Parameters
    ----------
    days : shape (n,)
        NEVER and EVER remain what they are.
    number, unit
        How many DAYS, MONTHS or YEARS.
    out : shape (n,)
        Filled.
    """
    for i in range(days.size):
        out[i] = _later(int(days[i]), number, unit)


@inlined
def _clear(start: int, number: int, unit: int, days: Int32s, counts: Int8s, least: int) -> int:
    """The first day that has so much time behind it without a day that counts, from a start on."""
    end = _later(start, number, unit)
    if start in (NEVER, EVER):
        return end
    moved = True
    while moved:
        moved = False
        next_one = end
        for k in range(days.size):
            if counts[k] >= least and start < days[k] < next_one:
                next_one = days[k]
                moved = True
        if moved:
            start = next_one
            end = _later(start, number, unit)
    return end


@kernel
def clear(starts: Int32s, clock: Int32s, truths: Int8s, days: Int32s, parts: Parts, out: Spans) -> None:
    """When so much time has passed since a start, or since a charge of the group behind it, without another.

    Once that much time has passed, what comes behind starts nothing again.

    Parameters
    ----------
    starts : shape (n,)
        NEVER and EVER remain what they are.
    clock : shape (3,)
        How many, of DAYS, MONTHS or YEARS, and the day that stands for one that is missing.
    truths : shape (n,)
        Which charges of the part start it again: NO, UNSURE or YES.
    days : shape (n,)
        On which day.
    parts
    out
        Filled; at most EVER where something may have started it on a day that is missing.
    """
    bounds, blind = parts.bounds, parts.blind
    number, unit, missing = int(clock[0]), int(clock[1]), int(clock[2])
    for p in range(bounds.size - 1):
        begin, end = bounds[p], bounds[p + 1]
        lost = bool(blind[p])
        for k in range(begin, end):
            lost = lost or (truths[k] != NO and days[k] == missing)
        for i in range(begin, end):
            start = int(starts[i])
            out.low[i] = _clear(start, number, unit, days[begin:end], truths[begin:end], YES)
            if lost and start != NEVER:
                out.high[i] = EVER
            else:
                out.high[i] = _clear(start, number, unit, days[begin:end], truths[begin:end], UNSURE)
