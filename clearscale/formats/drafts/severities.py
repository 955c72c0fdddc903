"""Levels and classes that stand in one text, such as F3, M-A or EF."""

import re
from collections.abc import Iterable

_LEVELS = {
    "felony": ("F", "FEL", "FELONY"),
    "misdemeanor": ("M", "MIS", "MSD", "MISD", "MISDEM", "MISDEMEANOR"),
    "violation": ("V", "VIO", "VIOL", "VIOLATION"),
    "infraction": ("I", "INF", "INFRACTION"),
}
_OF = {begin: level for level, begins in _LEVELS.items() for begin in begins}
_LEVEL = "|".join(sorted(_OF, key=len, reverse=True))
_IN_ONE = re.compile(
    rf"(?P<level>{_LEVEL})[ -/]?(?P<grade>[A-EX]|[1-9U])?|(?P<before>[A-EU]|A-?I{{1,2}}|A[12])[ -/]?(?P<of>[FM])"
)


NO_CLASS = "none"
"""What a text says of the class that has a level alone."""


def level_of(text: str) -> str | None:
    """The level that a text without a class says, None if it says none."""
    return _OF.get(text.upper())


def in_one(text: str) -> bool:
    """Whether a text may be a level with a class behind it, or without."""
    return _IN_ONE.fullmatch(" ".join(text.upper().split())) is not None


def severities(texts: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """The words of levels and classes in texts that have both; texts that have neither are left out.

    Examples
    --------
    >>> severities(["F3", "MA", "M", "?"])
    {'level': {'felony': ['F3'], 'misdemeanor': ['M', 'MA']}, 'class': {'3': ['F3'], 'none': ['M'], 'A': ['MA']}}
    """
    found: dict[str, dict[str, list[str]]] = {"level": {}, "class": {}}
    for text in sorted({" ".join(text.upper().split()) for text in texts}):
        told = _IN_ONE.fullmatch(text)
        if told is None:
            continue
        found["level"].setdefault(_OF[told["level"] or told["of"]], []).append(text)
        found["class"].setdefault(told["grade"] or told["before"] or NO_CLASS, []).append(text)
    return found
