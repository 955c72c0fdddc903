"""What is odd about a file's rows and its keys of people, so that a person has to look at it."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from .guess import Guess

_MOST_KEYS = 2
"""Digits of what numbers defendants in a case, and not people."""

_FEWEST_CASES = 20
_FLAGS = 3
"""So many different texts may tell which of a charge's rows counts."""

_BLANK = 0.05
_SEVERAL = 0.25
"""Share of keys with several birth dates above which they tell no people, as `clearscale formats check` has it."""

_TOTAL = re.compile(
    r"(GRAND |SUB)?TOTALS?\b|SUM\b|END OF\b|EOF\b|\d+ (ROWS|RECORDS)\b|(ROWS|RECORDS|COUNT)\b|[-=_]{3,}$", re.I
)
_RULE = re.compile(r"[-=_]+")


def set_aside(found: Guess) -> None:
    """Take out rows that are no charges: totals, and lines of dashes."""
    kept, words = [], []
    for row in zip(*(found.cells[column] for column in found.columns), strict=True):
        filled = [(column, text) for column, text in zip(found.columns, row, strict=True) if text]
        told = _TOTAL.match(filled[0][1]) if filled else None
        ruled = all(_RULE.fullmatch(text) for _, text in filled)
        if told and (ruled or len(filled) <= max(2, len(row) // 2)):
            words.append((filled[0][0], f"{told[0].upper()}*"))
        else:
            kept.append(row)
    if not words:
        return
    column = words[0][0]
    found.no_charges = column, [*dict.fromkeys(word for of, word in words if of == column)]
    found.doubts.append(f"rows: {len(words)} like a total or a ruled line; [rows] sets them aside")
    found.cells = {column: [row[place] for row in kept] for place, column in enumerate(found.columns)}


def people(found: Guess) -> None:
    """Take out what tells no people: numbers within a case, and keys of several people."""
    (births,) = found.roles.get("birth_date", [""])
    (cases,) = found.roles.get("case", [""])
    kept = []
    for column in found.roles.pop("person", ()):
        keys = found.cells[column]
        if births and column not in found.forms:
            days: dict[str, set[str]] = defaultdict(set)
            for key, day in zip(keys, found.cells[births], strict=True):
                days[key] |= {day} if key and day else set()
            days.pop("", None)
            several = sum(len(dates) > 1 for dates in days.values())
            if several > _SEVERAL * len(days):
                found.doubts.append(
                    f"person: {several} of {len(days)} keys in {column} have several birth dates, so it tells no "
                    f'people and is not taken; if it does: person = "{column}"'
                )
                continue
        if cases and len(set(found.cells[cases])) >= _FEWEST_CASES:
            if max(map(len, keys)) <= _MOST_KEYS:
                found.doubts.append(
                    f"person: {column} seems to number the defendants of a case, so it is not taken; if it tells "
                    f'people over all cases: person = "{column}"'
                )
                continue
            pairs = Counter(zip(keys, found.cells[cases], strict=True))
            if len(pairs) == len(set(keys)) == len(set(found.cells[cases])):
                found.doubts.append(
                    f"person: each case has another key in {column}; if it numbers cases, not people, take it out"
                )
        kept.append(column)
    if kept:
        found.roles["person"] = kept


def rows_of_one(found: Guess) -> None:
    """Doubt rows that are no charges of their own."""
    if "case" not in found.roles:
        return
    cases = found.cells[found.roles["case"][0]]
    blank = [place for place, text in enumerate(cases) if not text and place]
    if len(blank) > _BLANK * len(cases):
        found.doubts.append(
            f"case: {found.roles['case'][0]} is blank in {len(blank)} of {len(cases)} rows; nothing is carried "
            "down from the row above, so have it filled in every row"
        )
    _going_on(found, cases)
    if "sequence" not in found.roles or "disposition" not in found.roles:
        return
    columns = [found.roles[role][0] for role in ("case", "sequence", "disposition")]
    people = found.cells[found.roles["person"][0]] if "person" in found.roles else [""] * len(cases)
    rows: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for place, key in enumerate(zip(people, *(found.cells[column] for column in columns[:2]), strict=True)):
        if all(key[1:]):
            rows[key].append(place)
    of = sum(map(len, rows.values()))
    ends = found.cells[columns[2]]
    if of - len(rows) <= _BLANK * of or all(
        len({ends[place] for place in places}) == 1 for places in rows.values()
    ):
        return
    says = _one_of_each(found, [*rows.values()]) or 'column = "COLUMN" and is = ["TEXT"]'
    found.doubts.append(
        f"rows: {of - len(rows)} of {of} have the {columns[0]} and {columns[1]} of another, with other "
        "dispositions. If the file has a row a disposition, each counts as a charge: ask for the last of each, or "
        f"say which rows count, [rows] with {says}"
    )


def _going_on(found: Guess, cases: Sequence[str]) -> None:
    """Doubt rows that say nothing of a charge but its case: they may go on with the row above."""
    if not {"statute", "disposition"} <= {*found.roles}:
        return
    statute, disposition = (found.cells[found.roles[role][0]] for role in ("statute", "disposition"))
    days = [cells for column, cells in found.cells.items() if column in found.forms]
    silent = sum(
        bool(case)
        and not statute[place]
        and not disposition[place]
        and sum(bool(cells[place]) for cells in days) < 2
        for place, case in enumerate(cases)
    )
    if silent > _BLANK * len(cases):
        column = found.roles["statute"][0]
        found.doubts.append(
            f"rows: {silent} of {len(cases)} have a case, and neither statute nor disposition nor dates; if they "
            f'go on with the row above, they are no charges: [rows] with column = "{column}" and is_not = [""]'
        )


def _one_of_each(found: Guess, rows: Sequence[Sequence[int]]) -> str:
    """What says which row of each charge counts: a column of two texts, one of which each charge has once."""
    used = {column for columns in found.roles.values() for column in columns}
    for column in found.columns:
        cells = found.cells[column]
        words = {*cells} if column not in used else set()
        for word in sorted(words - {""}) if len(words) <= _FLAGS else ():
            if all(sum(cells[place] == word for place in places) == 1 for places in rows):
                return f'column = "{column}" and is = ["{word}"]'
    return ""


def keys_of_people(found: Guess) -> None:
    """Name columns that may be the key of people, where no name says so: each text has one birth date."""
    if "person" in found.roles or not {"birth_date", "case"} <= {*found.roles}:
        return
    births, cases = (found.cells[found.roles[role][0]] for role in ("birth_date", "case"))
    used = {column for columns in (*found.roles.values(), *found.identity.values()) for column in columns}
    for column in found.columns:
        keys = found.cells[column]
        known = {key for key in keys if key}
        if (
            column in used
            or column in found.forms
            or sum(any(map(str.isdigit, key)) for key in known) < 0.8 * len(known)
        ):
            continue
        of_births = {(key, day) for key, day in zip(keys, births, strict=True) if key and day}
        of_cases = {pair for pair in zip(keys, cases, strict=True) if pair[0]}
        if len(known) > 1 and len(of_births) <= len(known) < len(of_cases) and len(known) >= len({*births}) - 1:
            found.doubts.append(
                f"person: {column} may be the key of people, since each of {len(known)} keys has one birth "
                f'date and some have several cases: person = "{column}"'
            )
