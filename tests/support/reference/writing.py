"""The three CSV files, as Go's encoding/csv writes them."""

from . import calendar
from .charges import PROP_64_SECTIONS, prop64_section, subsection_of_11357
from .deciding import Decision
from .records import WHITE_SPACE, Conviction, Subject, is_charge_in_comment

_CONDENSED_COLUMN_NAMES = """
CII_NUMBER PRI_NAME GENDER PRI_DOB RACE_DESCR CYC_DATE STP_EVENT_DATE STP_ORI_DESCR STP_ORI_CNTY_NAME
DISP_DATE OFN OFFENSE_DESCR DISP_DESCR CONV_STAT_DESCR SENT_LOC_DESCR SENT_LENGTH SENT_TIME_CODE CYC_AGE
COMMENT_TEXT END_OF_REC
"""
CONDENSED_COLUMNS = tuple(_CONDENSED_COLUMN_NAMES.split())
ADDED_COLUMNS = (
    "Case Number",
    "# of convictions on record",
    "Possible Other P64 Charges",
    "Occurred after 11/9/2016",
    "Superstrike Code Section(s)",
    "PC290 Code Section(s)",
    "PC290 Registration",
    "Date of Conviction",
    "Years Since This Conviction",
    "Years Since Any Conviction",
    "# of Prop 64 convictions",
    "# of HS 11357 convictions",
    "# of HS 11358 convictions",
    "# of HS 11359 convictions",
    "# of HS 11360 convictions",
    "Deceased",
    "Eligibility Determination",
    "Eligibility Reason",
)
POSSIBLE_OTHER = ADDED_COLUMNS.index("Possible Other P64 Charges")
PROP_64_IN_FORCE = (2016, 11, 9)


def header(columns: tuple[str, ...]) -> bytes:
    return line([name.encode() for name in columns + ADDED_COLUMNS])


def row(record: dict[str, bytes], columns: tuple[str, ...], added: list[bytes]) -> bytes:
    return line([record[name] for name in columns] + added)


def line(fields: list[bytes]) -> bytes:
    return b",".join(map(_quoted, fields)) + b"\n"


def _quoted(text: bytes) -> bytes:
    if text == rb"\." or any(byte in text for byte in b',"\r\n') or text.startswith(WHITE_SPACE):
        return b'"' + text.replace(b'"', b'""') + b'"'
    return text


def undecided_columns(record: dict[str, bytes]) -> list[bytes]:
    added = [b""] * len(ADDED_COLUMNS)
    added[POSSIBLE_OTHER] = possible_other_charges(record)
    return added


def decided_columns(
    record: dict[str, bytes], conviction: Conviction, subject: Subject, decision: Decision, as_of: calendar.Date
) -> list[bytes]:
    prop64 = subject.prop64_sections
    return [
        b"; ".join(subject.case_numbers.get(conviction.case, [])),
        b"%d" % len(subject.convictions),
        possible_other_charges(record),
        b"Y" if conviction.date > PROP_64_IN_FORCE else b"N",
        b";".join(subject.superstrikes) if subject.superstrikes else b"-",
        b";".join(subject.pc290s) if subject.pc290s else b"-",
        b"Yes" if subject.registered else b"-",
        calendar.in_csv(conviction.date),
        _years_since(conviction.date, as_of),
        _years_since(subject.latest_conviction, as_of),
        b"%d" % len(prop64),
        *(b"%d" % prop64.count(section) for section in PROP_64_SECTIONS),
        b"Deceased" if subject.deceased else b"-",
        decision.determination.encode(),
        decision.reason.encode(),
    ]


def possible_other_charges(record: dict[str, bytes]) -> bytes:
    """The comment, when it speaks of a Prop 64 charge that the offense does not."""
    offense, comment = record["OFFENSE_DESCR"], record["COMMENT_TEXT"]
    in_offense, in_comment = prop64_section(offense), prop64_section(comment)
    if is_charge_in_comment(record) or in_comment is None:
        return b""
    if in_offense != in_comment:
        return comment
    if in_offense != "11357":
        return b""

    pairs = {"A": "A or B", "B": "A or B", "C": "C or D", "D": "C or D", None: None}
    pair_in_offense = pairs[subsection_of_11357(offense)]
    pair_in_comment = pairs[subsection_of_11357(comment)]
    return comment if pair_in_comment and pair_in_comment != pair_in_offense else b""


def _years_since(date: calendar.Date, as_of: calendar.Date) -> bytes:
    # gogen cannot tell a true 1 January of year 1 from no date.
    years = -1.0 if date == calendar.NO_DATE else calendar.years_between(date, as_of)
    return b"%.1f" % years
