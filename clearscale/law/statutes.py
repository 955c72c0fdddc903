"""How records of a state spell its statutes: a text to code, section, subsection, and attempt or conspiracy of it.

From a state's `statutes.toml`, or the table `statutes` of a column map. Each distinct text is looked at once.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .amounts import Amounts

INCHOATE = ("attempt", "conspiracy", "solicitation")
"""What a charge may be of another offense."""

_PARTS = re.compile(r"\(([^()]*)\)|([0-9]+(?:[.][0-9]+)?|[A-Z]+)")


class Statute(NamedTuple):
    """What a statute's text names.

    code, section, subsection: as the state's law is quoted; all empty where the text names nothing that is known.
    inchoate: one of INCHOATE, or empty for the offense itself; where what it was of is not said, the rest is empty.
    """

    code: str = ""
    section: str = ""
    subsection: str = ""
    inchoate: str = ""

    @property
    def is_known(self) -> bool:
        """Whether it names a section."""
        return bool(self.section)


UNKNOWN = Statute()


@dataclass(frozen=True)
class Pattern:
    """One spelling. match: of the whole text, with groups that code and section are filled with."""

    match: re.Pattern[str]
    code: str
    section: str

    @classmethod
    def read(cls, stated: Mapping[str, Any], where: str) -> "Pattern":
        """The pattern that a table states. Raises ValueError, with the place, where it is none."""
        match = _compiled(stated["match"], f"{where}.match")
        for key in ("code", "section"):
            try:
                stated[key].format(**dict.fromkeys(match.groupindex, ""))
            except (KeyError, IndexError, ValueError):
                raise ValueError(
                    f"{where}.{key}: '{stated[key]}' asks for a group that match does not have"
                ) from None
        return cls(match, stated["code"], stated["section"])


def _compiled(pattern: str, where: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{where}: '{pattern}' is no regular expression: {error}") from None


@dataclass(frozen=True, eq=False)
class Statutes:
    """How statutes are spelled, and what their subsections say of amounts.

    Parameters
    ----------
    rewrites
        What is replaced first, in order, in capitals and without white space.
    inchoate
        (one of INCHOATE, what its whole text looks like, with a group `of`).
    patterns
        Spellings, of which the first that matches the whole text counts.
    amounts
        What subsections and descriptions say of weights.
    """

    rewrites: tuple[tuple[re.Pattern[str], str], ...]
    inchoate: tuple[tuple[str, re.Pattern[str]], ...]
    patterns: tuple[Pattern, ...]
    amounts: Amounts

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Statutes":
        """What a `statutes.toml` states.

        Parameters
        ----------
        document
            Its tables.

        Returns
        -------
        Statutes
            All of it.

        Raises
        ------
        ValueError
            If an expression is none, or a template asks for a group that there is not; the message names the entry.
        """
        rewrites = []
        for place, stated in enumerate(document.get("rewrite", ()), start=1):
            match = _compiled(stated["match"], f"rewrite {place}.match")
            try:
                match.sub(stated["by"], "")
                re.compile(f"(?:{stated['match']})|").sub(stated["by"], "")
            except (re.error, IndexError) as error:
                raise ValueError(f"rewrite {place}.by: {error}") from None
            rewrites.append((match, stated["by"]))
        inchoate = []
        for place, stated in enumerate(document.get("inchoate", ()), start=1):
            if stated["kind"] not in INCHOATE:
                raise ValueError(f"inchoate {place}.kind: '{stated['kind']}' is none of {', '.join(INCHOATE)}")
            inchoate.append((stated["kind"], _compiled(stated["match"], f"inchoate {place}.match")))
        patterns = [
            Pattern.read(stated, f"pattern {place}") for place, stated in enumerate(document.get("pattern", ()), 1)
        ]
        return cls(tuple(rewrites), tuple(inchoate), tuple(patterns), Amounts.read(document))

    def cleaned(self, text: str) -> str:
        """A text as patterns see it: capitals, no white space, rewritten."""
        text = "".join(text.upper().split())
        for match, by in self.rewrites:
            text = match.sub(by, text)
        return text

    def normalize(self, text: str) -> Statute:
        """What a text names.

        Parameters
        ----------
        text
            As a record has it, in any spelling that the state's patterns know.

        Returns
        -------
        Statute
            `UNKNOWN` for a text that no pattern matches.
        """
        cleaned = self.cleaned(text)
        for kind, match in self.inchoate:
            found = match.fullmatch(cleaned)
            if found is not None:
                of = found.groupdict().get("of")
                return (self._plain(of) if of else UNKNOWN)._replace(inchoate=kind)
        return self._plain(cleaned)

    def _plain(self, cleaned: str) -> Statute:
        for pattern in self.patterns:
            found = pattern.match.fullmatch(cleaned)
            if found is not None:
                groups = {name: value or "" for name, value in found.groupdict().items()}
                return Statute(
                    pattern.code.format(**groups),
                    pattern.section.format(**groups),
                    _subsection(groups.get("subsection", "")),
                )
        return UNKNOWN


def _subsection(text: str) -> str:
    """A subsection in one form, each part in parentheses and small letters: `-A1` and `(A)(1)` are `(a)(1)`."""
    parts = [(inside or plain).lower() for inside, plain in _PARTS.findall(text)]
    return "".join(f"({part})" for part in parts if part)
