"""Lists of statutes: whether an offense is on one, which is asked once for each distinct offense."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

import numpy as np

from clearscale.charges.tables import Offense
from clearscale_kernels.arrays import Int8s
from clearscale_kernels.relief.groups import NO, UNSURE, YES

_PART = re.compile(r"\([^()]*\)")


@dataclass(frozen=True)
class Sections:
    """Sections of a code.

    Attributes
    ----------
    code
        As the state's law is quoted.
    sections
        Each may hold `*` for anything.
    subsections
        In parentheses, such as `(a)` or `(a)(3)`, with all that is below; empty for whole sections.
    """

    code: str
    sections: tuple[str, ...]
    subsections: tuple[str, ...] = ()

    def holds(self, offense: Offense) -> int:
        """Tell whether an offense with a section is one of these: NO, UNSURE or YES."""
        if offense.code.casefold() != self.code.casefold():
            return NO
        if _any_of(self.sections).match(offense.section.casefold()) is None:
            return NO
        if not self.subsections:
            return YES
        return max(_within(offense.subsection, wanted) for wanted in self.subsections)


@lru_cache(maxsize=256)
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for texts with `*`, in small letters."""
    return re.compile("|".join(translate(pattern.casefold()) for pattern in patterns) or "(?!)")


def _within(subsection: str, wanted: str) -> int:
    """Whether a subsection is the wanted one or below it; not known where it says less than what is wanted."""
    said, asked = (_PART.findall(text.lower()) for text in (subsection, wanted))
    if said[: len(asked)] == asked:
        return YES
    return UNSURE if asked[: len(said)] == said else NO


@dataclass(frozen=True)
class StatuteList:
    """A list of statutes.

    Attributes
    ----------
    name, title
        As rules name it, and what it is.
    statutes
        What is on it.
    but_not
        What of these is not.
    descriptions
        Charges in words, in capitals, with `*` for anything: what is on it where the statute's text names nothing.
    """

    name: str
    title: str = ""
    statutes: tuple[Sections, ...] = ()
    but_not: tuple[Sections, ...] = ()
    descriptions: tuple[str, ...] = ()

    def holds(self, offense: Offense) -> int:
        """Tell whether an offense is on the list: NO, UNSURE or YES.

        An attempt or conspiracy is on it if the offense itself is. Where the text names nothing that is known, only
        the charge's words can put it on the list, and nothing can keep it off.
        """
        if not offense.section:
            words = " ".join(offense.description.upper().split())
            return YES if _any_of(self.descriptions).match(words.casefold()) else UNSURE
        found = max((statute.holds(offense) for statute in self.statutes), default=NO)
        spared = max((statute.holds(offense) for statute in self.but_not), default=NO)
        return min(found, YES - spared)


def on_list(listed: StatuteList, offenses: Sequence[Offense]) -> Int8s:
    """Tell of each offense whether it is on a list. Shape (offenses,)."""
    return np.array([listed.holds(offense) for offense in offenses], np.int8)
