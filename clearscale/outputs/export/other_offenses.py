"""The column "Possible Other P64 Charges": what a comment names that the record's own charge does not.

The column is gogen's, the counties' program's of 2019, and so is the rule for one section's subsections here.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from clearscale.extract.looking import is_relief
from clearscale.law import state
from clearscale_kernels.arrays import Int32s

_DIVIDED = "11357"
"""The section whose subsections, by pairs, are compared too."""

_SUBSECTION = re.compile(rb"11357\(([ABCD])\)")

_MOST_KNOWN = 2**15
"""Pairs of texts that are remembered from block to block."""


@lru_cache(_MOST_KNOWN)
def other_offense(offense_description: bytes, comment: bytes) -> bytes:
    """Return the comment, if it names a Prop 64 charge that the offense description does not; else nothing.

    As the counties' program filled the column: a section that the description lacks (leftmost of each compared) or,
    where both are 11357, a subsection of the other pair, (A) and (B) against (C) and (D), or a subsection that only
    the comment names.
    """
    charges = state().charges
    in_comment = charges.section(comment)
    if in_comment < 0 or state().format.says.charge_in_comment(offense_description):
        return b""
    if charges.section(offense_description) != in_comment:
        return comment
    if charges.sections[in_comment] != _DIVIDED:
        return b""
    in_comment_part = _SUBSECTION.search(comment)
    described_part = _SUBSECTION.search(offense_description)
    if not in_comment_part:
        return b""
    if not described_part:
        return comment
    return comment if (in_comment_part[1] in b"AB") != (described_part[1] in b"AB") else b""


def find_other_offenses(
    described: Int32s, descriptions: list[bytes], commented: Int32s, comments: list[bytes]
) -> tuple[Int32s, list[bytes]]:
    """Return (code of each record, shape (n,), texts of the codes, the first of which is empty).

    described, commented: shape (n,), codes of each record's offense and comment, into `descriptions` and
    `comments`. Found once a distinct pair.
    """
    texts: list[bytes] = [b""]
    result = np.zeros(described.size, np.int32)
    # Most comments name no charge at all; only the others are compared with their descriptions.
    naming = np.array([is_relief(comment) for comment in comments], np.bool_)
    candidates = np.flatnonzero(naming[commented]) if comments else np.empty(0, np.int64)
    pairs: dict[tuple[int, int], int] = {}
    named = zip(described[candidates].tolist(), commented[candidates].tolist(), strict=True)
    for place, pair in zip(candidates.tolist(), named, strict=True):
        if pair not in pairs:
            text = other_offense(descriptions[pair[0]], comments[pair[1]])
            pairs[pair] = len(texts) if text else 0
            if text:
                texts.append(text)
        result[place] = pairs[pair]
    return result, texts


@dataclass(frozen=True)
class OtherOffenses:
    """The column of the records of an extract that have something in it.

    rows: shape (k,), ascending. codes: shape (k,), into `texts`, whose first is empty.
    """

    rows: Int32s
    codes: Int32s
    texts: list[bytes]

    def of(self, rows: Int32s) -> tuple[Int32s, list[bytes]]:
        """Return (code of each of these consecutive records, texts of the codes), like `find_other_offenses`."""
        result = np.zeros(rows.size, np.int32)
        if not rows.size:
            return result, [b""]
        first, last = np.searchsorted(self.rows, (rows[0], rows[-1] + 1))
        used, codes = np.unique(self.codes[first:last], return_inverse=True)
        result[self.rows[first:last] - rows[0]] = codes + 1
        return result, [b"", *(self.texts[code] for code in used)]


class OtherOffensesCollector:
    """Gathers the column block by block, in file order."""

    def __init__(self) -> None:
        self._rows: list[Int32s] = []
        self._codes: list[Int32s] = []
        self._known: dict[bytes, int] = {b"": 0}

    def add(self, rows: Int32s, codes: Int32s, texts: list[bytes]) -> None:
        """Add a block. rows, codes: shape (k,), its records that have something in the column."""
        known = np.array([self._known.setdefault(text, len(self._known)) for text in texts], np.int32)
        self._rows.append(rows)
        self._codes.append(known[codes])

    def all(self) -> OtherOffenses:
        """Return the column of all blocks."""
        nothing = [np.empty(0, np.int32)]
        return OtherOffenses(
            np.concatenate(self._rows or nothing), np.concatenate(self._codes or nothing), list(self._known)
        )
