"""What a record says of who it is about, in one spelling: case, accents, punctuation, suffixes, order of a name."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_SUFFIXES = {"JR": "JR", "SR": "SR", "II": "II", "III": "III", "IV": "IV", "2ND": "II", "3RD": "III"}
_NICKNAME = re.compile(r'"[^"]*"|\([^)]*\)')
_WITHIN = "'\u2019`"
"""Marks within a word, which do not part it."""
_TOKEN = re.compile(r"YYYY|YY|MONTH|MON|MM|M|DD|D")
_EXCHANGED = {"MM": "DD", "DD": "MM", "M": "D", "D": "M"}


@dataclass(frozen=True, order=True)
class Identity:
    """A person as a record has them; empty texts where it says nothing.

    Parameters
    ----------
    last, first, middle, suffix
        Parts of the name, in capitals without accents, single blanks between words.
    born
        The birth date, YYYYMMDD.
    sex
        As charges have it.
    numbers
        One for each column of numbers: letters and digits.
    """

    last: str
    first: str
    middle: str
    suffix: str
    born: str
    sex: str
    numbers: tuple[str, ...]


@lru_cache(2**16)
def words(text: str) -> tuple[str, ...]:
    """The words of a name: in capitals, without accents and apostrophes; hyphens and other marks part words."""
    plain = unicodedata.normalize("NFKD", _NICKNAME.sub(" ", text).upper())
    kept = (
        "" if unicodedata.combining(mark) or mark in _WITHIN else mark if mark.isalnum() or mark == "," else " "
        for mark in plain
    )
    return tuple("".join(kept).replace(",", " ").split())


@lru_cache(2**16)
def parts(name: str) -> tuple[str, str, str]:
    """(first, middle and last name) of a whole one, `LAST, FIRST MIDDLE` or `FIRST MIDDLE LAST`; suffixes stay."""
    before, comma, behind = name.partition(",")
    if comma and not [word for word in words(behind) if word not in _SUFFIXES]:
        before, comma, behind = f"{before} {behind}", "", ""
    if comma:
        first, *others = words(behind)
        return first, " ".join(others), before
    given = [word for word in words(before) if word not in _SUFFIXES]
    suffixes = " ".join(word for word in words(before) if word in _SUFFIXES)
    if len(given) < 2:
        return "", "", " ".join([*given, suffixes])
    return given[0], " ".join(given[1:-1]), f"{given[-1]} {suffixes}"


def identity(first: str, middle: str, last: str, born: str, sex: str, numbers: Sequence[str]) -> Identity:
    """The identity that a record's texts state, its birth date read already.

    Parameters
    ----------
    first, middle, last
        Parts of the name as the record has them.
    born
        YYYYMMDD, or empty.
    sex
        As charges have it, or empty.
    numbers
        As the record has them.

    Returns
    -------
    Identity
    """
    found: list[str] = []
    kept = []
    for text in (last, first, middle):
        own = words(text)
        # A name of one word is a name, whatever it looks like.
        found += [_SUFFIXES[word] for word in own if word in _SUFFIXES and len(own) > 1]
        kept.append(" ".join(word for word in own if word not in _SUFFIXES or len(own) == 1))
    if kept[2] in _SUFFIXES:
        found.append(_SUFFIXES[kept[2]])
        kept[2] = ""
    suffix = found[0] if found else ""
    return Identity(kept[0], kept[1], kept[2], suffix, born, sex, tuple(map(number, numbers)))


def number(text: str) -> str:
    """A number of letters and digits, without zeros before it."""
    return "".join(mark for mark in text.upper() if mark.isalnum()).lstrip("0")


def exchanged(form: str) -> str:
    """A form of dates whose day and month stand in each other's place."""
    return _TOKEN.sub(lambda token: _EXCHANGED.get(token.group(), token.group()), form.upper())
