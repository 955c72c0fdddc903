"""Which code sections count as what, from a state's lists of charges.

A list is data with its source; here it is compiled and asked. Texts are matched once a distinct text, so this
is plain Python, and patterns see bytes: a value that is no valid UTF-8 is matched all the same.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from clearscale_kernels import flag

RELIEF = "relief"
"""Mark of the list of sections that relief is for; each of its patterns is the text of a section, in order."""

BITS = {
    "related": flag.RELATED,
    "superstrike": flag.SUPERSTRIKE,
    "registration": flag.REGISTRABLE,
    "synthetic": flag.SYNTHETIC,
}
"""Marks that a charge bears as a bit."""

NEAR = "near"
"""Mark of texts that nearly name a section that relief is for; what is found is told, and never decided."""

_WIDTH = 12
"""Characters that are shown before and behind what nearly names a section."""

_LONG_PARENTHESIS = re.compile(rb"\([^)]{4,}\)")

PAIRED = ("enhancement", "enhanced")
"""Marks of charges that only say something as a pair, two convictions of a case."""


@dataclass(frozen=True)
class Charge:
    """What a code section is.

    flags: bits of `clearscale_kernels.flag` (the sections it names, related, superstrike, ...).
    section: place in `Catalog.sections` of the leftmost section that relief is for, -1 if it names none.
    """

    flags: int
    section: int


class ChargeList(NamedTuple):
    """One list: what it is, where it is written down, and its patterns (regular expressions, searched anywhere).

    mark: what a charge on it is, RELIEF, NEAR, one of BITS or of PAIRED. label, words: what a charge on it is
    called, in short and in a sentence. subjects, effective: of RELIEF, what each section is about, and since when
    there is relief. example: a code section on it. told_before, told_behind: of NEAR, what may stand around it and
    is told with it.
    """

    name: str
    title: str
    mark: str
    label: str
    words: str
    sources: tuple[str, ...]
    patterns: tuple[str, ...]
    subjects: tuple[str, ...] = ()
    effective: date | None = None
    example: str = ""
    told_before: str = ""
    told_behind: str = ""

    @classmethod
    def read(cls, name: str, document: Mapping[str, Any]) -> "ChargeList":
        """The list that a file of that name states."""
        stated: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in document.items()
        }
        return cls(name=name, **stated)

    def matcher(self) -> re.Pattern[bytes]:
        """One expression that finds any of the patterns."""
        return re.compile(b"|".join(b"(?:" + pattern.encode() + b")" for pattern in self.patterns))


class Catalog:
    """The charge lists of a state, compiled when they are first asked.

    lists: by name, one for each mark.
    """

    def __init__(self, lists: Mapping[str, ChargeList]) -> None:
        self.lists = lists
        self._by_mark = {charges.mark: charges for charges in lists.values()}

    def marked(self, mark: str) -> ChargeList:
        """The list with that mark."""
        return self._by_mark[mark]

    @property
    def sections(self) -> tuple[str, ...]:
        """The sections that relief is for; a section's code is its place here, -1 is none."""
        return self._by_mark[RELIEF].patterns

    @property
    def labels(self) -> tuple[tuple[int, str], ...]:
        """Each bit of a charge with what it says in short, the lowest first."""
        return (
            *((1 << place, section) for place, section in enumerate(self.sections)),
            *((bit, self._by_mark[mark].label) for mark, bit in BITS.items()),
        )

    @cached_property
    def _section(self) -> re.Pattern[bytes]:
        return self._by_mark[RELIEF].matcher()

    @cached_property
    def _marks(self) -> list[tuple[re.Pattern[bytes], int]]:
        return [(self._by_mark[mark].matcher(), bit) for mark, bit in BITS.items()]

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

    @cached_property
    def _near(self) -> re.Pattern[bytes]:
        return self._by_mark[NEAR].matcher()

    def near(self, text: bytes) -> bytes:
        """The word of an offense's text that nearly names a section that relief is for, blank if none does."""
        return b"".join(self._around(text))

    def near_as_told(self, text: bytes) -> str:
        """The same for people: what stands before and behind only if it is a word of charges, `...` otherwise."""
        before, found, behind = self._around(text)
        charges = self._by_mark[NEAR]
        first, last = (
            part if re.fullmatch(known.encode(), part) else b"..."
            for known, part in ((charges.told_before, before), (charges.told_behind, behind))
        )
        return (first + _LONG_PARENTHESIS.sub(b"(...)", found) + last).decode("ascii", "replace")

    def _around(self, text: bytes) -> tuple[bytes, bytes, bytes]:
        """What nearly names a section, between the rest of its word; all blank if nothing does."""
        match = self._near.search(text)
        if match is None:
            return b"", b"", b""
        before = text[: match.start()].rpartition(b" ")[2][-_WIDTH:]
        behind = text[match.end() :].partition(b" ")[0][:_WIDTH]
        return before, match.group(), behind

    def digest(self) -> str:
        """SHA-256 of the lists that charges get sections and bits from, so that a store knows which it has."""
        lists = [charges for charges in self.lists.values() if charges.mark not in (*PAIRED, NEAR)]
        text = repr(sorted((charges.name, charges.patterns) for charges in lists))
        return hashlib.sha256(text.encode()).hexdigest()
