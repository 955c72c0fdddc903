"""What words of a column mean, by those of the generic format: surely, not at all, or several things."""

import re
from collections.abc import Iterable

from clearscale.formats.catalog import load_map

from .severities import level_of

_SAYS = {
    "convicted": r"(?<!NOT )GUILTY|CONVICT|SENTENCE|PROBATION",
    "acquitted": r"NOT GUILTY|ACQUIT",
    "dismissed": r"DISMISS|NOLLE|NOT PROSECUTED|WITHDR",
    "diverted": r"DIVER|DEFER",
    "pending": r"PENDING|OPEN\b|CONTINUED",
    "vacated": r"VACAT",
    "set aside": r"SET ASIDE",
    "other": r"TRANSFER|CONSOLIDAT",
}
"""What else a disposition says that begins like one of another meaning."""

_TURNS = re.compile(
    r"DENIED|REINSTAT|REVERS|OVERTURN|APPEAL|EXPUNG|SEAL|REVOK|AMEND|REDUC|CONDITION|INSAN|MENTAL|WITHHELD|REFILE"
)
"""What turns a disposition into another, or may."""

_NO_PLEA = re.compile(r"NOT GUILTY.*\b(PLEA|PLED|PLEAD\w*|ENTERED)\b|\b(PLEA|PLED|PLEAD\w*)\b.*NOT GUILTY")
"""A plea of not guilty, which ends nothing."""


def sorted_words(texts: Iterable[str], kind: str) -> tuple[dict[str, list[str]], list[str], list[str]]:
    """Sort texts of a column by what they mean.

    Parameters
    ----------
    texts
        In capitals.
    kind
        A table of `values`, such as `disposition`.

    Returns
    -------
    dict of str to list of str
        Texts by their meaning.
    list of str
        Those that mean nothing to anybody.
    list of str
        Those that may say several things.

    Examples
    --------
    >>> sorted_words(["GLTY", "GUILTY", "NOT GUILTY PLEA ENTERED"], "disposition")
    ({'convicted': ['GUILTY']}, ['GLTY'], ['NOT GUILTY PLEA ENTERED'])
    """
    words = load_map("generic-charges").words[kind]
    stated: dict[str, list[str]] = {}
    strange, several = [], []
    for text in texts:
        meaning = words.meaning(text) or (level_of(text) if kind == "level" else None)
        if meaning is None:
            strange.append(text)
        elif kind == "disposition" and _is_doubtful(text, meaning):
            several.append(text)
        else:
            stated.setdefault(meaning, []).append(text)
    return stated, strange, several


def _is_doubtful(text: str, meaning: str) -> bool:
    if _TURNS.search(text) or _NO_PLEA.search(text):
        return True
    return any(of != meaning and re.search(pattern, text) for of, pattern in _SAYS.items())
