"""Rows of many blocks brought together by history: one extract's rows for one subject."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.law import state
from clearscale_kernels.arrays import Int32s

ROW_COLUMNS = {
    "row": np.int32,
    "event_date": np.int32,
    "offense": np.int32,
    "county": np.int32,
    "count_order": np.int32,
    "sentence": np.int32,
    "flags": np.int16,
    "ofn": np.int32,
}
"""The encoded columns of a row and their dtypes; `docs/concepts/store.md` says what each holds."""


TOLD = {"name": "name_digest", "birth": "birth_digest", "sex": "sex_digest"}
"""Columns of what rows tell first of who a subject is, by its kind: numbers that are the same for the same, 0 for
nothing told. Copies of a record are compared by them."""

CONTRADICTORY = "contradictory"
"""Whether rows of a subject tell several numbers, names, birth dates or sexes. Not all parts have this and TOLD."""

_KNOWN_LATER = ("cii_number", *TOLD.values())
"""What is a subject's own once some row tells it."""

_full = state().values.full_number


@dataclass
class EncodedRows:
    """Rows of one extract that were encoded together.

    rows: by column name, `subject` and the ROW_COLUMNS, shape (n,). subjects: by name, shape (subjects,); see
    `clearscale.extract.Encoded`; `race` and `sex` are codes here. remaps: for each coded column, the store's code
    of each of the part's codes; a column without one keeps its codes. ofn: the part's case numbers.
    """

    extract: int
    rows: dict[str, np.ndarray]
    subjects: dict[str, np.ndarray]
    remaps: dict[str, Int32s]
    ofn: pa.Array


@dataclass
class MergedHistories:
    """Rows brought together: those of a history side by side, in file order.

    rows: `history` (place in `people`) and the ROW_COLUMNS, shape (n,). bounds: shape (h + 1,), first row of each
    history. people: facts of each history from its extract, shape (h,). ofn: texts of the `ofn` codes.
    slices: of each history, if `merge` was told them, shape (h,).
    """

    rows: dict[str, np.ndarray]
    bounds: np.ndarray
    people: dict[str, np.ndarray]
    ofn: pa.Array
    slices: Int32s | None = None


@dataclass
class _Register:
    """The histories met so far, and what their first rows said."""

    places: dict[tuple[int, bytes], int] = field(default_factory=dict)
    facts: dict[str, list[Any]] = field(
        default_factory=lambda: {
            name: []
            for name in (
                "extract",
                "subject_id",
                "cii_number",
                "birth_date",
                "no_birth_date",
                "unreadable_birth",
                "race",
                "sex",
                *TOLD.values(),
                CONTRADICTORY,
                "first_row",
            )
        }
    )

    def enter(self, part: EncodedRows, used: Int32s, first_rows: Int32s) -> Int32s:
        """Register the part's subjects in `used`; return their places.

        Facts of the first row met stay, but for those that stay only once something is told.
        """
        result = np.empty(used.size, np.int32)
        ids = part.subjects["subject_id"]
        lacking = [name for name in (*TOLD.values(), CONTRADICTORY) if name not in part.subjects]
        told = {name: part.subjects[name] for name in (*_KNOWN_LATER, CONTRADICTORY) if name not in lacking}
        for k, subject in enumerate(used):
            key = (part.extract, ids[subject])
            place = self.places.get(key)
            if place is None:
                place = self.places[key] = len(self.places)
                self.facts["extract"].append(part.extract)
                self.facts["first_row"].append(first_rows[k])
                for name, values in part.subjects.items():
                    self.facts[name].append(values[subject])
                for name in lacking:
                    self.facts[name].append(0)
            else:
                self._add(place, {name: values[subject] for name, values in told.items()})
            result[k] = place
        return result

    def _add(self, place: int, told: dict[str, Any]) -> None:
        """Add what more rows of a subject tell."""
        facts = self.facts
        for name, now in told.items():
            before = facts[name][place]
            if not before:
                facts[name][place] = now
            elif now and now != before and (name != "cii_number" or _full(now) != _full(before)):
                facts[CONTRADICTORY][place] = True


_FACT_TYPES: dict[str, type] = {
    "extract": np.int32,
    "birth_date": np.int32,
    "no_birth_date": np.bool_,
    "unreadable_birth": np.bool_,
    "race": np.int32,
    "sex": np.int32,
    **dict.fromkeys(TOLD.values(), np.int64),
    CONTRADICTORY: np.bool_,
    "first_row": np.int32,
}


def _history_order(people: dict[str, np.ndarray], slices: Int32s | None) -> np.ndarray:
    """Histories by slice, person (without one each stands for itself), extract and first row."""
    first_by = np.zeros(people["first_row"].size, np.int32) if slices is None else slices
    keys = [
        (by, number or b"", int(extract), int(first))
        for by, number, extract, first in zip(
            first_by.tolist(), people["cii_number"], people["extract"], people["first_row"], strict=True
        )
    ]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), np.int64)


_CHUNK_ROWS = 2**24
"""Rows in one chunk of a growing column: large enough that the allocator maps it by itself, page by page as it is
filled, and releases it at once; small pieces would stay in the heap when they are joined."""


class _Column:
    """A column that grows chunk by chunk."""

    def __init__(self, dtype: type) -> None:
        self._dtype = dtype
        self._chunks: list[np.ndarray] = []
        self._used = _CHUNK_ROWS

    def append(self, values: np.ndarray) -> None:
        """Append values."""
        while values.size:
            if self._used == _CHUNK_ROWS:
                self._chunks.append(np.empty(_CHUNK_ROWS, self._dtype))
                self._used = 0
            taken = min(values.size, _CHUNK_ROWS - self._used)
            self._chunks[-1][self._used : self._used + taken] = values[:taken]
            self._used += taken
            values = values[taken:]

    def take(self) -> np.ndarray:
        """Take all values out as one array."""
        chunks, self._chunks = self._chunks, []
        if not chunks:
            return np.empty(0, self._dtype)
        chunks[-1] = chunks[-1][: self._used]
        return chunks[0] if len(chunks) == 1 else np.concatenate(chunks)


def merge(
    parts: Iterable[EncodedRows], sliced: Callable[[np.ndarray, np.ndarray], Int32s] | None = None
) -> MergedHistories:
    """Merge the rows of the parts by history.

    Parts of one extract must come in file order. Rows of a subject may lie anywhere in its extract's parts. sliced:
    the slice of each history, from its number and its subject; those of a slice lie side by side then.
    """
    register = _Register()
    columns = {"history": _Column(np.int32), **{name: _Column(dtype) for name, dtype in ROW_COLUMNS.items()}}
    ofn_texts: list[pa.Array] = []
    ofn_count = 0
    for part in parts:
        subjects = part.rows["subject"]
        if not subjects.size:
            continue
        used, first, inverse = np.unique(subjects, return_index=True, return_inverse=True)
        places = register.enter(part, used, part.rows["row"][first])
        columns["history"].append(places[inverse])
        for name in ROW_COLUMNS:
            values = part.rows[name]
            remap = part.remaps.get(name)
            if name == "ofn":
                values = np.where(values >= 0, values + ofn_count, -1)
            elif remap is not None:
                values = remap[values]
            columns[name].append(values)
        ofn_texts.append(part.ofn)
        ofn_count += len(part.ofn)
    people: dict[str, np.ndarray] = {
        name: np.array(values, _FACT_TYPES.get(name, object)) for name, values in register.facts.items()
    }
    slices = None if sliced is None else sliced(people["cii_number"], people["subject_id"])
    order = _history_order(people, slices)
    people = {name: values[order] for name, values in people.items()}
    rank = np.empty(order.size, np.int32)
    rank[order] = np.arange(order.size, dtype=np.int32)
    rows = _sorted_rows(columns, rank)
    bounds = np.searchsorted(rows["history"], np.arange(order.size + 1)).astype(np.int64)
    ofn = pa.concat_arrays(ofn_texts) if ofn_texts else pa.array([], pa.binary())
    return MergedHistories(rows, bounds, people, ofn, None if slices is None else slices[order])


def _sorted_rows(columns: dict[str, _Column], rank: Int32s) -> dict[str, np.ndarray]:
    """Sort rows by history, stably. Each column is released as soon as it is sorted, to bound memory."""
    histories = rank[columns.pop("history").take()]
    grouped = bool(np.all(histories[1:] >= histories[:-1]))
    order = None if grouped else np.argsort(histories, kind="stable")
    rows = {"history": histories if order is None else histories[order]}
    for name in list(columns):
        values = columns.pop(name).take()
        rows[name] = values if order is None else values[order]
    return rows
