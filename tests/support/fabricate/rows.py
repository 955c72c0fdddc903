"""Rows as dictionaries, and their rendering as an extract."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

_COLUMN_NAMES = """
RECORD_ID SUBJECT_STATUS SUBJECT_ID REQ_SEG_SEP REQ_CII_NUMBER REQ_NAME REQ_GENDER REQ_DOB REQ_CDL REQ_SSN
PII_SEG_SEP CII_NUMBER PRI_NAME GENDER PRI_DOB PRI_SSN PRI_CDL PRI_IDN PRI_INN FBI_NUMBER PDR_SEG_SEP RACE_CODE
RACE_DESCR EYE_COLOR_CODE EYE_COLOR_DESCR HAIR_COLOR_CODE HAIR_COLOR_DESCR HEIGHT WEIGHT SINGLE_SOURCE MULTI_SOURCE
POB_CODE POB_NAME POB_TYPE CITIZENSHIP_LIST CYC_SEG_SEP CYC_ORDER CYC_DATE STP_SEG_SEP STP_ORDER STP_EVENT_DATE
STP_TYPE_CODE STP_TYPE_DESCR STP_ORI_TYPE STP_ORI_TYPE_DESCR STP_ORI_CODE STP_ORI_DESCR STP_ORI_CNTY_CODE
STP_ORI_CNTY_NAME CNT_SEG_SEP CNT_ORDER DISP_DATE OFN OFFENSE_CODE OFFENSE_DESCR OFFENSE_TOC OFFENSE_QUAL_LST
DISP_OFFENSE_CODE DISP_OFFENSE_DESCR DISP_OFFENSE_TOC DISP_OFFENSE_QUAL_LST CONV_OFFENSE_ORDER CONV_OFFENSE_CODE
CONV_OFFENSE_DESCR CONV_OFFENSE_TOC CONV_OFFENSE_QUAL_LST FE_NUM_ORDER FE_NUM_ARR_AGY FE_NUM_BNCH_WARR FE_NUM_CITE
FE_NUM_DOCKET FE_NUM_INCIDENT FE_NUM_BOOKING FE_NUM_NUMBER FE_NUM_REMAND FE_NUM_OOS_INN FE_NUM_CRT_CASE
FE_NUM_WARRANT DISP_ORDER DISP_CODE DISP_DESCR CONV_STAT_CODE CONV_STAT_DESCR SENT_SEG_SEP SENT_ORDER SENT_LOC_CODE
SENT_LOC_DESCR SENT_LENGTH SENT_TIME_CODE SENT_TIME_DESCR CYC_AGE CII_TYPE CII_TYPE_ALPHA COMMENT_TEXT END_OF_REC
"""
COLUMNS = tuple(_COLUMN_NAMES.split())

Row = dict[str, bytes]


@dataclass(frozen=True)
class Layout:
    """How the same rows may be written down."""

    header: bool = True
    crlf: bool = False
    tail_newline: bool = True


def needs_count_order(row: Row) -> bool:
    """Whether a short CNT_ORDER could matter; errs on the side of yes."""
    texts = row.get("OFFENSE_DESCR", b"") + b" " + row.get("COMMENT_TEXT", b"")
    return (
        row.get("DISP_DESCR", b"").startswith(b"CONVICTED")
        or (row.get("STP_TYPE_DESCR") == b"COURT ACTION" and row.get("OFN", b"") != b"")
        or any(section in texts for section in (b"11357", b"11358", b"11359", b"11360"))
    )


def render(
    rows: Sequence[Row],
    layout: Layout,
    quote_anyway: Callable[[], bool] = lambda: False,
    blank_line: Callable[[], bool] = lambda: False,
) -> bytes:
    """The extract: columns that a row lacks are empty; `quote_anyway` and `blank_line` are asked each time."""
    line_end = b"\r\n" if layout.crlf else b"\n"
    lines = [",".join(COLUMNS).encode()] if layout.header else []
    for row in rows:
        if blank_line():
            lines.append(b"")
        lines.append(b",".join(_field(row.get(name, b""), quote_anyway) for name in COLUMNS))
    extract = line_end.join(lines)
    return extract + line_end if layout.tail_newline and lines else extract


def _field(text: bytes, quote_anyway: Callable[[], bool]) -> bytes:
    # A CR may stand bare inside a field, but at its end it could become part of the line end.
    if any(byte in text for byte in b',"\n') or text.endswith(b"\r") or quote_anyway():
        return b'"' + text.replace(b'"', b'""') + b'"'
    return text
