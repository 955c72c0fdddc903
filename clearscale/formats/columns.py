"""Columns of a block: each distinct text is looked at once, and rows carry its code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale_kernels.arrays import Int32s, Int64s

Meaning = TypeVar("Meaning")

Keys = Callable[[str, Int64s], pa.Array]
"""The keys of people, where a table has them and not the file: by its name, for some of its lines."""

MISSING = -1
"""Code of a value that is not there."""


@dataclass
class Numbered(Generic[Meaning]):
    """Distinct texts, numbered in the order in which they were met, and what each means. They only grow."""

    means: Callable[[str], Meaning]
    texts: list[str] = field(default_factory=list)
    meanings: list[Meaning] = field(default_factory=list)
    _codes: dict[str, int] = field(default_factory=dict)
    _seen: dict[frozenset[str], tuple[list[str], list[int]]] = field(default_factory=dict)

    def code(self, text: str) -> int:
        """The number of a text."""
        found = self._codes.get(text)
        if found is None:
            found = self._codes[text] = len(self.texts)
            self.texts.append(text)
            self.meanings.append(self.means(text))
        return found

    def codes(self, column: pa.DictionaryArray, missing: frozenset[str]) -> Int32s:
        """The number of each row's text, trimmed; MISSING where it is null or a word that says nothing."""
        if not len(column):
            return np.empty(0, np.int32)
        written, numbers = self._seen.setdefault(missing, ([], []))
        places = (
            pc.index_in(column.dictionary, pa.array(written, pa.string()))
            .fill_null(-1)
            .to_numpy(zero_copy_only=False)
            .copy()
        )
        new = np.flatnonzero(places < 0)
        for place, value in zip(new.tolist(), column.dictionary.take(pa.array(new)).to_pylist(), strict=True):
            text = (value or "").strip()
            places[place] = len(written)
            written.append(value or "")
            numbers.append(MISSING if text.upper() in missing else self.code(text))
        codes = np.append(np.array(numbers, np.int32)[places], np.int32(MISSING))
        indices = column.indices.fill_null(codes.size - 1) if column.null_count else column.indices
        result: Int32s = codes[indices.to_numpy(zero_copy_only=False)]
        return result


def chosen(values: Sequence[object], codes: Int32s) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """What is said of each code, for each row; no for MISSING."""
    return np.array([*map(bool, values), False], np.bool_)[codes]


def texts_of(values: Sequence[str | None], codes: Int32s) -> pa.DictionaryArray:
    """A text column: the value of each row's code, null for MISSING and for a code whose value is None."""
    places: dict[str, int] = {}
    new = [MISSING if value is None else places.setdefault(value, len(places)) for value in values]
    indices = np.array([*new, MISSING], np.int32)[codes]
    missing = indices < 0
    array = pa.array(indices, pa.int32(), mask=missing if missing.any() else None)
    return pa.DictionaryArray.from_arrays(array, pa.array(list(places), pa.string()))


def constant(value: str | None, rows: int) -> pa.DictionaryArray:
    """A text column of one value."""
    return texts_of([value], np.zeros(rows, np.int32))


def keys_of(column: pa.Array, missing: frozenset[str]) -> pa.Array:
    """A column of keys, which hardly repeat: trimmed, null where it is a word that says nothing."""
    trimmed = pc.utf8_trim_whitespace(column)
    nothing = pc.is_in(pc.ascii_upper(trimmed), pa.array(sorted(missing), pa.string()))
    return pc.if_else(nothing, pa.scalar(None, pa.string()), trimmed)


def dictionary_of(table: pa.Table, column: str) -> pa.DictionaryArray:
    """A column as one array whose distinct texts are numbered."""
    values = chunk_of(table.column(column))
    return values if pa.types.is_dictionary(values.type) else values.dictionary_encode()


def plain_of(table: pa.Table, column: str) -> pa.Array:
    """A column as one array of texts."""
    values = chunk_of(table.column(column))
    return values.cast(pa.string()) if pa.types.is_dictionary(values.type) else values


def chunk_of(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return (
        pa.array([], column.type)
        if column.num_chunks == 0
        else pa.concat_arrays(column.unify_dictionaries().chunks)
    )
