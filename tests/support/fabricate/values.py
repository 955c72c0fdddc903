"""What the columns of a fabricated row may hold: the usual value first, then the edges around it."""

import datetime
from collections.abc import Iterable

from . import offenses

NAMES = (
    b"DOE,JANE A",
    b"DOE",
    b"",
    b"'",
    b'"',
    b'DOE "JD",JOHN',
    b" X",
    b"X ",
    b"\tTAB",
    b"\vVT",
    b"\fFF",
    "\xa0NBSP".encode(),
    "\x85NEL".encode(),
    "\u1680OGHAM".encode(),
    "\u2003EM".encode(),
    "\u2028LS".encode(),
    "\u200bZERO WIDTH".encode(),
    "\u3000IDEOGRAPHIC".encode(),
    b"\x1cFS",
    b"\xa0LATIN SPACE",
    b"\x85LATIN NEL",
    b"MU\xd1OZ,JOS\xc9",
    "MU\xd1OZ,JOS\xc9".encode(),
    b"\xff\xfe",
    b"\xe2\x80",
    b"\xc2",
    b"\xed\xa0\x80SURROGATE",
    rb"\.",
    rb"\.x",
    rb" \.",
    b"ONE\nTWO",
    b"ONE\r\nTWO",
    b"ONE\rTWO",
    b"\r",
    b"\n",
    b"END\r",
    b"NUL\x00NUL",
)

STEP_TYPES = (
    b"COURT ACTION",
    b"ARREST/DETAINED/CITED",
    b"REGISTRATION",
    b"DECEASED",
    b"APPLICANT",
    b"PROBATION",
    b"CUSTODY",
    b"SUPPLEMENTAL ARR",
    b"court action",
    b" COURT ACTION",
    b"COURT ACTION ",
    b" DECEASED",
    b"DECEASED ",
    b"deceased",
    b"REGISTRATION ",
    b"",
)

DISPOSITIONS = (
    b"CONVICTED",
    b"CONVICTED-JAIL",
    b"CONVICTED-PROBATION",
    b"CONVICTED-PRISON",
    b"CONVICTED ",
    b"CONVICTEDX",
    b"",
    b" CONVICTED",
    b"convicted",
    b"NOT CONVICTED",
    b"CONVICTE",
    b"DISMISSED",
    b"DISMISSED/FURTHERANCE OF JUSTICE",
    b"PROS REJ-LACK OF EVID",
    b"PROS REL-DET ONLY",
    b"REL/TOT OTHER JURIS/AUTH",
    b"CONV SET ASIDE & DISM PER 1203.4 PC",
    b"REDUCED TO MISDEMEANOR",
    b"PROBATION REVOKED",
    b"SENTENCE MODIFIED",
)

CONVICTION_STATUSES = (
    b"FELONY",
    b"",
    b"MISDEMEANOR",
    b"INFRACTION",
    b"felony",
    b" FELONY",
    b"FELONY ",
    b" ",
    b"\x00",
)
OFFENSE_TYPES = (b"F", b"M", b"I", b"N", b"", b"f", b" F", b"F ", b"FF")

# Cycle, step and count in three digits each; equal cases and equal cycles are what matters.
COUNT_ORDERS = (
    b"101001001000",
    b"101001002000",
    b"101002001000",
    b"101002002000",
    b"101002003000",
    b"102001001000",
    b"102002001000",
    b"103002001000",
    b"103003001000",
    b"1030030010001",
    b"102002",
    b"1020020",
    b"102002ABC",
    b"102 02001000",
    b" 102002001000",
    b"101\xc9\xc9\xc9001000",
    b"10100\n1001000",
)
# For rows that are no conviction, name no case and are no Prop 64 charge; gogen crashes on any other.
SHORT_COUNT_ORDERS = (b"", b"1", b"101", b"10100", b" ")

CASE_NUMBERS = (
    b"",
    b"123",
    b"124",
    b"123 ",
    b" 123",
    b" ",
    b"NULL",
    b"NULL  ",
    b"FILE NBR NOT REPORTD",
    b"A;B",
    b"A; B",
    b'"Q"',
    b"a,b",
    rb"\.",
    b"\xc9",
    "\u2003EM".encode(),
)

SENTENCE_LENGTHS = (
    b"",
    b"1",
    b"5",
    b"99",
    b"05",
    b"+7",
    b"-2",
    b"0",
    b" 5",
    b"5 ",
    b"1_000",
    b"1e2",
    b"0x10",
    b"999999",
    b"9223372036854775808",
    b"+",
    "\u0663".encode(),
)
SENTENCE_UNITS = (b"D", b"M", b"Y", b"", b"L", b"N", b"d", b" Y", b"D ", b"DD")

COMMENTS = (
    b"",
    b"-",
    b"THIS IS A COMMENT",
    b"11357",
    b"11357(A)",
    b"11357(B) X",
    b"11357(C)",
    b"11357(D) Y",
    b"11357(E)",
    b"11357(a)",
    b"11357 (B)",
    b"11357(C",
    b"11357A",
    b"X11357(D) 11357(A)",
    b"11357(E) 11357(B)",
    b"SEE 11357(C) HS-COUNT 2",
    b"11358",
    b"11358-X",
    b"-11358",
    b"11359 HS-X",
    b"11359/11357(C)",
    b"11360 HS-X, 11357(D)",
    b"11360(B) SELL/FURNISH",
    b"187 PC-X",
    b"290 PC-X",
    b'SAID "NO"',
    b"LINE ONE\nLINE TWO 11358",
    b"CRLF\r\n11359",
    b"CR\rONLY",
    b" LEAD",
    b"TRAIL ",
    b"\ttab",
    rb"\.",
    b"\xa011360",
    "\xa011360".encode(),
    *offenses.PROP_64,
    *offenses.NOT_PROP_64,
)

PADDINGS = (b"     ", b"  -  ", b"", b" ", b"0")

ODD_DATES = (
    b"",
    b"00000000",
    b"00000101",
    b"00000229",
    b"00001231",
    b"00010101",
    b"00010102",
    b"00020101",
    b"04000229",
    b"17271231",
    b"17280301",
    b"19000228",
    b"19000229",
    b"19000301",
    b"20000229",
    b"20010229",
    b"21000101",
    b"23120301",
    b"99991231",
    b"19790000",
    b"19790601 ",
    b" 19790601",
    b"197906",
    b"1979-06-01",
    b"19790631",
    b"20100231",
    b"20101301",
    b"2010123",
    b"201001011",
    b"+2010101",
    b"2010010O",
    b"2010\xb9\xb9\xb9\xb9",
    "\u0662\u0660".encode() * 2,
    b"\x00\x00\x00\x00\x00\x00\x00\x00",
)

# The day Prop 64 passed, which divides "Occurred after".
EFFECTIVE_DATE = datetime.date(2016, 11, 9)
LEAP_BIRTHDAYS = (datetime.date(1960, 2, 29), datetime.date(1980, 2, 29), datetime.date(2000, 2, 29))


def in_digits(date: datetime.date) -> bytes:
    return b"%04d%02d%02d" % (date.year, date.month, date.day)


def years_later(date: datetime.date, years: int) -> datetime.date:
    """The anniversary, which is 1 March for a 29 February without one."""
    try:
        return date.replace(year=date.year + years)
    except ValueError:
        return datetime.date(date.year + years, 3, 1)


def days_around(date: datetime.date) -> list[datetime.date]:
    """The date itself first; two days on either side, so that a mistaken 28 or 29 February shows."""
    return [date + datetime.timedelta(days=days) for days in (0, -1, 1, -2, 2)]


def event_dates(as_of: datetime.date, years_ago: int) -> list[bytes]:
    return [in_digits(day) for day in days_around(years_later(as_of, -years_ago))]


def effective_dates() -> list[bytes]:
    return [in_digits(day) for day in days_around(EFFECTIVE_DATE)]


def twenty_first_birthdays(birth_date: datetime.date) -> list[bytes]:
    return [in_digits(day) for day in days_around(years_later(birth_date, 21))]


def birth_dates(as_of: datetime.date, ages: Iterable[int]) -> list[datetime.date]:
    """Birth dates of people who reach one of these ages around the as-of date, and some of 29 February."""
    around = [day for age in ages for day in days_around(years_later(as_of, -age))]
    return [*around, *LEAP_BIRTHDAYS]


def counties(county: str) -> tuple[bytes, ...]:
    """The county itself, spellings that are not it, and others."""
    name = county.encode()
    spellings = (name.lower(), name.title(), b" " + name, name + b" ", name + b" COUNTY", name[:-1], b"")
    return (
        name,
        b"NARNIA",
        b"ALAMEDA" if county != "ALAMEDA" else b"YUBA",
        *(spelling for spelling in spellings if spelling != name),
    )
