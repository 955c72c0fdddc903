"""What texts of a column mean, and which rows are charges by such texts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """What the texts of a column mean: words without *, and patterns with it, each in capitals."""

    exact: Mapping[str, str]
    patterns: tuple[tuple[re.Pattern[str], str], ...]

    @classmethod
    def read(cls, stated: Mapping[str, Sequence[str]]) -> "Words":
        """The meanings that a table of `values` states."""
        exact: dict[str, str] = {}
        patterns = []
        for meaning, texts in stated.items():
            for text in texts:
                word = capitals(text)
                if "*" in word:
                    pattern = ".*".join(map(re.escape, word.split("*")))
                    patterns.append((re.compile(pattern, re.DOTALL), meaning))
                else:
                    exact.setdefault(word, meaning)
        return cls(exact, tuple(patterns))

    def meaning(self, text: str) -> str | None:
        """What a text means, in any case and however it is spaced; None if nobody said."""
        word = capitals(text)
        if word in self.exact:
            return self.exact[word]
        return next((meaning for pattern, meaning in self.patterns if pattern.fullmatch(word)), None)


@dataclass(frozen=True)
class Rows:
    """Which rows are charges. wanted: texts of a column that say so, None: all but `others`."""

    column: str
    wanted: Words | None
    others: Words | None

    def has(self, text: str) -> bool:
        """Whether a row with this text in the column is a charge."""
        if self.others is not None and self.others.meaning(text) is not None:
            return False
        return self.wanted is None or self.wanted.meaning(text) is not None


def capitals(text: str) -> str:
    """A text in capitals, with single blanks."""
    return " ".join(text.upper().split())
