"""Tables of a store as people read them: texts in place of codes, dates in place of day numbers, flags by name."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.encoding import legible
from clearscale.histories.dictionaries import Dictionaries
from clearscale_kernels import flag
from clearscale_kernels.arrays import Int32s, Int64s
from clearscale_kernels.people.calendar import NO_DATE

from .layout import CONVICTIONS, HISTORIES, PEOPLE

_ROW_FLAGS = {
    flag.CONVICTED: "convicted",
    flag.FELONY: "felony",
    flag.DECEASED: "deceased",
    flag.REGISTERED: "registered",
    flag.NO_EVENT_DATE: "no-event-date",
    flag.NEAR_PROP64: "nearly-names-a-section",
    flag.FROM_COMMENT: "charge-in-comment",
    flag.SET_ASIDE: "set-aside",
    flag.REDUCED: "reduced",
    flag.COURT_ACTION: "court-action",
    flag.PROP64_IN_CYCLE: "section-in-cycle",
    flag.UNREADABLE_EVENT_DATE: "unreadable-event-date",
    flag.NO_DISPOSITION: "no-disposition",
    flag.CLEARED: "cleared-earlier",
    flag.OTHER_OFFENSE: "another-offense-charged",
}
_PERSON_FLAGS = {
    flag.DECEASED: "deceased",
    flag.REGISTERED: "registered",
    flag.NEAR_PROP64: "nearly-names-a-section",
    flag.UNREADABLE_BIRTH_DATE: "unreadable-birth-date",
    flag.SUBJECT_CONTRADICTS: "contradictory-subject",
    flag.PERSON_CONTRADICTS: "contradictory-person",
    flag.ANY_NO_EVENT_DATE: "conviction-without-date",
    flag.NO_DISPOSITION: "no-disposition",
    flag.NO_BIRTH_DATE: "no-birth-date",
}
FLAGS = {HISTORIES: _ROW_FLAGS, CONVICTIONS: _ROW_FLAGS, PEOPLE: _PERSON_FLAGS}
"""What bits of the column `flags` are called, by dataset."""

_CODED = ("offense", "county", "count_order", "race", "sex")
_DAYS = ("event_date", "birth_date", "latest_conviction")
_HALF_DAYS = ("sentence_end",)
_HALF_DAY = 43_200
"""Seconds."""


def decoded(dataset: str, table: pa.Table, dictionaries: Dictionaries, extracts: Sequence[str]) -> pa.Table:
    """Return rows of a dataset as people read them.

    Parameters
    ----------
    dataset
        `histories`, `convictions` or `people`.
    table
        Its rows, with any of its columns; with `sentence_end` also `event_date`.
    dictionaries
        What codes stand for.
    extracts
        The id of each extract, by its number.

    Returns
    -------
    Table
        The same columns: codes as text, extracts by their ids, day numbers as dates (null where there is none, or
        it is of year 0, which dates do not have), half days as moments, flags as lists of names, bytes as text.
    """
    columns = {name: table.column(name) for name in table.column_names}
    if "sentence_end" in columns:
        columns["sentence_end"] = _begun(columns["sentence_end"], table.column("event_date"))
    return pa.table({name: _column(dataset, name, of, dictionaries, extracts) for name, of in columns.items()})


def _column(
    dataset: str, name: str, values: pa.ChunkedArray, dictionaries: Dictionaries, extracts: Sequence[str]
) -> pa.Array | pa.ChunkedArray:
    if name in _CODED:
        return coded(values.to_numpy(), [legible(text) for text in dictionaries.texts[name]])
    if name == "extract":
        return coded(values.to_numpy(), extracts)
    if name in _DAYS:
        days = values.to_numpy().astype(np.int32)
        return pa.array(days, pa.date32(), mask=(days <= NO_DATE) | (days > flag.LAST_DAY))
    if name in _HALF_DAYS:
        return pc.multiply(values.cast(pa.int64()), _HALF_DAY).cast(pa.timestamp("s"))
    if name == "flags":
        return named_bits(values.to_numpy(), FLAGS[dataset])
    if pa.types.is_binary(values.type):
        return pa.array([None if value is None else legible(value) for value in values.to_pylist()], pa.string())
    return values


def beside(columns: Sequence[str] | None) -> list[str]:
    """The columns that `decoded` needs beside these, which none means all of."""
    return ["event_date"] if columns and "sentence_end" in columns and "event_date" not in columns else []


def _begun(ends: pa.ChunkedArray, begins: pa.ChunkedArray) -> pa.ChunkedArray:
    """Ends of sentences that begin on some day: without one they are counted from 1 January of year 1."""
    return pc.if_else(pc.equal(begins, NO_DATE), pa.scalar(None, ends.type), ends)


def coded(codes: Int32s, texts: Sequence[str]) -> pa.DictionaryArray:
    """Texts by their codes. Arrow wants each text of a dictionary once, and two of a record may read alike."""
    places: dict[str, int] = {}
    moved = np.array([places.setdefault(text, len(places)) for text in texts], np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(moved[codes]), pa.array(list(places), pa.string()))


def named_bits(marks: Int32s | Int64s, names: dict[int, str]) -> pa.ListArray:
    """The names of the bits that each mark has, in the order of `names`: a list of texts each. Shape (n,)."""
    distinct, place = np.unique(marks, return_inverse=True)
    lists = pa.array([[name for bit, name in names.items() if mark & bit] for mark in distinct.tolist()], _NAMES)
    return lists.take(pa.array(place))


_NAMES = pa.list_(pa.string())
