"""Code sections as policies ask of their text: each question is put once to a text, and looked up by code."""

import re
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from clearscale.encoding import readable, to_bytes, to_text
from clearscale_kernels.arrays import Bools, Int8s

from .states import state
from .text import trimmed

BEGINS_WITH, IS, CONTAINS = "begins with", "is", "contains"
"""How a code section's text can be asked."""

OTHER_SECTION = "(another text)"
"""In figures, in place of a text that does not look like a code section."""

_LETTER = re.compile("(?:{})(?:\\(([A-Z])\\))?".format("|".join(state().charges.sections)).encode())


class Offenses:
    """The code sections of a store, by offense code. texts: as the records have them."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self.texts = texts
        self._asked: dict[tuple[str, str], Bools] = {}

    def matching(self, how: str, wanted: str) -> Bools:
        """Which code sections begin with, are or contain a text, case and spaces included. Shape (offenses,)."""
        found = self._asked.get((how, wanted))
        if found is None:
            value = to_bytes(wanted)
            if how == BEGINS_WITH:
                found = np.array([text.startswith(value) for text in self.texts], np.bool_)
            elif how == IS:
                found = np.array([text == value for text in self.texts], np.bool_)
            else:
                found = np.array([value in text for text in self.texts], np.bool_)
            self._asked[how, wanted] = found
        return found

    @cached_property
    def subsections(self) -> Int8s:
        """The letter in parentheses right behind the leftmost Prop 64 section, 1 for A; 0 if there is none."""
        found = [_LETTER.search(text) for text in self.texts]
        return np.array([match[1][0] - ord("A") + 1 if match and match[1] else 0 for match in found], np.int8)

    @cached_property
    def shown(self) -> list[str]:
        """The texts as people read them: trimmed, bytes that are no UTF-8 escaped."""
        return [readable(trimmed(text)) for text in self.texts]

    @cached_property
    def for_figures(self) -> "Offenses":
        """The same code sections, of which figures show only what looks like one.

        The charge may stand in a comment, whose words may name somebody.
        """
        return _ForFigures(self.texts)

    def written(self, code: int) -> str:
        """A text as result files have it: trimmed, its bytes kept (`clearscale.encoding.to_bytes`)."""
        return to_text(trimmed(self.texts[code]))


class _ForFigures(Offenses):
    @cached_property
    def shown(self) -> list[str]:
        looks = state().format.looks_like_section
        return [readable(text) if looks(text) else OTHER_SECTION for text in map(trimmed, self.texts)]
