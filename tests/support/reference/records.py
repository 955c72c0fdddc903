"""What gogen makes of the rows: charges and convictions, gathered by subject."""

from dataclasses import dataclass, field

from . import calendar
from .charges import is_pc290, is_superstrike, prop64_section
from .errors import GogenError

# Unicode's white space as UTF-8. Leading and trailing characters are compared as whole characters, so a single
# Latin-1 byte is never white space.
WHITE_SPACE = tuple(
    character.encode()
    for character in "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
    + "".join(map(chr, range(0x2000, 0x200B)))
)


@dataclass
class Conviction:
    row: int
    code_section: bytes
    date: calendar.Date
    county: bytes
    felony: bool
    case: bytes

    @property
    def prop64(self) -> str | None:
        return prop64_section(self.code_section)


@dataclass
class Subject:
    birth_date: calendar.Date
    convictions: list[Conviction] = field(default_factory=list)
    counts_convicted: set[bytes] = field(default_factory=set)
    case_numbers: dict[bytes, list[bytes]] = field(default_factory=dict)
    deceased: bool = False
    registered: bool = False

    @property
    def latest_conviction(self) -> calendar.Date:
        """Starts from "no date", so that a date of year 0 is never the latest."""
        return max([calendar.NO_DATE, *(conviction.date for conviction in self.convictions)])

    @property
    def superstrikes(self) -> list[bytes]:
        return [
            conviction.code_section for conviction in self.convictions if is_superstrike(conviction.code_section)
        ]

    @property
    def pc290s(self) -> list[bytes]:
        return [conviction.code_section for conviction in self.convictions if is_pc290(conviction.code_section)]

    @property
    def prop64_sections(self) -> list[str]:
        return [conviction.prop64 for conviction in self.convictions if conviction.prop64]


def trim(text: bytes) -> bytes:
    """Without the Unicode white space around it."""
    while text.startswith(WHITE_SPACE):
        text = next(text.removeprefix(space) for space in WHITE_SPACE if text.startswith(space))
    while text.endswith(WHITE_SPACE):
        text = next(text.removesuffix(space) for space in WHITE_SPACE if text.endswith(space))
    return text


def is_charge_in_comment(record: dict[str, bytes]) -> bool:
    return trim(record["OFFENSE_DESCR"]) in (b"", b"SEE COMMENT FOR CHARGE")


def code_section(record: dict[str, bytes]) -> bytes:
    source = "COMMENT_TEXT" if is_charge_in_comment(record) else "OFFENSE_DESCR"
    return record[source].split(b"-")[0]


def is_felony(record: dict[str, bytes]) -> bool:
    status = record["CONV_STAT_DESCR"]
    return status == b"FELONY" or (status == b"" and record["OFFENSE_TOC"] == b"F")


def gather(records: list[dict[str, bytes]]) -> list[Subject]:
    """The subjects in order of their first row."""
    subjects: dict[bytes, Subject] = {}
    for row, record in enumerate(records):
        subject_id = record["SUBJECT_ID"]
        if not subject_id:
            raise GogenError(f"record {row + 1}: SUBJECT_ID is empty")
        if subject_id not in subjects:
            subjects[subject_id] = Subject(birth_date=calendar.parse(record["PRI_DOB"]))
        _add(subjects[subject_id], row, record)
    return list(subjects.values())


def _add(subject: Subject, row: int, record: dict[str, bytes]) -> None:
    count = record["CNT_ORDER"]
    section = code_section(record)
    convicted = record["DISP_DESCR"].startswith(b"CONVICTED")
    names_case = record["STP_TYPE_DESCR"] == b"COURT ACTION" and record["OFN"] != b""
    if len(count) < 6 and (convicted or names_case or prop64_section(section)):
        raise GogenError(f"record {row + 1}: CNT_ORDER is shorter than its cycle and step")

    if record["STP_TYPE_DESCR"] == b"DECEASED":
        subject.deceased = True
    if record["STP_TYPE_DESCR"] == b"REGISTRATION" and record["OFFENSE_DESCR"].startswith(b"290"):
        subject.registered = True
    if names_case:
        numbers = subject.case_numbers.setdefault(count[:6], [])
        if record["OFN"] not in numbers:
            numbers.append(record["OFN"])
    if convicted and count not in subject.counts_convicted:
        # Later convicted rows of this count would only add to its sentence, which no output shows.
        subject.counts_convicted.add(count)
        subject.convictions.append(
            Conviction(
                row=row,
                code_section=section,
                date=calendar.parse(record["STP_EVENT_DATE"]),
                county=record["STP_ORI_CNTY_NAME"],
                felony=is_felony(record),
                case=count[:6],
            )
        )
