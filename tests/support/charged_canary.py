"""A person whose every value is a word of its own, in a store of charges, and the search for those words."""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.formats.made import ROW, rendered
from tests.store.test_charge_stores import take

from .canary import found_below, found_in
from .samples import put

KEY, CASE = "QZKEY41", "QZCASE88"
BIRTH, DAY = datetime.date(1931, 3, 13), datetime.date(1957, 7, 19)
OWN = {
    "case_number": CASE,
    "fgrprntno": KEY,
    "dob": "13-Mar-31",
    "arrest_date": "19-Jul-57",
    "initial_date": "19-Jul-57",
    "chrgdispdate": "19-Jul-57",
    "sex": "QZSEX",
    "statute": "QZSTAT-9",
    "chrgdesc": "QZDESC",
    "chrgdisp": "QZDISP",
}
WORDS = [word.encode() for word in (KEY, CASE, "QZSEX", "QZSTAT", "QZDESC", "QZDISP", "13-Mar-31", "19-Jul-57")]
EPOCH = datetime.date(1970, 1, 1)
NUMBERS = {
    "birth_date": {(BIRTH - EPOCH).days},
    **{name: {(DAY - EPOCH).days} for name in ("arrest_date", "filing_date", "disposition_date")},
}
FILES = ("a.csv", "b.csv")


def found(*folders: Path) -> dict[str, set[str]]:
    return found_below(*folders, words=WORDS, numbers=NUMBERS)


def others(people: int, first: int = 0) -> list[dict[str, str]]:
    return [
        {**ROW, "fgrprntno": f"IR{person}", "case_number": f"84CR{person}", "sequence_number": str(count)}
        for person in range(first, first + people)
        for count in range(1, 2 + person % 3)
    ]


def own(*counts: int) -> list[dict[str, str]]:
    return [{**ROW, **OWN, "sequence_number": str(count)} for count in counts]


def bad(*rows: dict[str, str]) -> bytes:
    """Records that cannot be used."""
    return rendered(rows, header=False).replace(b"\n", b",one,two\n")


def file(folder: Path, name: str, mine: list[dict[str, str]], first: int) -> str:
    theirs = others(12, first)
    rows = [*theirs[:9], *mine[:1], *theirs[9:], *mine[1:]]
    broken = bad({**ROW, "fgrprntno": "IR0"}) + (bad(*own(7)) + bad({**ROW, "case_number": CASE}) if mine else b"")
    return put(folder, name, rendered(rows) + broken)


def stored(folder: Path, mine: list[dict[str, str]], store: Path) -> None:
    """A store with two snapshots of two files, read in many groups."""
    how: dict[str, Any] = {"buckets": 2, "block_bytes": 700, "group_blocks": 1, "quarantine": True}
    for name, first in zip(FILES, (0, 6), strict=True):
        take(store, file(folder, name, mine, first), **how)


def found_among(files: Mapping[str, bytes]) -> dict[str, set[str]]:
    """The same of the contents of files, by name."""
    return found_in(files, words=WORDS, numbers=NUMBERS)
