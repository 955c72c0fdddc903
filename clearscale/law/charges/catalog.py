"""Which code sections count as what, from the lists in this folder.

A list is data with its source; here it is compiled and asked. Texts are matched once a distinct text, so this
is plain Python, and patterns see bytes: a value that is no valid UTF-8 is matched all the same.
"""

import hashlib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from clearscale_kernels import flag

from .text import charge_is_in_comment

LISTS = {
    "related": flag.RELATED,
    "superstrikes": flag.SUPERSTRIKE,
    "pc290": flag.PC290,
}
"""File of each list beside the sections themselves, and the bit that its charges bear."""

_SECTION_BITS = (flag.NAMES_11357, flag.NAMES_11358, flag.NAMES_11359, flag.NAMES_11360)


@dataclass(frozen=True)
class Charge:
    """What a code section is.

    flags: bits of `clearscale_kernels.flag` (the sections it names, related, superstrike, ...).
    section: place in `flag.SECTIONS` of the leftmost Prop 64 section, -1 if it names none.
    """

    flags: int
    section: int


@dataclass(frozen=True)
class ChargeList:
    """One list: what it is, where it is written down, and its patterns (regular expressions, searched anywhere)."""

    name: str
    title: str
    sources: tuple[str, ...]
    patterns: tuple[str, ...]

    def matcher(self) -> re.Pattern[bytes]:
        """One expression that finds any of the patterns."""
        return re.compile(b"|".join(b"(?:" + pattern.encode() + b")" for pattern in self.patterns))


class Catalog:
    """The charge lists of this version, compiled."""

    def __init__(self, lists: dict[str, ChargeList]) -> None:
        self.lists = lists
        self._section = lists["prop64"].matcher()
        self._synthetic = lists["synthetic"].matcher()
        self._others = [(lists[name].matcher(), bit) for name, bit in LISTS.items()]

    def classify(self, code_section: bytes) -> Charge:
        """What the code section is; see `Charge`."""
        flags = 0
        for text, bit in zip(flag.SECTIONS, _SECTION_BITS, strict=True):
            if text.encode() in code_section:
                flags |= bit
        if self._synthetic.search(code_section):
            flags |= flag.SYNTHETIC
        for matcher, bit in self._others:
            if matcher.search(code_section):
                flags |= bit
        return Charge(flags, self.section(code_section))

    def section(self, text: bytes) -> int:
        """Place in `flag.SECTIONS` of the leftmost Prop 64 section in the text, -1 if it has none."""
        match = self._section.search(text)
        return flag.SECTIONS.index(match.group().decode()) if match else -1

    def possible_other(self, offense_description: bytes, comment: bytes) -> bytes:
        """The comment, if it names a Prop 64 charge that the offense description does not; else nothing.

        As the counties' program filled its column "Possible Other P64 Charges": a section that the description
        lacks (leftmost of each compared) or, where both are 11357, a subsection of the other pair, (A) and (B)
        against (C) and (D), or a subsection that only the comment names.
        """
        in_comment = self.section(comment)
        if in_comment < 0 or charge_is_in_comment(offense_description):
            return b""
        if self.section(offense_description) != in_comment:
            return comment
        if flag.SECTIONS[in_comment] != "11357":
            return b""
        in_comment_part = _SUBSECTION.search(comment)
        described_part = _SUBSECTION.search(offense_description)
        if not in_comment_part:
            return b""
        if not described_part:
            return comment
        return comment if (in_comment_part[1] in b"AB") != (described_part[1] in b"AB") else b""

    def digest(self) -> str:
        """SHA-256 of everything the lists say, so that a store knows which lists its facts come from."""
        text = repr(sorted((name, each.patterns) for name, each in self.lists.items()))
        return hashlib.sha256(text.encode()).hexdigest()


_SUBSECTION = re.compile(rb"11357\(([ABCD])\)")


@cache
def catalog() -> Catalog:
    """The lists in this folder."""
    lists = {}
    for name in ("prop64", "synthetic", *LISTS):
        document = tomllib.loads(resources.files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))
        lists[name] = ChargeList(name, document["title"], tuple(document["sources"]), tuple(document["patterns"]))
    return Catalog(lists)
