"""Damages to the values of an extract, each as some real one was damaged, at random places and shares.

A damage is a function that changes rows in place; beside it stands which findings name it.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .damaged import Row

PLACEHOLDERS = (
    "NULL",
    "null",
    "N/A",
    "NONE",
    "UNKNOWN",
    "0",
    "00000000",
    "99999999",
    "-",
    "--",
    "#N/A",
    "XXXX",
    "?",
)

Change = Callable[[random.Random, list[Row]], None]
Form = Callable[[str], str]


@dataclass(frozen=True)
class Damage:
    """A damage.

    Parameters
    ----------
    name
        What was done.
    told_by
        Findings that name it: where figures differ, one of them is told, or refuses.
    change
        Does it.
    """

    name: str
    told_by: frozenset[str]
    change: Change

    def __call__(self, rng: random.Random, rows: Sequence[Row]) -> list[Row]:
        """The rows, damaged."""
        damaged = [dict(row) for row in rows]
        self.change(rng, damaged)
        return damaged


def chosen(rng: random.Random, rows: Sequence[Row], column: str = "") -> list[Row]:
    """One row, some or all; if a column is named, of those that have something there."""
    among = [row for row in rows if not column or row[column].strip()]
    if not among:
        return []
    share = rng.choice([0.0, 0.05, 0.2, 0.5, 1.0])
    return rng.sample(among, max(1, round(share * len(among))))


def _date(text: str) -> tuple[str, str, str] | None:
    whole = len(text) == 8 and text.isdigit() and "01" <= text[4:6] <= "12" and "01" <= text[6:] <= "28"
    return (text[:4], text[4:6], text[6:]) if whole and text > "1900" else None


_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

DATES: dict[str, Callable[[str, str, str], str]] = {
    "M/D/YYYY": lambda y, m, d: f"{int(m)}/{int(d)}/{y}",
    "MM/DD/YY": lambda y, m, d: f"{m}/{d}/{y[2:]}",
    "YYYY/MM/DD": lambda y, m, d: f"{y}/{m}/{d}",
    "M/D/YYYY 0:00": lambda y, m, d: f"{int(m)}/{int(d)}/{y} 0:00",
    "serial": lambda y, m, d: str(20000 + int(m) * 31 + int(d)),
    "scientific": lambda y, m, d: f"{y[0]}.{y[1:]}{m}E+07",
    "YYYY-MM-DD": lambda y, m, d: f"{y}-{m}-{d}",
    "with a time": lambda y, m, d: f"{y}-{m}-{d}T00:00:00",
    "as a fraction": lambda y, m, d: f"{y}{m}{d}.0",
    "MMDDYYYY": lambda y, m, d: f"{m}{d}{y}",
    "DDMMYYYY": lambda y, m, d: f"{d}{m}{y}",
    "YYMMDD": lambda y, m, d: f"{y[2:]}{m}{d}",
    "YYYYMM": lambda y, m, d: f"{y}{m}",
    "YYYY": lambda y, m, d: y,
    "padded": lambda y, m, d: f" {y}{m}{d}",
    "padded behind": lambda y, m, d: f"{y}{m}{d}  ",
    "D-MON-YY": lambda y, m, d: f"{int(d)}-{_MONTHS[int(m) - 1]}-{y[2:]}",
    "letter for a digit": lambda y, m, d: (
        f"{y}{m}{d}".replace("0", "O", 1) if "0" in f"{y}{m}{d}" else f"{y}{m}I{d}"
    ),
    "no such day": lambda y, m, d: f"{y}1{m[1]}99"[:8],
}
"""Other forms of a date."""

_UNREAD = frozenset({"dates-of-a-spreadsheet", "unreadable-dates"})
DATE_COLUMNS = ("STP_EVENT_DATE", "PRI_DOB")


def _date_form(column: str, form: Callable[[str, str, str], str]) -> Change:
    def change(rng: random.Random, rows: list[Row]) -> None:
        for row in chosen(rng, [row for row in rows if _date(row[column])]):
            parts = _date(row[column])
            assert parts is not None
            row[column] = form(*parts)

    return change


def _implausible(column: str, years: Sequence[str]) -> Change:
    def change(rng: random.Random, rows: list[Row]) -> None:
        for row in chosen(rng, [row for row in rows if _date(row[column])]):
            row[column] = rng.choice(years) + row[column][4:]

    return change


def _put(column: str, texts: Sequence[str]) -> Change:
    def change(rng: random.Random, rows: list[Row]) -> None:
        for row in chosen(rng, rows):
            row[column] = rng.choice(texts)

    return change


def _written(column: str, forms: Sequence[Form]) -> Change:
    """Write what stands in a column otherwise."""

    def change(rng: random.Random, rows: list[Row]) -> None:
        form = rng.choice(forms)
        for row in chosen(rng, rows, column):
            row[column] = form(row[column])

    return change


def _lost(*columns: str) -> Change:
    """Blank whole columns."""

    def change(rng: random.Random, rows: list[Row]) -> None:
        for row in rows:
            row.update(dict.fromkeys(columns, ""))

    return change


def _swapped(left: str, right: str) -> Change:
    def change(rng: random.Random, rows: list[Row]) -> None:
        for row in rows:
            row[left], row[right] = row[right], row[left]

    return change


def _two_subjects(rng: random.Random, rows: list[Row]) -> tuple[str, str]:
    left, right = rng.sample(sorted({row["SUBJECT_ID"] for row in rows}), 2)
    return left, right


def _collide(rng: random.Random, rows: list[Row]) -> None:
    """Give a subject's records the key of another."""
    kept, lost = _two_subjects(rng, rows)
    for row in chosen(rng, [row for row in rows if row["SUBJECT_ID"] == lost]):
        row["SUBJECT_ID"] = kept


def _join(rng: random.Random, rows: list[Row]) -> None:
    """Add another extract in which the keys mean other people."""
    new = rng.randrange(10**6)
    rows += [
        {
            **row,
            "CII_NUMBER": f"B{new}{row['CII_NUMBER'][-3:]}",
            "PRI_NAME": f"OTHER,{row['PRI_NAME'][-3:]}",
            "PRI_DOB": "19610203",
        }
        for row in rows
    ]


def _other_person(rng: random.Random, rows: list[Row]) -> None:
    """Give a subject the number of another."""
    kept, lost = _two_subjects(rng, rows)
    number = next(row["CII_NUMBER"] for row in rows if row["SUBJECT_ID"] == kept)
    for row in rows:
        if row["SUBJECT_ID"] == lost:
            row["CII_NUMBER"] = number


def _other_number(rng: random.Random, rows: list[Row]) -> None:
    """Give some records of a subject the number of another."""
    kept, lost = _two_subjects(rng, rows)
    number = next(row["CII_NUMBER"] for row in rows if row["SUBJECT_ID"] == kept)
    of_subject = [row for row in rows if row["SUBJECT_ID"] == lost]
    for row in rng.sample(of_subject, rng.randint(1, len(of_subject))):
        row["CII_NUMBER"] = number


def _same_person_twice(rng: random.Random, rows: list[Row]) -> None:
    """Add a subject's records once more, under another key and its number in another form."""
    subject = rng.choice(sorted({row["SUBJECT_ID"] for row in rows}))
    form = rng.choice([lambda text: text.lower(), lambda text: text[1:], lambda text: text[1:].lstrip("0")])
    rows += [
        {**row, "SUBJECT_ID": f"{subject}9", "CII_NUMBER": form(row["CII_NUMBER"])}
        for row in rows
        if row["SUBJECT_ID"] == subject
    ]


_PADDED: tuple[Form, ...] = (
    lambda text: f" {text}",
    lambda text: f"{text} ",
    lambda text: f"\t{text}",
)
_OTHER_CASE: tuple[Form, ...] = (str.lower, str.title, str.swapcase)
_ODD_WORD: tuple[Form, ...] = (
    *_PADDED,
    *_OTHER_CASE,
    lambda text: f"{text}*",
    lambda text: f"{text[:-1]}",
    lambda text: f"?{text[1:]}",
    lambda text: f"'{text}'",
)
_CONTRADICTING = frozenset({"contradictory-subjects", "contradictory-names", "contradictory-births"})
_DOUBLED: Form = lambda text: f"{text}{text}"  # noqa: E731
_SPREADSHEET_ORDER: Form = lambda text: f"{text[0]}.{text[1:6]}E+11"  # noqa: E731
_LENGTHS: tuple[Form, ...] = (*_PADDED, lambda text: f"{text}.0", lambda text: f"{text}Y", lambda text: "TWO")

DAMAGES: tuple[Damage, ...] = tuple(
    Damage(name, frozenset(told_by), change)
    for name, told_by, change in (
        ("numbers are placeholders", {"placeholder-numbers"}, _put("CII_NUMBER", PLACEHOLDERS)),
        ("subjects are placeholders", {"placeholder-subjects"}, _put("SUBJECT_ID", PLACEHOLDERS)),
        ("subjects collide", _CONTRADICTING, _collide),
        ("two extracts are joined", _CONTRADICTING, _join),
        ("subjects are padded", {"padded-subjects", "split-subjects"}, _written("SUBJECT_ID", _PADDED)),
        ("zeros in front of subjects", {"split-subjects"}, _written("SUBJECT_ID", (lambda text: f"0{text}",))),
        ("capitals in subjects", {"split-subjects"}, _written("SUBJECT_ID", (str.upper,))),
        ("a person in two forms", {"number-forms"}, _same_person_twice),
        ("one number, two people", {"contradictory-people"}, _other_person),
        ("one subject, two numbers", {"contradictory-subjects", "contradictory-people"}, _other_number),
        *((f"{c}: {name}", _UNREAD, _date_form(c, form)) for c in DATE_COLUMNS for name, form in DATES.items()),
        (
            "dates of no day",
            {"unreadable-dates"},
            _put("STP_EVENT_DATE", ("19900231", "20011301", "99999999", "UNKNOWN", "19900100x", "N/A")),
        ),
        (
            "events that cannot be",
            {"implausible-dates"},
            _implausible("STP_EVENT_DATE", ("1066", "1899", "1901", "2099", "2199", "9999")),
        ),
        ("births that cannot be", {"implausible-dates"}, _implausible("PRI_DOB", ("1799", "1850", "2098", "2100"))),
        (
            "births and events swapped",
            {"implausible-dates", "contradictory-births", "no-birth-dates", "no-event-dates"},
            _swapped("PRI_DOB", "STP_EVENT_DATE"),
        ),
        ("severities", {"unusual-severities"}, _written("CONV_STAT_DESCR", _ODD_WORD)),
        (
            "charge levels",
            {"unusual-severities"},
            _written("OFFENSE_TOC", (*_PADDED, str.lower, lambda t: f"{t}{t}")),
        ),
        ("dispositions", {"unusual-dispositions"}, _written("DISP_DESCR", _ODD_WORD)),
        ("event types", {"unusual-event-types"}, _written("STP_TYPE_DESCR", _ODD_WORD)),
        (
            "counties",
            {"unusual-counties"},
            _written("STP_ORI_CNTY_NAME", (*_ODD_WORD, lambda text: f"{text} CO", lambda text: "01")),
        ),
        ("sentence units", {"unusual-sentence-units"}, _written("SENT_TIME_CODE", (*_PADDED, lambda t: f"{t}RS"))),
        (
            "sentence lengths",
            {"unusual-sentence-lengths"},
            _written(
                "SENT_LENGTH", (*_PADDED, lambda text: f"{text}.0", lambda text: f"{text}Y", lambda text: "TWO")
            ),
        ),
        (
            "orders as numbers",
            {"numbers-of-a-spreadsheet"},
            _written("CNT_ORDER", (_SPREADSHEET_ORDER, lambda text: f" {_SPREADSHEET_ORDER(text)}")),
        ),
        (
            "orders cut or padded",
            {"unusual-count-orders"},
            _written(
                "CNT_ORDER",
                (*_PADDED, lambda text: text.lstrip("0")[:-1], lambda text: text[:6], lambda text: text[1:]),
            ),
        ),
        ("no names", {"no-names"}, _lost("PRI_NAME")),
        ("no births", {"no-birth-dates"}, _lost("PRI_DOB")),
        ("no event dates", {"no-event-dates"}, _lost("STP_EVENT_DATE")),
        ("no offenses", {"no-offenses"}, _lost("OFFENSE_DESCR")),
        ("no counties", {"no-counties"}, _lost("STP_ORI_CNTY_NAME")),
        ("no event types", {"no-event-types"}, _lost("STP_TYPE_DESCR")),
        ("no dispositions", {"no-dispositions"}, _lost("DISP_DESCR")),
        ("no case numbers", {"no-case-numbers"}, _lost("OFN")),
        ("no severities", {"no-severities"}, _lost("CONV_STAT_DESCR", "OFFENSE_TOC")),
        (
            "dispositions and severities swapped",
            {"unusual-dispositions"},
            _swapped("DISP_DESCR", "CONV_STAT_DESCR"),
        ),
    )
)
"""Every damage by value."""


def damages(rng: random.Random, number: int) -> Iterator[Damage]:
    """So many damages, each kind as often as any other, in any order."""
    for place in range(number):
        if place % len(DAMAGES) == 0:
            order = rng.sample(DAMAGES, len(DAMAGES))
        yield order[place % len(DAMAGES)]
