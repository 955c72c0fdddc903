"""What the pilots' programs decide, slowly and plainly: four counties, and Los Angeles in all its variants.

Sentences follow clearscale where the programs erred: each part belongs to the conviction of its count.
"""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from . import calendar
from .charges import is_pc290, is_related, is_superstrike, prop64_section
from .reading import read
from .records import code_section, is_felony, trim

DISMISS = "Eligible for Dismissal"
REDUCE = "Eligible for Reduction"
NOT_ELIGIBLE = "Not eligible"
HAND_REVIEW = "Hand Review"
MAYBE = "Maybe Eligible - Flag for Review"
CITY_ATTORNEYS = "To be reviewed by City Attorneys"

PROP_64_DAY: calendar.Date = (2016, 11, 9)
_LAST_DAY = datetime.date(9999, 12, 31).toordinal()
_UNITS = {b"D": 1.0, b"M": 30.5, b"Y": 366.0}

Answer = tuple[str, str]


@dataclass
class Count:
    """A conviction. ends: the day its sentence ends, as an ordinal with a fraction."""

    row: int
    order: bytes
    section: bytes
    date: calendar.Date
    county: bytes
    felony: bool
    ends: float


@dataclass
class Record:
    """A subject's record. cycles: those with a Prop 64 charge, convicted or not."""

    birth_date: calendar.Date
    counts: list[Count] = field(default_factory=list)
    cycles: set[bytes] = field(default_factory=set)
    deceased: bool = False
    registered: bool = False

    @property
    def latest(self) -> calendar.Date:
        return max([calendar.NO_DATE, *(count.date for count in self.counts)])


@dataclass(frozen=True)
class LosAngeles:
    """The choices of the program of Los Angeles, and those that its variants changed."""

    age: int = 50
    years: int = 10
    date_disqualifies: bool = True
    dismiss_all_11357: bool = False
    superstrikes_disqualify: bool = True
    pc290_disqualifies: bool = True
    two_priors_disqualify: bool = True
    two_priors_last: bool = False


def ordinal(date: calendar.Date) -> int:
    """Days, with 1 January of year 1 as 1, and year 0 before it."""
    year, month, day = date
    if year > 0:
        return datetime.date(year, month, day).toordinal()
    # Year 0 was a leap year, as year 4 is, and ended the day before 1 January of year 1.
    of_leap_year = datetime.date(4, month, day).toordinal() - datetime.date(4, 1, 1).toordinal()
    return of_leap_year + 1 - 366


def sentence_days(record: dict[str, bytes]) -> float:
    length = record["SENT_LENGTH"]
    number = int(length) if re.fullmatch(rb"[+-]?[0-9]+", length) else 0
    return number * _UNITS.get(record["SENT_TIME_CODE"], 0.0)


def gather(extract: bytes) -> list[Record]:
    """The subjects of an extract."""
    subjects: dict[bytes, Record] = {}
    for row, record in enumerate(read(extract)):
        subject = subjects.setdefault(record["SUBJECT_ID"], Record(calendar.parse(record["PRI_DOB"])))
        order, section = record["CNT_ORDER"], code_section(record)
        kind = record["STP_TYPE_DESCR"]
        subject.deceased |= kind == b"DECEASED"
        subject.registered |= kind == b"REGISTRATION" and record["OFFENSE_DESCR"].startswith(b"290")
        if prop64_section(section):
            subject.cycles.add(order[:3])
        if not record["DISP_DESCR"].startswith(b"CONVICTED"):
            continue
        known = next((count for count in subject.counts if count.order == order), None)
        if known is not None:
            known.ends = min(known.ends + sentence_days(record), _LAST_DAY)
            continue
        date = calendar.parse(record["STP_EVENT_DATE"])
        ends = min(ordinal(date) + sentence_days(record), _LAST_DAY)
        county = record["STP_ORI_CNTY_NAME"]
        subject.counts.append(Count(row, order, section, date, county, is_felony(record), ends))
    return list(subjects.values())


def _years_since(date: calendar.Date, today: calendar.Date) -> float:
    return (ordinal(today) - ordinal(date)) / 365.25


def _years_since_latest(subject: Record, today: calendar.Date) -> float:
    return -1.0 if subject.latest == calendar.NO_DATE else _years_since(subject.latest, today)


def sacramento(count: Count, subject: Record, today: calendar.Date, years: int = 10) -> Answer:
    if count.date >= PROP_64_DAY:
        return NOT_ELIGIBLE, "Occurred after 11/09/2016"
    if not count.felony:
        return DISMISS, "Misdemeanor or Infraction"
    if count.section.startswith(b"11357(b)"):
        return DISMISS, "HS 11357(b)"
    if len(subject.counts) > 1:
        if _years_since_latest(subject, today) > years:
            return DISMISS, f"No convictions in past {years} years"
        return REDUCE, f"Has convictions in past {years} years"
    if count.ends < ordinal(today):
        return DISMISS, "Sentence Completed"
    return REDUCE, "Sentence not Completed"


def san_joaquin(count: Count, subject: Record, today: calendar.Date, years: int = 5) -> Answer:  # noqa: PLR0911 - one line a rule
    """Contra Costa's program did the same."""
    if count.date >= PROP_64_DAY:
        return NOT_ELIGIBLE, "Occurred after 11/09/2016"
    if is_related(count.section):
        if count.order[:3] not in subject.cycles:
            return MAYBE, "No Related Prop64 Charges"
        if count.section == b"4060 BP":
            return MAYBE, "4060 BP"
        return DISMISS, trim(count.section).decode("utf-8", "backslashreplace")
    if not count.felony:
        return DISMISS, "Misdemeanor or Infraction"
    if count.section.startswith(b"11357"):
        return DISMISS, "11357 HS"
    if len(subject.counts) > 1:
        if _years_since_latest(subject, today) > years:
            return DISMISS, f"No convictions in past {years} years"
        return MAYBE, f"Has convictions in past {years} years"
    if count.ends < ordinal(today):
        return DISMISS, "Sentence Completed"
    return MAYBE, "Sentence not Completed"


def _strikes_before(count: Count, subject: Record) -> bool:
    alone = [conviction for conviction in subject.counts if is_superstrike(conviction.section)]
    gang = {conviction.order[:6] for conviction in subject.counts if b"186.22(B)(4) PC" in conviction.section}
    enhanced = re.compile(rb"(136\.1|215|213\(A\)\(1\)\(A\)|246|519|12022\.55) PC")
    paired = any(
        enhanced.search(conviction.section) and conviction.order[:6] in gang for conviction in subject.counts
    )
    earliest = min((conviction.date for conviction in alone), default=calendar.NO_DATE)
    return (bool(alone) or paired) and earliest < count.date


def _registrable_before(count: Count, subject: Record) -> bool:
    sections = [conviction for conviction in subject.counts if is_pc290(conviction.section)]
    earliest = min((conviction.date for conviction in sections), default=calendar.NO_DATE)
    return (bool(sections) or subject.registered) and earliest < count.date


def _priors(count: Count, subject: Record) -> int:
    """Go writes a byte that is no UTF-8 as U+FFFD when it takes characters apart, and compares bytes after that."""
    prefix = re.sub("[\udc80-\udcff]", "\ufffd", count.section.decode("utf-8", "surrogateescape")[:5]).encode()
    return sum(
        1
        for conviction in subject.counts
        if prop64_section(conviction.section)
        and conviction.date < count.date
        and conviction.section.startswith(prefix)
    )


def _los_angeles(
    count: Count, subject: Record, today: calendar.Date, choice: LosAngeles
) -> Iterator[tuple[bool, str, str]]:
    """Each question in order: whether it decides, and what it answers."""
    yield not count.felony, CITY_ATTORNEYS, "Misdemeanor or Infraction"
    yield choice.date_disqualifies and count.date >= PROP_64_DAY, NOT_ELIGIBLE, "Occurred after 11/09/2016"
    if prop64_section(count.section) == "11357":
        yield choice.dismiss_all_11357, DISMISS, "11357"
        yield count.section.startswith((b"11357(A)", b"11357(B)")), DISMISS, "11357(a) or 11357(b)"
        yield True, HAND_REVIEW, "Other 11357"
    struck = choice.superstrikes_disqualify and _strikes_before(count, subject)
    yield struck, NOT_ELIGIBLE, "PC 667(e)(2)(c)(iv)"
    yield choice.pc290_disqualifies and _registrable_before(count, subject), NOT_ELIGIBLE, "PC 290"
    two_priors = choice.two_priors_disqualify and _priors(count, subject) >= 2
    yield two_priors and not choice.two_priors_last, NOT_ELIGIBLE, "Two priors"
    of_age = calendar.add_years(subject.birth_date, choice.age) <= today
    yield of_age, DISMISS, f"{choice.age} years or older"
    yield _years_since(subject.birth_date, today) <= 21, DISMISS, "21 years or younger"
    serving = any(conviction.ends > ordinal(today) for conviction in subject.counts)
    only_prop64 = all(prop64_section(conviction.section) for conviction in subject.counts)
    yield only_prop64 and not serving, DISMISS, "Only has 11357-60 charges and completed sentence"
    since = calendar.add_years(today, -choice.years)
    recent = any(conviction.date > since for conviction in subject.counts)
    yield not recent, DISMISS, f"No convictions in past {choice.years} years"
    yield serving, HAND_REVIEW, "Currently serving sentence"
    yield subject.deceased, DISMISS, "Deceased"
    yield two_priors, NOT_ELIGIBLE, "Two priors"
    yield True, HAND_REVIEW, "No applicable eligibility criteria"


def los_angeles(count: Count, subject: Record, today: calendar.Date, choice: LosAngeles | None = None) -> Answer:
    questions = _los_angeles(count, subject, today, choice or LosAngeles())
    return next((determination, reason) for holds, determination, reason in questions if holds)


def decisions(
    extract: bytes, county: str, as_of: datetime.date, choice: LosAngeles | None = None
) -> list[tuple[int, str, str]]:
    """(row, determination, reason) of every conviction in the scope of the county's program, in file order."""
    today = calendar.from_python(as_of)
    found = []
    for subject in gather(extract):
        for count in subject.counts:
            related = county in ("SAN JOAQUIN", "CONTRA COSTA") and is_related(count.section)
            if count.county != county.encode() or not (prop64_section(count.section) or related):
                continue
            if county == "LOS ANGELES":
                answer = los_angeles(count, subject, today, choice)
            elif county == "SACRAMENTO":
                answer = sacramento(count, subject, today)
            else:
                answer = san_joaquin(count, subject, today)
            found.append((count.row, *answer))
    return sorted(found)
