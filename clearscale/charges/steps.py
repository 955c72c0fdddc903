"""Steps of charges to charges: in a state's own extract a count has a row for each thing that became of it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale_kernels.arrays import Bools, Int64s

from .tables import NO_DAY, Disposition, Mark

ARRESTED = np.int16(1 << 14)
"""A mark of steps that are arrests."""

_LAST_DAY = 2_932_896
"""9999-12-31, to which sentences are cut."""

_UNDOES = (Disposition.SET_ASIDE, Disposition.VACATED, Disposition.DISMISSED)
"""What a later step can make of a conviction."""

_ENDS = (*_UNDOES, Disposition.ACQUITTED, Disposition.DIVERTED)


def joined_steps(coded: pa.Table, cycle: int) -> pa.Table:
    """Join the steps of each count of a person into one charge.

    The first step that convicts is the charge, and of a count without a conviction the first step. A conviction
    that a later step sets aside, vacates or dismisses has that disposition; a count without a conviction has the
    last that ends it, else that of its last step. The sentence ends so many half days after the conviction as its
    convicting steps add up to, a half one counted whole; supervision likewise, if there is any.

    Charges have the day of the first arrest of their cycle. An arrest is no charge by itself where its cycle came
    to court.

    Parameters
    ----------
    coded
        In the schema `clearscale.charges.coding.CODED`; `sentence_end` is the half days of each step, and
        `supervision_end` those that are supervision. Arrests have the mark `ARRESTED`.
    cycle
        So many first characters of a count's number say in which cycle it is.

    Returns
    -------
    Table
        In the same schema, both ends days.
    """
    coded = _with_arrests(coded, cycle)
    if not coded.num_rows:
        return coded
    whose, count = (_codes(coded.column(name)) for name in ("identity", "sequence"))
    line, file = (coded.column(name).to_numpy() for name in ("line", "file"))
    order = np.lexsort((line, file, count, whose))
    whose, count = whose[order], count[order]
    new = np.ones(order.size, np.bool_)
    new[1:] = (whose[1:] != whose[:-1]) | (count[1:] != count[:-1]) | (count[1:] < 0)
    starts = np.flatnonzero(new)
    column = {
        name: coded.column(name).to_numpy()[order]
        for name in ("disposition", "marks", "disposition_date", "sentence_end", "supervision_end")
    }
    convicts = column["disposition"] == Disposition.CONVICTED
    first = _first(convicts, starts)
    chosen = np.where(first < 0, starts, first)
    known = (first >= 0) & (column["disposition_date"][chosen] != NO_DAY)
    supervised = np.add.reduceat(convicts & (column["supervision_end"] != 0), starts) > 0
    days = column["disposition_date"][chosen].astype(np.int64)
    return replaced(
        coded.take(pa.array(order[chosen])),
        {
            "disposition": _dispositions(column["disposition"], starts, first),
            "marks": np.bitwise_or.reduceat(column["marks"] & np.int16(~Mark.AMENDED), starts),
            "sentence_end": _ends(column["sentence_end"] * convicts, starts, days, known),
            "supervision_end": _ends(column["supervision_end"] * convicts, starts, days, known & supervised),
        },
    )


def replaced(coded: pa.Table, changed: Mapping[str, "np.ndarray[Any, Any]"]) -> pa.Table:
    """Charges with other values in some columns."""
    for name, values in changed.items():
        place = coded.schema.get_field_index(name)
        kind = coded.schema.field(place)
        coded = coded.set_column(place, kind, pa.array(values, kind.type))
    return coded


def _with_arrests(coded: pa.Table, cycle: int) -> pa.Table:
    """Charges with the day of their cycle's first arrest, without arrests that came to court."""
    if not coded.num_rows:
        return coded
    begins = pc.utf8_slice_codeunits(coded.column("sequence"), 0, cycle)
    width = 2 * coded.num_rows
    cycles = pa.array(_codes(coded.column("identity")) * width + _codes(pa.chunked_array(begins)))
    place = cycles.dictionary_encode().indices.to_numpy()
    marks, days = coded.column("marks").to_numpy(), coded.column("arrest_date").to_numpy()
    arrests = (marks & ARRESTED) != 0
    earliest = np.full(place.max() + 1, np.iinfo(np.int32).max, np.int32)
    dated = arrests & (days != NO_DAY)
    np.minimum.at(earliest, place[dated], days[dated])
    earliest[earliest == np.iinfo(np.int32).max] = NO_DAY
    came = np.zeros(earliest.size, np.bool_)
    came[place[~arrests]] = True
    numbered = coded.column("sequence").is_valid().to_numpy()
    found = np.where(numbered, earliest[place], days).astype(np.int32)
    changed = replaced(coded, {"arrest_date": found, "marks": marks & np.int16(~ARRESTED)})
    return changed.filter(pa.array(~(arrests & came[place] & numbered)))


def _codes(column: pa.ChunkedArray) -> Int64s:
    values = column.combine_chunks().dictionary_encode()
    codes: Int64s = values.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes


def _first(chosen: Bools, starts: Int64s) -> Int64s:
    """The first chosen place of each stretch, -1 if there is none."""
    places = np.where(chosen, np.arange(chosen.size), chosen.size)
    first: Int64s = np.minimum.reduceat(places, starts)
    return np.where(first == chosen.size, -1, first)


def _last(chosen: Bools, starts: Int64s) -> Int64s:
    """The last chosen place of each stretch, -1 if there is none."""
    last: Int64s = np.maximum.reduceat(np.where(chosen, np.arange(chosen.size), -1), starts)
    return last


def _dispositions(of_steps: "np.ndarray[Any, Any]", starts: Int64s, first: Int64s) -> "np.ndarray[Any, Any]":
    """What became of each count. first: the step that convicts, -1 if none does."""
    decided = _last(np.isin(of_steps, (*_UNDOES, Disposition.CONVICTED)), starts)
    ended = _last(np.isin(of_steps, _ENDS), starts)
    last = np.append(starts[1:], of_steps.size) - 1
    without = of_steps[np.where(ended < 0, last, ended)]
    return np.where(first < 0, without, of_steps[np.maximum(decided, first)]).astype(np.int8)


def _ends(halves: "np.ndarray[Any, Any]", starts: Int64s, days: Int64s, known: Bools) -> "np.ndarray[Any, Any]":
    """So many half days after a day, `NO_DAY` where that is not known."""
    parts = np.add.reduceat(halves.astype(np.int64), starts)
    return np.where(known, np.clip(days - (-parts // 2), NO_DAY, _LAST_DAY), NO_DAY).astype(np.int32)
