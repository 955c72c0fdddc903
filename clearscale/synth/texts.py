"""Texts of a record other than its offense: agencies, events, dispositions, sentences, case numbers, comments."""

from functools import cache

import numpy as np

from clearscale.law import state
from clearscale.law.counties import County

from .arrays import Ints, Texts, fields, quoted, texts, urn
from .counties import COUNTIES
from .record_shapes import (
    ARREST,
    COURT,
    CUSTODY,
    DISPOSITIONS,
    FINE,
    JAIL,
    OTHER_TERM,
    PRISON,
    PROBATION,
    SUPERVISION,
    SUSPENDED,
)

# STP_TYPE_CODE and STP_TYPE_DESCR by kind of step, in the order of `shapes`.
STEP_TYPES = texts(
    b"," + fields(code, text)
    for code, text in (
        ("1", "ARREST/DETAINED/CITED"),
        ("3", "COURT ACTION"),
        ("5", "PROBATION"),
        ("4", "CUSTODY"),
        ("2", "SUPPLEMENTAL ARR"),
        ("7", "REGISTRATION"),
        ("6", "APPLICANT"),
        ("9", "DECEASED"),
    )
)

_ORI_TYPES = {"P": "POLICE/SHERIFF", "C": "COURT", "B": "PROBATION", "S": "STATE AGENCY"}
AGENCIES_EACH = 16
_POLICE, _COURTS, _PROBATION, _STATE = (0, 8), (8, 4), (12, 2), (14, 2)  # (first, how many) of a county's agencies


def _agencies(county: County) -> list[bytes]:
    """AGENCIES_EACH fragments STP_ORI_TYPE .. STP_ORI_CNTY_NAME and CNT_SEG_SEP, the last one empty."""
    towns = county.towns
    police = [f"CASO {county.name}", f"CAHP {towns[0]}", *(f"CAPD {town}" for town in towns)]
    courts = [f"CASC {county.name:<25}", f"CAMC {towns[0]:<25}", f"CASC {towns[len(towns) // 2]}"]
    probation = [f"CAPR {county.name}", f"CAPR PROBATION DEPT, {county.name}"]
    state = ["CACD CORRECTIONS", f"CASO JAIL {county.name}"]
    named: list[tuple[str, str]] = []
    for letter, names, (_, count) in (
        ("P", police, _POLICE),
        ("C", courts, _COURTS),
        ("B", probation, _PROBATION),
        ("S", state, _STATE),
    ):
        named += [(letter, names[i % len(names)]) for i in range(count)]
    return [
        fields(
            letter,
            _ORI_TYPES[letter],
            f"CA0{county.code:02d}{i:02d}00",
            name,
            f"{county.code:02d}",
            county.name,
            "",
        )
        for i, (letter, name) in enumerate(named)
    ]


@cache
def agencies() -> Texts:
    """All agencies: AGENCIES_EACH for each county, by county code."""
    return texts(fragment for county in COUNTIES for fragment in _agencies(county))


@cache
def agency_ranges() -> tuple[Ints, Ints]:
    """For each kind of step the first of a county's agencies that report it, and how many do: int64 [8] each."""
    chosen = [_POLICE] * 8
    chosen[COURT], chosen[PROBATION], chosen[CUSTODY] = _COURTS, _PROBATION, _STATE
    return np.array([first for first, _ in chosen]), np.array([count for _, count in chosen])


# OFN comes in three pieces: a beginning with the comma before, four digits or none, an end with the comma after.
_OFN_LETTERS = ("", "BA", "TA", "A", "CR", "SC", "F", "M0", "0", "YA", "NA", "KA")
OFN_STARTS = texts(
    [f",{letters}{number:02d}".encode() for letters in _OFN_LETTERS for number in range(0, 100, 3)]
    + [b",", b",NULL", b",FILE NBR NOT REPORTD"]
)
OFN_EMPTY, OFN_NULL, OFN_NOT_REPORTED = (len(OFN_STARTS) - 3 + i for i in range(3))
OFN_ENDS = texts((b",", b"      ,", b"-01,", b"A,"))
OFN_END_URN = urn((70, 15, 10, 5), 100)

# FE_NUM_ORDER .. FE_NUM_WARRANT: twelve fields with one number, in the given place (0 is FE_NUM_ORDER; none if -1).
_ARREST_NUMBERS, _COURT_NUMBERS, _OTHER_NUMBERS = (1, 5, 6, 3), (4, 10, 2, 8), (7, 11, 9)
_PLACES = (-1, *_ARREST_NUMBERS, *_COURT_NUMBERS, *_OTHER_NUMBERS)
NUMBER_STARTS = texts(b"1" + b"," * place if place > 0 else b"," * 11 for place in _PLACES)
NUMBER_ENDS = texts(b"," * (12 - place) if place > 0 else b"," for place in _PLACES)


@cache
def number_urns() -> Ints:
    """Where a step's number stands, as codes into NUMBER_STARTS and NUMBER_ENDS: an urn for each kind of step.

    Returns int64 [8, 20].
    """
    bags = np.zeros((8, 20), dtype=np.int64)  # code 0: no number
    for kind in range(8):
        places = {ARREST: _ARREST_NUMBERS, COURT: _COURT_NUMBERS}.get(kind, _OTHER_NUMBERS)
        often = [places[0]] * 8 + [places[1]] * 5 + list(places[2:])
        bags[kind, : len(often)] = [_PLACES.index(place) for place in often]
    return bags


DISPOSITION_FIELDS = texts(
    fields("1" if code else "", f"{code}" if code else "", text) for code, text in DISPOSITIONS
)
# CONV_STAT_CODE, CONV_STAT_DESCR and SENT_SEG_SEP, by level of the offense (the last: not reported).
STATUS_FIELDS = texts(
    fields(code, text, "") for code, text in (("1", "FELONY"), ("2", "MISDEMEANOR"), ("3", "INFRACTION"), ("", ""))
)

_TIMES = {"D": "DAYS", "M": "MONTHS", "Y": "YEARS", "H": "HOURS", "L": "LIFE", "": ""}
# Kind of sentence: code, text, (lengths, unit) ...
_SENTENCES: dict[int, tuple[tuple[str, str, str, str], ...]] = {
    JAIL: (
        ("J", "JAIL", "1 2 5 10 15 20 30 45 60 75 90 120 150 180 210 240 270 300 365", "D"),
        ("J", "JAIL", "6 9 12 16", "M"),
    ),
    SUPERVISION: (
        ("P", "PROBATION", "12 18 24 30 36 48 60", "M"),
        ("P", "PROBATION", "1 2 3 5", "Y"),
        ("S", "SUMMARY PROBATION", "12 24 36", "M"),
        ("DP", "DIVERSION/DEJ", "18", "M"),
    ),
    PRISON: (
        ("R", "PRISON", "16 20 32 40", "M"),
        ("R", "PRISON", "2 3 4 5 6 7 9 11 15 25", "Y"),
        ("R", "PRISON    ", "", "L"),
    ),
    FINE: (
        ("F", "FINE", "", ""),
        ("FS", "FINE SS", "", ""),
        ("RN", "RESTN", "", ""),
        ("CC", "COURT COSTS, FEES", "", ""),
    ),
    SUSPENDED: (("IS", "IMP SEN SS", "", ""), ("IX", "ISS", "16 24 36", "M"), ("ES", "EXEC SEN SS", "2 3", "Y")),
    OTHER_TERM: (
        ("W", "WORK PROGRAM", "5 10 20 30", "D"),
        ("CS", "COMMUNITY SERVICE", "40 80 100 200", "H"),
        ("DR", "DRUG PROGRAM", "6 12", "M"),
        ("LS", "LIC SUSP", "6 12", "M"),
    ),
}


@cache
def sentences() -> tuple[Texts, Ints, Ints]:
    """Fragments SENT_LOC_CODE .. SENT_TIME_DESCR, and for each kind of sentence the first and how many.

    The first fragment is that of no sentence. Kinds are those of `shapes`; both int64 [7].
    """
    found = [fields("", "", "", "", "")]
    first, count = [0], [1]
    for kind in sorted(_SENTENCES):
        first.append(len(found))
        for code, text, lengths, unit in _SENTENCES[kind]:
            found += [fields(code, text, length, unit, _TIMES[unit]) for length in lengths.split(" ")]
        count.append(len(found) - first[-1])
    return texts(found), np.array(first), np.array(count)


_PLAIN_COMMENTS, _HINTS = (state().fabricated["comments"][name] for name in ("plain", "hints"))
_NICKNAMES = ("SHORTY", "RED", "LEFTY", "PI\u00d1ATA", "DOC", "SLIM")


@cache
def comments() -> tuple[Texts, Ints, Ints]:
    """Comments, an urn of them all and an urn of those that name no charge."""
    found, weights, plain = [], [], []
    for text in (*_PLAIN_COMMENTS, *_HINTS):
        copies = 12 if "{" in text else 1
        found += [quoted(text.format(4000 + 37 * i, 10 + 7 * i, _NICKNAMES[i % 6])) for i in range(copies)]
        weight = {"": 60.0, "-": 8.0}.get(text, 0.12 if text in _HINTS else 3.0)
        weights += [weight / copies] * copies
        plain += [text not in _HINTS] * copies
    shares = np.array(weights)
    return texts(found), urn(shares), urn(shares * np.array(plain))


# CII_TYPE, CII_TYPE_ALPHA by cycle; END_OF_REC by record.
CII_TYPES = texts(
    b"," + fields(kind, alpha) for kind, alpha in (("A", "CII"), ("A", ""), ("M", "MAN"), ("P", "PUR"))
)
CII_TYPE_URN = urn((70, 15, 9, 6), 100)
ENDS = texts((b",*\n", b",X\n", b",\n"))
END_URN = urn((90, 6, 4), 100)
