"""What a run reads of each history, found in plain Python from an extract's records."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from clearscale.histories.candidates import OTHERS
from clearscale.law import state
from clearscale_kernels import flag

from .reference import calendar
from .reference.charges import PROP_64_SECTIONS, is_pc290, is_related, is_superstrike, prop64_section
from .reference.reading import read
from .reference.records import (
    Conviction,
    Subject,
    code_section,
    gather,
    is_charge_in_comment,
    is_felony,
    trim,
)

NO_DATE = -719162
DAYS_TO_1970 = 719528
LAST_END = 2 * 2932896
"""31 December 9999 in half days."""


Row = dict[str, Any]
Record = dict[str, bytes]


def day(date: calendar.Date) -> int:
    return calendar._day_number(date) - DAYS_TO_1970


def is_missing(text: bytes) -> bool:
    return calendar.parse(text) == calendar.NO_DATE and text != b"00010101"


def whole_years(earlier: calendar.Date, later: calendar.Date) -> int:
    """The most years that can be added to the first date without passing the second."""
    between = later[0] - earlier[0]
    return next(n for n in (between + 1, between, between - 1, -20000) if calendar.add_years(earlier, n) <= later)


def sentence_part(record: Record) -> int:
    """In half days."""
    units = {b"D": 2, b"M": 61, b"Y": 732}
    is_number = re.fullmatch(rb"[+-]?[0-9]+", record["SENT_LENGTH"])
    part = (int(record["SENT_LENGTH"]) if is_number else 0) * units.get(record["SENT_TIME_CODE"], 0)
    return max(-LAST_END + 2 * NO_DATE, min(LAST_END - 2 * NO_DATE, part))


@dataclass
class History:
    """An extract's rows for one subject, and what the reference makes of them."""

    place: int
    county: bytes
    subject_id: bytes
    subject: Subject
    rows: list[tuple[int, Record]] = field(default_factory=list)

    @property
    def first(self) -> Record:
        return self.rows[0][1]

    @property
    def person(self) -> Any:
        """CII_NUMBER, or the history itself where it has none."""
        numbers = (trim(record["CII_NUMBER"]) for _, record in self.rows)
        named = (number for number in numbers if number and not state().values.names_nobody(number))
        return next(named, None) or (self.place, self.subject_id)

    def record(self, conviction: Conviction) -> Record:
        return dict(self.rows)[conviction.row]

    def rows_of_count(self, conviction: Conviction) -> list[Record]:
        """The conviction's row and the later ones with its CNT_ORDER."""
        count = self.record(conviction)["CNT_ORDER"]
        return [record for row, record in self.rows if row >= conviction.row and record["CNT_ORDER"] == count]

    def sentence_end(self, conviction: Conviction) -> int:
        end = 2 * day(conviction.date)
        for record in self.rows_of_count(conviction):
            if record["DISP_DESCR"].startswith(b"CONVICTED"):
                end = max(2 * NO_DATE, min(LAST_END, end + sentence_part(record)))
        return end

    @property
    def candidates(self) -> list[Conviction]:
        return [
            conviction
            for conviction in self.subject.convictions
            if conviction.prop64 or is_related(conviction.code_section)
        ]


def histories(extracts: dict[str, bytes]) -> list[History]:
    """All histories of a store with these extracts by county, in the order of the extracts."""
    found = []
    for place, (county, content) in enumerate(extracts.items()):
        records = read(content)
        own: dict[bytes, History] = {}
        subjects = gather(records)
        for row, record in enumerate(records):
            subject_id = record["SUBJECT_ID"]
            if subject_id not in own:
                own[subject_id] = History(place, county.encode(), subject_id, subjects[len(own)])
            own[subject_id].rows.append((row, record))
        found += own.values()
    return found


def canonical(everyone: list[History]) -> set[tuple[int, bytes]]:
    """Of each person the history with the most rows, then that of the later extract, then the first."""
    best: dict[Any, History] = {}
    for history in everyone:
        before = best.get(history.person)
        if before is None or (len(history.rows), history.place) > (len(before.rows), before.place):
            best[history.person] = history
    return {(history.place, history.subject_id) for history in best.values()}


def is_unreadable(text: bytes) -> bool:
    """Whether a date stands there that cannot be read, and not a form of none."""
    none = rb"|0+|00010101|[0-9]{4}0000|[0-9]{6}00"
    return is_missing(text) and not re.fullmatch(none, text.strip())


def said_of(records: Iterable[Record]) -> dict[str, list[Any]]:
    """What records say of who a subject is, by kind, each in order: what is blank or a placeholder says nothing."""
    said: dict[str, list[Any]] = {"number": [], "name": [], "birth": [], "sex": []}
    values = state().values
    for record in records:
        number, name = record["CII_NUMBER"], re.sub(rb"[^A-Z0-9\x80-\xff]+", b"", record["PRI_NAME"].upper())
        sex = record["GENDER"].strip().upper()
        if number.strip() and not values.names_nobody(number):
            said["number"].append(values.full_number(number))
        if name and not values.names_nobody(record["PRI_NAME"]):
            said["name"].append(name)
        if not is_missing(record["PRI_DOB"]):
            said["birth"].append(record["PRI_DOB"])
        if sex and not re.fullmatch(rb"U|UNK.*|N/?A|NULL|NONE|NOT .*|[-._?*#/]+", sex):
            said["sex"].append(sex[:1])
    return said


def subject_contradicts(history: History) -> bool:
    return any(len(set(told)) > 1 for told in said_of(record for _, record in history.rows).values())


def contradictory_people(everyone: list[History]) -> set[Any]:
    """People whose histories tell different names or births first."""
    told: dict[Any, dict[str, set[Any]]] = {}
    for history in everyone:
        said = said_of(record for _, record in history.rows)
        of_person = told.setdefault(history.person, {"name": set(), "birth": set()})
        for kind, found in of_person.items():
            found.update(said[kind][:1])
    return {person for person, of_person in told.items() if any(len(found) > 1 for found in of_person.values())}


def strike_flags(history: History, conviction: Conviction) -> int:
    found = 0
    for is_strike, earlier, same_case, prior in (
        (is_superstrike, flag.SUPERSTRIKE_EARLIER, flag.SUPERSTRIKE_SAME_CASE, flag.SUPERSTRIKE_PRIOR),
        (is_pc290, flag.REGISTRABLE_EARLIER, flag.REGISTRABLE_SAME_CASE, flag.REGISTRABLE_PRIOR),
    ):
        for other in history.subject.convictions:
            if other is conviction or not is_strike(other.code_section):
                continue
            if other.date < conviction.date:
                found |= earlier if other.case == conviction.case else earlier | prior
            if other.case == conviction.case:
                found |= same_case
    return found


def is_undecided(record: dict[str, bytes]) -> bool:
    court = record["STP_TYPE_DESCR"] == b"COURT ACTION"
    return court and not trim(record["DISP_DESCR"]) and prop64_section(code_section(record)) is not None


def is_near(record: dict[str, bytes]) -> bool:
    if not record["DISP_DESCR"].startswith(b"CONVICTED") or prop64_section(code_section(record)):
        return False
    texts = [record["OFFENSE_DESCR"]]
    if b"comment" in texts[0] or b"COMMENT" in texts[0] or b"Comment" in texts[0]:
        texts.append(record["COMMENT_TEXT"])
    return any(state().charges.near(text) for text in texts)


def is_cleared(record: dict[str, bytes]) -> bool:
    said = record["DISP_DESCR"]
    words = (b"VACATED", b"DISM", b"11361.8", b"11361.9")
    if trim(said).startswith(b"CONV SET ASIDE") or not prop64_section(code_section(record)):
        return False
    return any(word in said for word in words)


def is_of_another_offense(record: dict[str, bytes]) -> bool:
    charged = code_section(record).strip()
    for name in ("DISP_OFFENSE_DESCR", "CONV_OFFENSE_DESCR"):
        stated = record[name].split(b"-")[0].strip()
        if record[name].strip() and stated != charged and (prop64_section(stated) or prop64_section(charged)):
            return True
    return False


def is_implausible(
    date: calendar.Date | None, born: calendar.Date | None, last: calendar.Date | None = None
) -> bool:
    """Whether one of the dates cannot be right, None for a missing one. last: no date lies after it."""
    told = [one for one in (date, born) if one]
    if any(one < (1900, 1, 1) or (last is not None and one > last) for one in told):
        return True
    return date is not None and born is not None and not born <= date <= calendar.add_years(born, 110)


def has_implausible_date(history: History, record: dict[str, bytes], conviction: Conviction) -> bool:
    date = None if is_missing(record["STP_EVENT_DATE"]) else conviction.date
    return is_implausible(date, None if is_missing(history.first["PRI_DOB"]) else history.subject.birth_date)


def row_flags(history: History, conviction: Conviction, person_contradicts: bool) -> int:
    record, later = history.record(conviction), history.rows_of_count(conviction)[1:]
    notes = [trim(after["DISP_DESCR"]) for after in later]
    step, cycle = record["STP_TYPE_DESCR"], record["CNT_ORDER"][:3]
    in_cycle = (other for _, other in history.rows if other["CNT_ORDER"][:3] == cycle)
    said = {
        flag.CONVICTED: True,
        flag.FELONY: is_felony(record),
        flag.DECEASED: step == b"DECEASED",
        flag.REGISTERED: step == b"REGISTRATION" and record["OFFENSE_DESCR"].startswith(b"290"),
        flag.NO_EVENT_DATE: is_missing(record["STP_EVENT_DATE"]),
        flag.FROM_COMMENT: is_charge_in_comment(record),
        flag.SET_ASIDE: any(note.startswith(b"CONV SET ASIDE") for note in notes),
        flag.REDUCED: any(note.startswith(b"REDUCED TO MISDEMEANOR") for note in notes),
        flag.COURT_ACTION: step == b"COURT ACTION" and record["OFN"] != b"",
        flag.PROP64_IN_CYCLE: any(prop64_section(code_section(other)) for other in in_cycle),
        flag.CLEARED: any(is_cleared(row) for row in history.rows_of_count(conviction)),
        flag.OTHER_OFFENSE: is_of_another_offense(record),
        flag.NEAR_PROP64: is_near(record),
        flag.NO_DISPOSITION: is_undecided(record),
        flag.IMPLAUSIBLE_DATE: has_implausible_date(history, record, conviction),
        flag.UNCLEAR_RECORD: any(is_near(row) or is_undecided(row) for _, row in history.rows),
        flag.UNREADABLE_EVENT_DATE: is_unreadable(record["STP_EVENT_DATE"]),
        flag.UNREADABLE_DATE: any(map(is_unreadable, (record["STP_EVENT_DATE"], history.first["PRI_DOB"]))),
        flag.CONTRADICTORY_SUBJECT: subject_contradicts(history),
        flag.CONTRADICTORY_PERSON: person_contradicts,
    }
    return sum(bit for bit, holds in said.items() if holds)


def priors(history: History, conviction: Conviction) -> int:
    def prefix(one: Conviction) -> str:
        return one.code_section.decode("utf-8", "surrogateescape")[:5]

    same = [one for one in history.subject.convictions if one.prop64 and prefix(one) == prefix(conviction)]
    return sum(one.date < conviction.date for one in same) if conviction.prop64 else 0


def same_cycles(history: History, conviction: Conviction) -> int:
    same = [one for one in history.subject.convictions if one.code_section == conviction.code_section]
    return len({history.record(one)["CNT_ORDER"][:3] for one in same})


def plain_candidates(history: History, is_canonical: bool, person_contradicts: bool) -> list[Row]:
    return [
        {
            "row": conviction.row,
            "event_date": day(conviction.date),
            "offense": conviction.code_section,
            "county": conviction.county,
            "sentence_end": history.sentence_end(conviction),
            "flags": row_flags(history, conviction, person_contradicts)
            | strike_flags(history, conviction)
            | (flag.OWN_COUNTY if conviction.county == history.county else 0)
            | (flag.CANONICAL if is_canonical else 0),
            "year": -1 if is_missing(history.record(conviction)["STP_EVENT_DATE"]) else conviction.date[0],
            "age_at_conviction": whole_years(history.subject.birth_date, conviction.date),
            "priors": priors(history, conviction),
            "same_cycles": same_cycles(history, conviction),
        }
        for conviction in history.candidates
    ]


def others(convictions: list[Conviction]) -> tuple[int, int, int]:
    latest = max([calendar.NO_DATE, *(conviction.date for conviction in convictions)])
    return len(convictions), sum(conviction.felony for conviction in convictions), day(latest)


GANG = re.compile(rb"186\.22\(B\)\(4\) PC")
ENHANCEABLE = re.compile(rb"(136\.1|215|213\(A\)\(1\)\(A\)|246|519|12022\.55) PC")


def plain_subject(history: History, is_canonical: bool, person_contradicts: bool) -> Row:
    subject = history.subject
    convictions = subject.convictions
    chosen = {conviction.row for conviction in history.candidates}
    left = [conviction for conviction in convictions if conviction.row not in chosen]
    flags = {
        flag.DECEASED: subject.deceased,
        flag.REGISTERED: subject.registered,
        flag.NO_BIRTH_DATE: is_missing(history.first["PRI_DOB"]),
        flag.ANY_NO_EVENT_DATE: any(
            is_missing(history.record(conviction)["STP_EVENT_DATE"]) for conviction in convictions
        ),
        flag.NEAR_PROP64: any(is_near(row) for _, row in history.rows),
        flag.NO_DISPOSITION: any(is_undecided(row) for _, row in history.rows),
        flag.UNREADABLE_BIRTH_DATE: is_unreadable(history.first["PRI_DOB"]),
        flag.SUBJECT_CONTRADICTS: subject_contradicts(history),
        flag.PERSON_CONTRADICTS: person_contradicts,
    }
    return {
        "extract": history.place,
        "canonical": is_canonical,
        "birth_date": day(subject.birth_date),
        "race": trim(history.first["RACE_DESCR"]),
        "sex": trim(history.first["GENDER"]),
        "convictions": len(convictions),
        **{f"convictions_{section}": subject.prop64_sections.count(section) for section in PROP_64_SECTIONS},
        "latest_conviction": day(subject.latest_conviction),
        "flags": sum(bit for bit, holds in flags.items() if holds),
        "superstrikes": len(subject.superstrikes),
        "pc290": len(subject.pc290s),
        "latest_sentence_end": max(
            [2 * NO_DATE, *(history.sentence_end(conviction) for conviction in convictions)]
        ),
        "gang_pair": any(
            GANG.search(one.code_section) and ENHANCEABLE.search(other.code_section) and one.case == other.case
            for one in convictions
            for other in convictions
        ),
        **dict(zip(OTHERS, others(left), strict=True)),
    }
