"""Which code sections count as what, from a state's lists of charges.

A list is data with its source; here it is compiled and asked. Texts are matched once a distinct text, so this
is plain Python, and patterns see bytes: a value that is no valid UTF-8 is matched all the same.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clearscale_kernels import flag

RELIEF = "relief"
"""Mark of the list of sections that relief is for; each of its patterns is the text of a section, in order."""

MARKS = {
    "related": flag.RELATED,
    "superstrike": flag.SUPERSTRIKE,
    "registration": flag.PC290,
    "synthetic": flag.SYNTHETIC,
}
"""The other marks a list can give its charges, and the bit for each."""


@dataclass(frozen=True)
class Charge:
    """What a code section is.

    flags: bits of `clearscale_kernels.flag` (the sections it names, related, superstrike, ...).
    section: place in `Catalog.sections` of the leftmost section that relief is for, -1 if it names none.
    """

    flags: int
    section: int


@dataclass(frozen=True)
class ChargeList:
    """One list: what it is, where it is written down, and its patterns (regular expressions, searched anywhere).

    mark: what a charge on it is, RELIEF or one of MARKS.
    """

    name: str
    title: str
    mark: str
    sources: tuple[str, ...]
    patterns: tuple[str, ...]

    @classmethod
    def read(cls, name: str, document: Mapping[str, Any]) -> "ChargeList":
        """The list that a file of that name states."""
        return cls(
            name, document["title"], document["mark"], tuple(document["sources"]), tuple(document["patterns"])
        )

    def matcher(self) -> re.Pattern[bytes]:
        """One expression that finds any of the patterns."""
        return re.compile(b"|".join(b"(?:" + pattern.encode() + b")" for pattern in self.patterns))


class Catalog:
    """The charge lists of a state, compiled when they are first asked.

    lists: by name; one of them is marked RELIEF.
    """

    def __init__(self, lists: Mapping[str, ChargeList]) -> None:
        self.lists = lists
        (self._relief,) = (each for each in lists.values() if each.mark == RELIEF)

    @property
    def sections(self) -> tuple[str, ...]:
        """The sections that relief is for; a section's code is its place here, -1 is none."""
        return self._relief.patterns

    @cached_property
    def _section(self) -> re.Pattern[bytes]:
        return self._relief.matcher()

    @cached_property
    def _marks(self) -> list[tuple[re.Pattern[bytes], int]]:
        return [(each.matcher(), MARKS[each.mark]) for each in self.lists.values() if each.mark != RELIEF]

    def classify(self, code_section: bytes) -> Charge:
        """What the code section is; see `Charge`."""
        flags = 0
        for place, text in enumerate(self.sections):
            if text.encode() in code_section:
                flags |= 1 << place
        for matcher, bit in self._marks:
            if matcher.search(code_section):
                flags |= bit
        return Charge(flags, self.section(code_section))

    def section(self, text: bytes) -> int:
        """Place in `sections` of the leftmost of them in the text, -1 if it has none."""
        match = self._section.search(text)
        return self.sections.index(match.group().decode()) if match else -1

    def digest(self) -> str:
        """SHA-256 of everything the lists say, so that a store knows which lists its facts come from."""
        text = repr(sorted((name, each.patterns) for name, each in self.lists.items()))
        return hashlib.sha256(text.encode()).hexdigest()
