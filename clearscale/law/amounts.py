"""What weight a charge is about, where the law or the record says so: an interval, never a guess."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

NO_LIMIT = float("inf")

SUBSECTION, DESCRIPTION, CONTRADICTORY, NOT_SAID = "subsection", "description", "contradictory", "not said"
"""What an amount was told by."""


class Amount(NamedTuple):
    """Grams, more than `above` and up to `to`; both None where nobody knows. told_by: one of the words above."""

    above: float | None
    to: float | None
    told_by: str

    def within(self, limit: float) -> bool | None:
        """Whether it is up to a limit; None where that cannot be known."""
        if self.above is None or self.to is None:
            return None
        if self.to <= limit:
            return True
        return False if self.above >= limit else None


UNSAID = Amount(None, None, NOT_SAID)


class Meaning(NamedTuple):
    """What the subsections of a section mean between two days, both included; None: without end."""

    code: str
    section: str
    first: date | None
    last: date | None
    grams: Mapping[str, tuple[float, float]]

    def holds(self, day: date | None) -> bool:
        """Whether it was in force on a day; any may have been where the day is not known."""
        return day is None or (
            (self.first is None or self.first <= day) and (self.last is None or day <= self.last)
        )


@dataclass(frozen=True, eq=False)
class Amounts:
    """Weights as subsections and descriptions tell them.

    Parameters
    ----------
    meanings
        What subsections mean, by the time.
    described
        Expressions, searched in a description in capitals; groups `above` and `to` are numbers, each may be absent.
    units
        Grams of a unit that a group `unit` may name.
    """

    meanings: tuple[Meaning, ...]
    described: tuple[re.Pattern[str], ...]
    units: Mapping[str, float]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Amounts":
        """The tables `meaning`, `described` and `units` of a `statutes.toml`.

        Raises ValueError where an interval or an expression is none.
        """
        meanings = []
        for place, stated in enumerate(document.get("meaning", ()), start=1):
            grams = {}
            for subsection, limits in stated["grams"].items():
                above, to = (float(limits[0]), float(limits[1]) if len(limits) > 1 else NO_LIMIT)
                if not 0 <= above < to:
                    raise ValueError(f"meaning {place}.grams.{subsection}: {limits} is no interval")
                grams[f"({subsection})"] = (above, to)
            meanings.append(
                Meaning(stated["code"], stated["section"], stated.get("from"), stated.get("until"), grams)
            )
        described = []
        for place, stated in enumerate(document.get("described", ()), start=1):
            try:
                described.append(re.compile(stated["match"]))
            except re.error as error:
                raise ValueError(f"described {place}.match: no regular expression: {error}") from None
        return cls(tuple(meanings), tuple(described), dict(document.get("units", {})))

    def of(self, code: str, section: str, subsection: str, day: date | None, description: str = "") -> Amount:
        """The amount that a charge is about.

        Parameters
        ----------
        code, section, subsection
            As `Statutes.normalize` gives them.
        day
            Of the offense, or the nearest to it that a record has; None if it has none. Then what a subsection may
            mean is all that it meant at any time.
        description
            The charge in words, which may say an amount, too.

        Returns
        -------
        Amount
            What both say, if they agree; `contradictory` if they cannot both be right; `not said` if neither says.
        """
        stated = self._by_subsection(code, section, subsection, day)
        words = self._by_description(description)
        if stated is None and words is None:
            return UNSAID
        if stated is None or words is None:
            alone = stated or words
            assert alone is not None
            return Amount(*alone, SUBSECTION if stated else DESCRIPTION)
        above, to = max(stated[0], words[0]), min(stated[1], words[1])
        return Amount(above, to, SUBSECTION) if above < to else Amount(None, None, CONTRADICTORY)

    def dated(self, code: str, section: str) -> bool:
        """Whether subsections of a section tell of amounts at all."""
        return any((meaning.code, meaning.section) == (code, section) for meaning in self.meanings)

    def _by_subsection(
        self, code: str, section: str, subsection: str, day: date | None
    ) -> tuple[float, float] | None:
        found = [
            limits
            for meaning in self.meanings
            if (meaning.code, meaning.section) == (code, section) and meaning.holds(day)
            for part, limits in meaning.grams.items()
            if subsection.startswith(part)
        ]
        if not found:
            return None
        return min(above for above, _ in found), max(to for _, to in found)

    def _by_description(self, description: str) -> tuple[float, float] | None:
        text = " ".join(description.upper().split())
        for match in self.described:
            found = match.search(text)
            if found is not None:
                groups = found.groupdict()
                unit = self.units.get(groups.get("unit") or "", 1.0)
                above, to = groups.get("above"), groups.get("to")
                low, high = float(above) * unit if above else 0.0, float(to) * unit if to else NO_LIMIT
                return (low, high) if low < high else None
        return None
