"""Columns of dates to days: those that are written as the map's first form says all at once, others one by one."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale_kernels.arrays import Bools, Bytes, Int8s, Int32s, Int64s

from .days import MONTHS, TOKEN, parse_day

NO_DAY = np.int32(-(2**31))
"""The day of a text that is none."""

MISSING, DAY, UNREADABLE, SAVED = range(4)
"""What a text is: nothing, a day, none that can be read, and one of those, as only a spreadsheet saves it."""

_SIZES = {"YYYY": (4,), "YY": (2,), "MON": (3,), "MM": (2,), "M": (1, 2), "DD": (2,), "D": (1, 2)}
"""How many characters stand for a token; names of months in full differ too much."""

_KINDS = {"Y": "year", "M": "month", "D": "day"}
_CODES = np.array([int.from_bytes(month.encode(), "big") for month in MONTHS], np.int64)
_ZERO, _LOWER, _LETTERS = np.uint8(ord("0")), np.uint8(ord("a")), 26


class Found(NamedTuple):
    """Days of rows, `NO_DAY` where there is none, and what each row's text is."""

    days: Int32s
    kinds: Int8s


@dataclass(frozen=True)
class _Layout:
    """A form whose parts always stand in the same place.

    parts: (year, month or day, token, first and past-last place) of each. others: (place, character in capitals).
    """

    width: int
    parts: tuple[tuple[str, str, int, int], ...]
    others: tuple[tuple[int, int], ...]

    def read(self, texts: Bytes, pivot: int) -> tuple[Int32s, Bools]:
        """(days, which of the texts are days in this form); texts: in capitals, shape (n, width)."""
        good = np.ones(len(texts), np.bool_)
        for place, character in self.others:
            good &= texts[:, place] == character
        read: dict[str, Int64s] = {}
        for kind, token, first, end in self.parts:
            if token == "MON":
                letters = texts[:, first:end].astype(np.int64)
                codes = (letters[:, 0] << 16) | (letters[:, 1] << 8) | letters[:, 2]
                same = codes[:, None] == _CODES
                good &= same.any(axis=1)
                read[kind] = same.argmax(axis=1) + 1
                continue
            digits = texts[:, first:end] - _ZERO  # what is less than 0 comes round to more than 9
            good &= (digits <= 9).all(axis=1)
            number = np.zeros(len(texts), np.int64)
            for column in digits.T:
                number = number * 10 + column
            if token == "YY":
                number += np.where(number <= pivot, 2000, 1900)
            read[kind] = number
        year, month, day = (read[kind] for kind in _KINDS.values())
        good &= (year > 0) & (month > 0) & (month <= 12) & (day > 0)
        months = np.where(good, (year - 1970) * 12 + month - 1, 0)
        begins = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        ends = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        days = begins + day - 1
        return days.astype(np.int32), good & (days < ends)


def _layouts(form: str) -> tuple[_Layout, ...]:
    """All ways in which a form can be laid out; none if they are too many, or a text could have two of them."""
    pieces: list[tuple[str, tuple[int, ...]]] = []
    at, form = 0, form.upper()
    for token in TOKEN.finditer(form):
        sizes = _SIZES.get(token.group())
        behind = form[token.end() : token.end() + 1]
        if sizes is None or (len(sizes) > 1 and (behind.isalnum() or TOKEN.match(form, token.end()))):
            return ()
        pieces += [(form[at : token.start()], ()), (token.group(), sizes)]
        at = token.end()
    pieces.append((form[at:], ()))
    if not form.isascii():
        return ()
    found = []
    for chosen in itertools.product(*(sizes or (len(text),) for text, sizes in pieces)):
        parts, others, place = [], [], 0
        for (text, sizes), size in zip(pieces, chosen, strict=True):
            if sizes:
                parts.append((_KINDS[text[0]], text, place, place + size))
            else:
                others += [(place + k, ord(character)) for k, character in enumerate(text)]
            place += size
        found.append(_Layout(place, tuple(parts), tuple(others)))
    return tuple(found)


@dataclass
class DayColumn:
    """Reads a column's texts block by block, and remembers those that it read one by one.

    forms, pivot: as of `parse_day`. missing: words that say nothing, in capitals.
    """

    forms: Sequence[str]
    pivot: int
    missing: frozenset[str]
    _known: dict[str, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._layouts = _layouts(self.forms[0]) if self.forms else ()

    def of(self, column: pa.DictionaryArray) -> Found:
        """The day of each row's text."""
        values = column.dictionary
        days = np.full(len(values) + 1, NO_DAY, np.int32)  # the last is of rows without a text
        kinds = np.full(len(values) + 1, MISSING, np.int8)
        self._all_at_once(values, days[:-1], kinds[:-1])
        left = np.flatnonzero(kinds[:-1] == MISSING)
        for place, text in zip(left.tolist(), values.take(pa.array(left)).to_pylist(), strict=True):
            found = self._known.get(text or "")
            if found is None:
                found = self._known[text or ""] = self._one(text or "")
            days[place], kinds[place] = found
        indices = column.indices.fill_null(len(values)) if column.null_count else column.indices
        places = indices.to_numpy(zero_copy_only=False)
        return Found(days[places], kinds[places])

    def _one(self, text: str) -> tuple[int, int]:
        text = text.strip()
        if text.upper() in self.missing:
            return int(NO_DAY), MISSING
        day = parse_day(text, self.forms, self.pivot)
        if day is None:
            return int(NO_DAY), SAVED if _of_a_spreadsheet(text) else UNREADABLE
        return day, DAY

    def _all_at_once(self, values: pa.Array, days: Int32s, kinds: Int8s) -> None:
        """Fill in the days of texts that have the first form to the letter."""
        if not len(values) or not self._layouts:
            return
        words = pa.array(sorted(self.missing), values.type)
        said = pc.is_in(pc.ascii_upper(values), words).to_numpy(zero_copy_only=False)
        _, offsets, content = values.buffers()
        if content is None:
            return
        bounds = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1]
        data, sizes = np.frombuffer(content, np.uint8), np.diff(bounds)
        for layout in self._layouts:
            places = np.flatnonzero((sizes == layout.width) & (kinds == MISSING) & ~said)
            texts = data[bounds[places][:, None] + np.arange(layout.width)]
            texts = np.where(texts - _LOWER < _LETTERS, texts - np.uint8(32), texts)
            found, good = layout.read(texts, self.pivot)
            days[places[good]], kinds[places[good]] = found[good], DAY


def _of_a_spreadsheet(text: str) -> bool:
    """Whether only a spreadsheet writes such dates: its serial numbers, hashes, powers of ten."""
    return (
        text.startswith("#")
        or "E+" in text.upper()
        or (text.replace(".", "", 1).isdigit() and len(text.split(".")[0]) == 5)
    )
