"""A list of fabricated spellings of Illinois's statutes with what each means; written as `tests/law/spellings.csv`.

Each spelling is put together from its meaning, by rules that were derived by hand from spellings that were seen;
nothing here reads a spelling. `python -m tests.support.spellings` writes the list anew.
"""

import csv
import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

FILE = Path(__file__).parents[1] / "law/spellings.csv"
COLUMNS = ("text", "day", "description", "code", "section", "subsection", "inchoate", "above", "to", "told_by")
LINES = 1_000

SEEN = [
    ("720-550/4(A)", "550", "4", ("a",), ""),
    ("720-550.0/4-C", "550", "4", ("c",), ""),
    ("720-550\\5b", "550", "5", ("b",), ""),
    ("56.5-705-C", "550", "5", ("c",), ""),
    ("720-5/8-4(720-550/5(D))", "550", "5", ("d",), "attempt"),
    ("720-550/4.", "550", "4", (), ""),
]
"""Spellings that were seen."""

_UNTIL_2016 = {
    "a": (0, 2.5),
    "b": (2.5, 10),
    "c": (10, 30),
    "d": (30, 500),
    "e": (500, 2000),
    "f": (2000, 5000),
    "g": (5000, None),
}
_FROM_2016 = _UNTIL_2016 | {"a": (0, 10), "b": (10, 30), "c": (30, 100), "d": (100, 500)}
_NO_DAY = _UNTIL_2016 | {"a": (0, 10), "b": (2.5, 30), "c": (10, 100), "d": (30, 500)}
DAYS = {
    "": _NO_DAY,
    "1984-02-09": _UNTIL_2016,
    "2016-07-28": _UNTIL_2016,
    "2016-07-29": _FROM_2016,
    "2019-01-31": _FROM_2016,
}
"""What subsections of 550/4 mean on some days; those of 550/5 never changed."""

DESCRIPTIONS: dict[str, tuple[float, float | None] | None] = {
    "": None,
    "POSS CANNABIS": None,
    "POSSESS CANNABIS 10-30 GRAM": (10, 30),
    "PCS CANNABIS 30-500 GRAMS/1ST": (30, 500),
    "CANNABIS LESS THAN 2.5 GRAMS": (0, 2.5),
    "MFG/DEL CANNABIS >5000 GRAMS": (5000, None),
    "CANNABIS 2.5-10GM": (2.5, 10),
}

_ARTICLES: list[tuple[str, tuple[str, ...]]] = [
    ("9-1", ("a", "1")),
    ("12-3.2", ("a",)),
    ("19-1", ("a",)),
    ("16A-3", ("a",)),
    ("24-1.1", ("a",)),
    ("11-1.20", ()),
    ("31-1", ()),
]
_ROADS = [("11-501", ("a", "2")), ("6-303", ("a",)), ("11-502", ())]
_UNKNOWN = [
    *("", "UNKNOWN", "SEE COMPLAINT", "CANNABIS", "-", "0", "720", "550", "4(A)"),
    *("720-550", "720-550/", "720550", "720-550/4((A", "MCC 8-4-010"),
]


def _behind(parts: tuple[str, ...]) -> Iterator[str]:
    """Ways to write a subsection behind a section."""
    if not parts:
        yield from ("", ".")
        return
    large = [part.upper() for part in parts]
    yield "".join(f"({part})" for part in large)
    yield "".join(f"({part})" for part in parts)
    if len(parts) == 1:
        yield from (f"-{large[0]}", f"-{parts[0]}")
        yield f".({large[0]})"


def _spelled(act: str, section: str, parts: tuple[str, ...]) -> Iterator[str]:
    """Ways to write an offense. act: 550 or 570; 5 and 625 are those whose sections have an article."""
    for behind in _behind(parts):
        if act in ("550", "570"):
            before = f"{700 + int(section)}" if act == "550" else f"{1000 + int(section)}"
            yield from (
                f"720-{act}/{section}{behind}",
                f"720-{act}.0/{section}{behind}",
                f"720-{act}\\{section}{behind}",
            )
            yield from (
                f"720 ILCS {act}/{section}{behind}",
                f"  720-{act} / {section}{behind} ",
                f"720 ILCS {act}.0/{section}{behind}",
            )
            yield from (f"56.5-{before}{behind.lstrip('.')}", f"56 1/2-{before}{behind.lstrip('.')}")
        elif not behind.startswith("."):
            new, old = ("720-5", "38") if act == "5" else ("625-5", "95.5")
            yield from (
                f"{new}/{section}{behind}",
                f"{new}.0/{section}{behind}",
                f"{new}\\{section}{behind}",
                f"{old}-{section}{behind}",
            )
            yield f"{new[:3]} ILCS 5/{section}{behind}"
    if act in ("550", "570") and len(parts) == 1:
        yield from (f"720-{act}/{section}{parts[0].upper()}", f"720-{act}\\{section}{parts[0]}")


def _offenses() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for section, letter in itertools.product("45", ["", *"abcdefg"]):
        yield "550", section, (letter,) if letter else ()
    yield from (("550", section, ()) for section in ("8", "10"))
    yield from (
        ("570", "402", ("c",)),
        ("570", "401", ("d",)),
        ("570", "401", ("a", "1", "a")),
        ("570", "407", ("b", "1")),
    )
    yield from (("5", section, parts) for section, parts in _ARTICLES)
    yield from (("625", section, parts) for section, parts in _ROADS)


def _all() -> Iterator[tuple[str, str, str, tuple[str, ...], str]]:
    """(text, act, section, subsection's parts, inchoate) of every spelling."""
    for act, section, parts in _offenses():
        for text in _spelled(act, section, parts):
            yield text, act, section, parts, ""
            inside = text.strip()
            if inside.startswith(("720-", "56.5")):
                new, old = "720-5/8-4", "38-8-4"
                yield f"{old if inside[0] == '5' else new}({inside})", act, section, parts, "attempt"
                yield f"{new}(A)({inside})", act, section, parts, "attempt"
                yield f"720-5/8-2({inside})", act, section, parts, "conspiracy"
                yield f"720-5/8-1({inside})", act, section, parts, "solicitation"
    yield from (
        ("720-5/8-4", "", "", (), "attempt"),
        ("720-5/8-4(A)", "", "", (), "attempt"),
        ("38-8-4", "", "", (), "attempt"),
    )


def _shown(number: float | None) -> str:
    return "" if number is None else f"{number:g}"


def _amount(act: str, section: str, parts: tuple[str, ...], day: str, description: str) -> tuple[str, str, str]:
    letter = parts[0] if act == "550" and section in "45" and parts else ""
    stated = (DAYS[day] if section == "4" else _UNTIL_2016)[letter] if letter else None
    words = DESCRIPTIONS[description]
    if stated is None and words is None:
        return "", "", "not said"
    if stated is None or words is None:
        above, to = stated or words or (0, None)
        return _shown(above), "inf" if to is None else _shown(to), "subsection" if stated else "description"
    above, to = max(stated[0], words[0]), min(end for end in (stated[1] or 1e9, words[1] or 1e9))
    if above >= to:
        return "", "", "contradictory"
    return _shown(above), "inf" if to == 1e9 else _shown(to), "subsection"


def lines() -> list[tuple[str, ...]]:
    """The list: all that was seen, what means nothing, and of all others as many as there is room for."""
    rng = np.random.Generator(np.random.PCG64(14))
    made = {text: rest for text, *rest in _all()}
    for text, *rest in SEEN:
        assert made[text] == rest
    others = sorted(set(made) - {text for text, *_ in SEEN})
    chosen = sorted(rng.choice(len(others), LINES - len(SEEN) - len(_UNKNOWN), replace=False).tolist())
    texts = [*(text for text, *_ in SEEN), *(others[place] for place in chosen)]
    days, descriptions = list(DAYS), list(DESCRIPTIONS)
    listed: list[tuple[str, ...]] = []
    for text in texts:
        act, section, parts, inchoate = made[text]
        day, description = days[rng.integers(len(days))], descriptions[rng.integers(len(descriptions))]
        code = {"": "", "5": "720 ILCS 5", "625": "625 ILCS 5"}.get(act, f"720 ILCS {act}")  # type: ignore[call-overload]
        subsection = "".join(f"({part})" for part in parts)
        amount = _amount(act, section, parts, day, description)  # type: ignore[arg-type]
        listed.append((text, day, description, code, section, subsection, inchoate, *amount))  # type: ignore[arg-type]
    listed += [(text, "", "", "", "", "", "", "", "", "not said") for text in _UNKNOWN]
    return listed


def written() -> str:
    """The list as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(lines())
    return out.getvalue()


if __name__ == "__main__":
    FILE.write_text(written(), "utf-8")
