"""Extracts of any size from a seed."""

import datetime
import random
from collections.abc import Sequence

from . import offenses, values
from .rows import COLUMNS, Layout, Row, needs_count_order, render

# Columns that decide something or that names and dates may stand in; the others are only carried along.
_FILLED_NAMES = """
SUBJECT_ID CII_NUMBER PRI_NAME GENDER PRI_DOB RACE_DESCR CYC_DATE STP_EVENT_DATE STP_TYPE_DESCR
STP_ORI_CNTY_NAME CNT_ORDER OFN OFFENSE_DESCR OFFENSE_TOC DISP_DESCR CONV_STAT_DESCR SENT_LENGTH SENT_TIME_CODE
COMMENT_TEXT
"""
_FILLED = frozenset(_FILLED_NAMES.split())


def edge_extract(
    seed: int,
    subjects: int,
    county: str,
    as_of: datetime.date,
    *,
    header: bool = True,
    crlf: bool = False,
    scatter: bool = False,
    padded: bool = False,
    tail_newline: bool = True,
) -> bytes:
    """An extract of so many subjects with one to ten rows each; the same arguments give the same bytes.

    `scatter` mixes the rows of different subjects, `padded` fills the columns that decide nothing.
    """
    rng = random.Random(seed)
    rows: list[Row] = []
    cii_number = b""
    for number in range(subjects):
        # Some neighbors are one person with two subjects, some have no number at all.
        if rng.random() < 0.9:
            cii_number = b"%010d" % rng.randrange(10**10) if rng.random() < 0.9 else b""
        rows += _subject(rng, _subject_id(rng, number), cii_number, county, as_of)
    if scatter:
        rng.shuffle(rows)
    if padded:
        for row in rows:
            _pad(rng, row)
    return render(
        rows,
        Layout(header=header, crlf=crlf, tail_newline=tail_newline),
        quote_anyway=lambda: rng.random() < 0.02,
        blank_line=lambda: rng.random() < 0.02,
    )


def _subject_id(rng: random.Random, number: int) -> bytes:
    """Mostly eight digits; the odd ones differ from another subject's by a blank, a zero or a stray byte only."""
    if rng.random() < 0.9:
        return b"%d" % (20000000 + number)
    neighbor = 20000000 + rng.randrange(number + 1)
    return rng.choice([b"%d ", b" %d", b"0%d", b"%d\xc9", b"%d\x00", b"A-%d"]) % neighbor


def _usually(rng: random.Random, usual: bytes, share: float, edges: Sequence[bytes]) -> bytes:
    return usual if rng.random() < share else rng.choice(edges)


def _subject(
    rng: random.Random, subject_id: bytes, cii_number: bytes, county: str, as_of: datetime.date
) -> list[Row]:
    birth_date = rng.choice(values.birth_dates(as_of, range(19, 67)))
    first_birth_date = _usually(rng, values.in_digits(birth_date), 0.85, values.ODD_DATES)
    # Rules about the whole record need subjects of one kind of charge, and of dates around one boundary.
    only_prop_64 = rng.random() < 0.3
    dates = _dates(rng, birth_date, as_of)
    name = rng.choice(values.NAMES)

    rows: list[Row] = []
    for _ in range(rng.randint(1, 10)):
        row = {
            "SUBJECT_ID": subject_id,
            "CII_NUMBER": cii_number,
            "PRI_NAME": _usually(rng, name, 0.9, values.NAMES),
            "GENDER": rng.choice((b"M", b"F", b"")),
            "RACE_DESCR": rng.choice((b"WHITE", b"BLACK", b"HISPANIC", b"PACIFIC ISLANDER", b"UNKNOWN", b"")),
            "PRI_DOB": first_birth_date if not rows else _usually(rng, first_birth_date, 0.8, values.ODD_DATES),
            "CYC_DATE": rng.choice(values.ODD_DATES),
            "STP_EVENT_DATE": _usually(rng, rng.choice(dates), 0.93, values.ODD_DATES),
            "STP_TYPE_DESCR": _usually(rng, b"COURT ACTION", 0.6, values.STEP_TYPES),
            "STP_ORI_CNTY_NAME": _usually(rng, county.encode(), 0.85, values.counties(county)),
            "OFN": rng.choice(values.CASE_NUMBERS),
            "OFFENSE_DESCR": _offense(rng, only_prop_64),
            "OFFENSE_TOC": _usually(rng, b"F", 0.5, values.OFFENSE_TYPES),
            "DISP_DESCR": _usually(rng, b"CONVICTED", 0.5, values.DISPOSITIONS),
            "CONV_STAT_DESCR": _usually(rng, b"FELONY", 0.5, values.CONVICTION_STATUSES),
            "SENT_LENGTH": rng.choice(values.SENTENCE_LENGTHS),
            "SENT_TIME_CODE": rng.choice(values.SENTENCE_UNITS),
            "COMMENT_TEXT": rng.choice(values.COMMENTS if rng.random() < 0.7 else offenses.LISTED),
        }
        if row["STP_TYPE_DESCR"] == b"REGISTRATION":
            row["OFFENSE_DESCR"] = rng.choice(offenses.NOT_PROP_64)
        short = not needs_count_order(row) and rng.random() < 0.3
        row["CNT_ORDER"] = rng.choice(values.SHORT_COUNT_ORDERS if short else values.COUNT_ORDERS)
        rows.append(row)
    return rows


def _dates(rng: random.Random, birth_date: datetime.date, as_of: datetime.date) -> list[bytes]:
    """The event dates of one subject."""
    kind = rng.random()
    if kind < 0.5:
        return values.event_dates(as_of, rng.randint(0, 16))
    if kind < 0.7:
        return values.twenty_first_birthdays(birth_date)
    if kind < 0.8:
        return values.effective_dates()
    return [
        *values.event_dates(as_of, rng.randint(0, 16)),
        *values.event_dates(as_of, rng.randint(0, 65)),
        *values.twenty_first_birthdays(birth_date),
        *values.effective_dates(),
    ]


def _offense(rng: random.Random, only_prop_64: bool) -> bytes:
    kind = rng.random()
    if only_prop_64 or kind < 0.45:
        return rng.choice(offenses.PROP_64)
    if kind < 0.65:
        return rng.choice(offenses.LISTED)
    if kind < 0.85:
        return rng.choice(offenses.NEAR_MISSES)
    return rng.choice(
        rng.choice((offenses.NOT_PROP_64, offenses.IN_COMMENT, offenses.IN_COMMENT, offenses.ALMOST_IN_COMMENT))
    )


def _pad(rng: random.Random, row: Row) -> None:
    padding = rng.choice(values.PADDINGS)
    row.update((name, padding) for name in COLUMNS if name not in _FILLED)
    row["END_OF_REC"] = rng.choice((b"*", b"X", b"", b"END\r"))
