"""Records of a block that cannot be used: where they lie, what is wrong with each, in words made when asked for.

An extract may consist of nothing else, so they are columns of numbers, not an object each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, overload

import numpy as np

from clearscale.law import state
from clearscale_kernels.arrays import Bytes, Int8s, Int32s, Int64s
from clearscale_kernels.jit.vectors import WIDTH
from clearscale_kernels.text import tokens

_COLUMNS = len(state().format.columns)
_ROLES = state().format.roles

BLANK_SUBJECT, SHORT_ORDER, HEADER, REPEATED, NO_COUNTY = 32, 33, 34, 35, 36
"""Problems of records that are well formed, beside those of the tokenizer."""

_WHAT = {
    tokens.BARE_QUOTE: 'bare " in non-quoted-field',
    tokens.BAD_QUOTE: 'extraneous or missing " in quoted-field',
    BLANK_SUBJECT: f"{_ROLES.subject} is blank",
    SHORT_ORDER: f"{_ROLES.count_order} is too short to name its case",
    HEADER: "a header in the midst of the file",
    NO_COUNTY: "its subject has a conviction that extracts are made for in no county of the state",
    REPEATED: "an earlier part of the extract has the same record",
}


@dataclass(frozen=True)
class BadRecord:
    """A record that cannot be used.

    line: 1-based, counted from the first line after the header. what: what is wrong, in a few words. message: the
    same as the counties' program said it, with its line.
    """

    row: int
    line: int
    what: str
    message: str
    content: bytes


@dataclass(frozen=True)
class BadRecords(Sequence[BadRecord]):
    """Bad records of a block, in file order.

    original: the block's bytes as they stand in the file. longest: the longest record that is read. expected:
    fields that each record should have. rows, lines, problems: shape (n,), 0-based data record, 1-based line after
    the header, and what is wrong. details: shape (2, n), number of fields met and the position of the problem.
    extents: shape (2, n), where each lies in `original`.
    """

    original: bytes | Bytes
    longest: int
    expected: int
    rows: Int32s
    lines: Int64s
    problems: Int8s
    details: Int32s
    extents: Int32s

    def __len__(self) -> int:
        return self.rows.size

    @overload
    def __getitem__(self, place: int) -> BadRecord: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[BadRecord]: ...
    def __getitem__(self, place: int | slice) -> BadRecord | Sequence[BadRecord]:
        if isinstance(place, slice):
            return [self._record(k) for k in range(*place.indices(len(self)))]
        return self._record(range(len(self))[place])

    def __iter__(self) -> Iterator[BadRecord]:
        return map(self._record, range(len(self)))

    def _record(self, k: int) -> BadRecord:
        begin, end = self.extents[:, k].tolist()
        row, line, content = int(self.rows[k]), int(self.lines[k]), bytes(self.original[begin:end])
        return BadRecord(row, line, self.what(k), self._message(k, line, begin), content)

    def what(self, k: int) -> str:
        """What is wrong with one of them."""
        problem = int(self.problems[k])
        if problem == tokens.WRONG_FIELD_COUNT:
            return f"{self.details[0, k]} fields, not {self.expected}"
        return f"longer than {self.longest} bytes" if problem == tokens.TOO_LONG else _WHAT[problem]

    def _message(self, k: int, line: int, begin: int) -> str:
        """The same in the words of the counties' program."""
        problem, what, where = int(self.problems[k]), self.what(k), int(self.details[1, k])
        if problem == tokens.WRONG_FIELD_COUNT:
            return f"record on line {line}: wrong number of fields"
        if problem not in (tokens.BARE_QUOTE, tokens.BAD_QUOTE):
            return f"record on line {line}: {what}"
        original = bytes(self.original) if not isinstance(self.original, bytes) else self.original
        at_line = line + original.count(b"\n", begin, where)
        column = where - max(original.rfind(b"\n", begin, where) + 1, begin)
        if where == len(original):
            # A quote is open at the end of the file: the last line is where it was missed.
            at_line, column = at_line - original.endswith(b"\n"), 0
        prefix = f"record on line {line}; " if at_line != line else ""
        return f"{prefix}parse error on line {at_line}, column {column}: {what}"

    def reasons(self) -> list[str]:
        """What is wrong with each; the same few texts again and again."""
        keys = self.problems.astype(np.int64) << 32
        wrong = self.problems == tokens.WRONG_FIELD_COUNT
        keys[wrong] += self.details[0, wrong]
        _, firsts, codes = np.unique(keys, return_index=True, return_inverse=True)
        texts = [self.what(int(first)) for first in firsts]
        return [texts[code] for code in codes.tolist()]

    def bytes_of_all(self) -> tuple[Bytes, Int32s, Int32s]:
        """(bytes with room behind them as kernels need it, where each record begins in them, and ends)."""
        padded = np.zeros(len(self.original) + WIDTH, np.uint8)
        padded[: len(self.original)] = np.frombuffer(self.original, np.uint8)
        return padded, *self.extents

    def only(self, kept: np.ndarray) -> "BadRecords":
        """Those where `kept` (shape (n,), bool or places) says so."""
        chosen: dict[str, Any] = {name: getattr(self, name)[..., kept] for name in _ARRAYS}
        return replace(self, **chosen)

    def and_these(self, rows: Int32s, lines: Int64s, problems: Int8s, extents: Int32s) -> "BadRecords":
        """With others of the same block, in file order."""
        added: dict[str, Any] = {
            "rows": rows,
            "lines": lines,
            "problems": problems,
            "details": np.zeros((2, rows.size), np.int32),
            "extents": extents,
        }
        joined: dict[str, Any] = {
            name: np.concatenate([getattr(self, name), added[name]], axis=-1) for name in _ARRAYS
        }
        return replace(self, **joined).only(np.argsort(joined["rows"], kind="stable"))


_ARRAYS = tuple(field.name for field in fields(BadRecords))[3:]


def no_bad_records(original: bytes | Bytes, longest: int, expected: int) -> BadRecords:
    """None of a block."""
    two = np.zeros((2, 0), np.int32)
    return BadRecords(
        original, longest, expected, np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0, np.int8), two, two
    )
