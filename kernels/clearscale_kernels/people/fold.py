"""The fold: a person's rows in, convictions and what the law can ask of the person out."""

from typing import NamedTuple

from clearscale_kernels import flag
from clearscale_kernels.arrays import Int8s, Int16s, Int32s, Int64s
from clearscale_kernels.jit.compiler import inlined, kernel

from .calendar import NO_DATE

_CONVICTED = flag.CONVICTED
_PERSON_BITS = flag.DECEASED | flag.REGISTERED | flag.NEAR_PROP64 | flag.NO_DISPOSITION
_LATER_BITS = flag.SET_ASIDE | flag.REDUCED | flag.CLEARED
_PROP64_IN_CYCLE = flag.PROP64_IN_CYCLE
_NO_EVENT_DATE = flag.NO_EVENT_DATE
_ANY_NO_EVENT_DATE = flag.ANY_NO_EVENT_DATE
_EARLIEST_END = 2 * NO_DATE
_LATEST_END = 2 * flag.LAST_DAY


@inlined
def free_slot(key: int, stamp: int, keys: Int32s, stamps: Int32s) -> int:
    """Slot of `key` in an open-addressed table, or the free one where it belongs. keys, stamps: shape (2^k,).

    An entry counts only when it bears the current stamp, so nothing is cleared between histories.
    """
    mask = keys.size - 1
    slot = ((int(key) * 0x9E3779B1) >> 7) & mask
    while stamps[slot] == stamp and keys[slot] != key:
        slot = (slot + 1) & mask
    return slot


@inlined
def _saturate(half_days: int) -> int:
    return max(_EARLIEST_END, min(_LATEST_END, half_days))


def table_size(longest_history: int) -> int:
    """Size of the tables that `fold` needs: a power of two of at least twice the longest history's rows."""
    size = 16
    while size < 2 * longest_history:
        size *= 2
    return size


class HistoryRows(NamedTuple):
    """Rows of histories: those of a history together, in file order.

    Attributes
    ----------
    event_dates : int32, shape (n,)
        Day numbers.
    flags : int16, shape (n,)
        Bits of `flag`.
    offenses, count_orders : int32, shape (n,)
        Codes.
    sentences : int32, shape (n,)
        Parts of a sentence in half days.
    """

    event_dates: Int32s
    flags: Int16s
    offenses: Int32s
    count_orders: Int32s
    sentences: Int32s


class Codes(NamedTuple):
    """What the codes of rows stand for.

    Attributes
    ----------
    sections : int8, shape (offenses,)
        Place of the leftmost of the sections that relief is for, negative if the offense names none.
    cycles : int32, shape (count orders,)
        Negative where the count order is too short to name one.
    """

    sections: Int8s
    cycles: Int32s


class FoldedConvictions(NamedTuple):
    """Convictions, at most one a convicted row. Filled up to their number.

    Attributes
    ----------
    rows : int32, shape (c,)
        Index of the row.
    flags : int16, shape (c,)
        Bits of `flag`.
    sentence_ends : int32, shape (c,)
        Half days since 1970-01-01, cut to 9999-12-31.
    """

    rows: Int32s
    flags: Int16s
    sentence_ends: Int32s


class FoldedHistories(NamedTuple):
    """Histories, one a person. Filled.

    Attributes
    ----------
    bounds : int64, shape (h + 1,)
        The first conviction of each history, and the past-last of the last.
    flags : int16, shape (h,)
        Bits of `flag`.
    sections : int32, shape (h, 4)
        Added to: convictions by section.
    latest_dates : int32, shape (h,)
        Day number of the latest conviction, `NO_DATE` if none has a date.
    """

    bounds: Int64s
    flags: Int16s
    sections: Int32s
    latest_dates: Int32s


@kernel
def fold(
    bounds: Int64s,
    rows: HistoryRows,
    codes: Codes,
    tables: Int32s,
    out_convictions: FoldedConvictions,
    out_histories: FoldedHistories,
) -> int:
    """Fold the rows of histories into convictions.

    The first convicted row with a count order is a conviction; later convicted rows with it only add their
    sentence part.

    Parameters
    ----------
    bounds : shape (h + 1,)
        The first row of each history, and the past-last of the last.
    rows
    codes
    tables : shape (5, `table_size(longest history)`)
        Scratch: zeros.
    out_convictions
        Filled.
    out_histories
        Filled.

    Returns
    -------
    int
        The number of convictions.
    """
    event_dates, flags, offenses = rows.event_dates, rows.flags, rows.offenses
    count_orders, sentences = rows.count_orders, rows.sentences
    section_of_offense, cycle_of_order = codes.sections, codes.cycles
    conviction_rows, conviction_flags = out_convictions.rows, out_convictions.flags
    sentence_ends = out_convictions.sentence_ends
    history_bounds, history_flags = out_histories.bounds, out_histories.flags
    history_sections, latest_dates = out_histories.sections, out_histories.latest_dates
    found = 0
    for h in range(bounds.size - 1):
        stamp = h + 1
        first = found
        history_bounds[h] = found
        person = 0
        latest = NO_DATE
        for i in range(bounds[h], bounds[h + 1]):
            bits = int(flags[i])
            person |= bits & _PERSON_BITS
            order = count_orders[i]
            section = section_of_offense[offenses[i]]
            cycle = cycle_of_order[order]
            if section >= 0 and cycle >= 0:
                slot = free_slot(cycle, stamp, tables[3], tables[4])
                tables[3, slot] = cycle
                tables[4, slot] = stamp
            if not bits & (_CONVICTED | _LATER_BITS):
                continue
            slot = free_slot(order, stamp, tables[0], tables[1])
            if tables[1, slot] == stamp:
                seen = tables[2, slot]
                conviction_flags[seen] |= bits & _LATER_BITS
                if bits & _CONVICTED:
                    sentence_ends[seen] = _saturate(sentence_ends[seen] + int(sentences[i]))
                continue
            if not bits & _CONVICTED:
                continue
            tables[0, slot] = order
            tables[1, slot] = stamp
            tables[2, slot] = found
            conviction_rows[found] = i
            conviction_flags[found] = bits
            sentence_ends[found] = _saturate(2 * int(event_dates[i]) + int(sentences[i]))
            if event_dates[i] > latest:
                latest = event_dates[i]
            if bits & _NO_EVENT_DATE:
                person |= _ANY_NO_EVENT_DATE
            if section >= 0:
                history_sections[h, section] += 1
            found += 1
        for c in range(first, found):
            cycle = cycle_of_order[count_orders[conviction_rows[c]]]
            if cycle >= 0 and tables[4, free_slot(cycle, stamp, tables[3], tables[4])] == stamp:
                conviction_flags[c] |= _PROP64_IN_CYCLE
        history_flags[h] = person
        latest_dates[h] = latest
    history_bounds[bounds.size - 1] = found
    return found
