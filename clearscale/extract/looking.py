"""A look at the columns of a block: masks over its records come from looking at each distinct text once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from clearscale.law import Saying, state
from clearscale.law.findings import EXAMPLES
from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int32s, Int64s

from .coding import TEXTS, Coding, values_of
from .encoding import Encoded
from .noticed import Noticed

_PLACES = state().format.places

_MOST_KNOWN = 2**15
"""Texts that are remembered from block to block."""


@dataclass(frozen=True)
class Look:
    """A block's usable records as codes and as numbers, and what is noticed of them.

    header_lines: of its file, to name lines as a person counts them.
    """

    coding: Coding
    encoded: Encoded
    header_lines: int
    noticed: Noticed

    @property
    def size(self) -> int:
        """How many records there are."""
        return int(self.coding.block.rows.size)

    def column(self, name: str) -> tuple[Int32s, list[bytes]]:
        """(code of each record, distinct values) of any column, whether its values repeat or not."""
        place = _PLACES[name]
        if place in TEXTS:  # looked at before, to encode them
            return self.coding.coded(name)
        if place not in self._known:
            codes = self.coding.codes(place)
            if codes is None:
                coded = values_of(self.coding.block.data, *self.coding.block.column(place)).dictionary_encode()
                self._known[place] = coded.indices.to_numpy(), coded.dictionary.to_pylist()
            else:
                self._known[place] = codes, self.coding.distinct(place).to_pylist()
        return self._known[place]

    @cached_property
    def _known(self) -> dict[int, tuple[Int32s, list[bytes]]]:
        return {}

    def where(self, name: str, says: Callable[[bytes], bool]) -> Bools:
        """Which records have a text in a column of which that is so. Shape (n,)."""
        key = name, says
        if key not in self._masks:
            codes, texts = self.column(name)
            mask = self._masks[key] = chosen([says(text) for text in texts], codes)
            mask.setflags(write=False)  # whoever asks again gets the same
        return self._masks[key]

    @cached_property
    def dates(self) -> dict[str, Any]:
        """The dates of columns that were looked at; see `odd_dates.dates_of`."""
        return {}

    @cached_property
    def _masks(self) -> dict[tuple[str, Callable[[bytes], bool]], Bools]:
        return {}

    def says(self, saying: Saying) -> Bools:
        """Which records say it. Shape (n,)."""
        return self.where(saying.column, saying.__call__)

    @cached_property
    def relief(self) -> Bools:
        """Which records are of charges that relief is for. Shape (n,)."""
        named = [is_relief(text) for text in self.encoded.texts["offense"]]
        return chosen(named, self.encoded.rows["offense"])

    @cached_property
    def convicted(self) -> Bools:
        """Which records are convictions. Shape (n,)."""
        result: Bools = (self.encoded.rows["flags"] & flag.CONVICTED) != 0
        return result

    @property
    def decisive(self) -> Bools:
        """Which records are convictions, or charges that relief is for. Shape (n,)."""
        return self.relief | self.convicted

    def note(self, kind: str, records: Bools, detail: str = "") -> None:
        """Notice a kind of finding in the records that a mask chooses."""
        count = int(np.count_nonzero(records))
        if count:
            first = np.flatnonzero(records)[:EXAMPLES]
            self.noticed.note(kind, count, self.coding.block.lines[first] + self.header_lines, detail)


def chosen(said: Sequence[bool] | Bools, codes: Int32s | Int64s) -> Bools:
    """What is said of each code, for each record."""
    # Of most questions no text says so, and to look that up for each record takes as long as all else.
    mask = np.asarray(said, np.bool_)
    result: Bools = mask.take(codes) if mask.any() else np.zeros(codes.size, np.bool_)
    return result


@lru_cache(_MOST_KNOWN)
def is_relief(code_section: bytes) -> bool:
    """Whether a code section names one that relief is for."""
    return state().charges.section(code_section) >= 0


def blank(text: bytes) -> bool:
    """Whether a text is blank."""
    return not text.strip()
