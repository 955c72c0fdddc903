"""Questions on the text of a code section, which are facts without a place in the list of facts."""

import re
from dataclasses import dataclass

from clearscale.law.offense_texts import BEGINS_WITH, CONTAINS, IS


@dataclass(frozen=True)
class TextQuestion:
    """A question on the text of the code section. how: BEGINS_WITH, IS or CONTAINS."""

    how: str
    text: str

    @property
    def name(self) -> str:
        """The question as a condition names its fact."""
        return f"code_section {self.how} '{self.text}'"


_QUESTION = re.compile(rf"code_section ({BEGINS_WITH}|{IS}|{CONTAINS}) (?:'([^']*)'|\"([^\"]*)\")")


def text_question(name: str) -> TextQuestion | None:
    """Return the question on the code section's text that a fact's name is, if it is one."""
    found = _QUESTION.fullmatch(name)
    return TextQuestion(found[1], found[2] if found[2] is not None else found[3]) if found else None
