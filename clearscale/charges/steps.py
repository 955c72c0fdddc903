"""Steps of charges to charges: in a state's own extract a count has a row for each thing that became of it."""

from typing import Any

import numpy as np
import pyarrow as pa

from clearscale_kernels.arrays import Bools, Int64s

from .tables import NO_DAY, Disposition, Mark

_LAST_DAY = 2_932_896
"""9999-12-31, to which sentences are cut."""

_UNDOES = (Disposition.SET_ASIDE, Disposition.VACATED, Disposition.DISMISSED)
"""What a later step can make of a conviction."""

_ENDS = (*_UNDOES, Disposition.ACQUITTED, Disposition.DIVERTED)


def joined_steps(coded: pa.Table) -> pa.Table:
    """Join the steps of each count of a person into one charge.

    The first step that convicts is the charge, and of a count without a conviction the first step. A conviction
    that a later step sets aside, vacates or dismisses has that disposition; a count without a conviction has the
    last that ends it, else that of its last step. The sentence ends so many half days after the conviction as its
    convicting steps add up to, a half one counted whole.

    Parameters
    ----------
    coded
        In the schema `clearscale.charges.coding.CODED`; `sentence_end` is the half days of each step.

    Returns
    -------
    Table
        In the same schema, `sentence_end` a day.
    """
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
        for name in ("disposition", "marks", "disposition_date", "sentence_end")
    }
    convicts = column["disposition"] == Disposition.CONVICTED
    first = _first(convicts, starts)
    chosen = np.where(first < 0, starts, first)
    made = coded.take(pa.array(order[chosen]))
    changed = {
        "disposition": _dispositions(column["disposition"], starts, first),
        "marks": np.bitwise_or.reduceat(column["marks"] & np.int16(~Mark.AMENDED), starts),
        "sentence_end": _ends(column, convicts, starts, chosen, first >= 0),
    }
    for name, values in changed.items():
        place = made.schema.get_field_index(name)
        made = made.set_column(place, made.schema.field(place), pa.array(values, made.schema.field(place).type))
    return made


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


def _ends(
    column: dict[str, "np.ndarray[Any, Any]"], convicts: Bools, starts: Int64s, chosen: Int64s, convicted: Bools
) -> "np.ndarray[Any, Any]":
    """The day on which each count's sentence ends, `NO_DAY` without a conviction or its day."""
    half_days = np.add.reduceat(np.where(convicts, column["sentence_end"].astype(np.int64), 0), starts)
    days = column["disposition_date"][chosen].astype(np.int64)
    ends = np.clip(days - (-half_days // 2), NO_DAY, _LAST_DAY)
    return np.where(convicted & (days != NO_DAY), ends, NO_DAY).astype(np.int32)
