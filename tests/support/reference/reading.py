"""From the bytes of an extract to records of 95 fields, as Go's encoding/csv with strict quotes reads them."""

import contextlib

from .errors import GogenError

_COLUMN_NAMES = """
RECORD_ID SUBJECT_STATUS SUBJECT_ID REQ_SEG_SEP REQ_CII_NUMBER REQ_NAME REQ_GENDER REQ_DOB REQ_CDL REQ_SSN
PII_SEG_SEP CII_NUMBER PRI_NAME GENDER PRI_DOB PRI_SSN PRI_CDL PRI_IDN PRI_INN FBI_NUMBER PDR_SEG_SEP
RACE_CODE RACE_DESCR EYE_COLOR_CODE EYE_COLOR_DESCR HAIR_COLOR_CODE HAIR_COLOR_DESCR HEIGHT WEIGHT
SINGLE_SOURCE MULTI_SOURCE POB_CODE POB_NAME POB_TYPE CITIZENSHIP_LIST CYC_SEG_SEP CYC_ORDER CYC_DATE
STP_SEG_SEP STP_ORDER STP_EVENT_DATE STP_TYPE_CODE STP_TYPE_DESCR STP_ORI_TYPE STP_ORI_TYPE_DESCR
STP_ORI_CODE STP_ORI_DESCR STP_ORI_CNTY_CODE STP_ORI_CNTY_NAME CNT_SEG_SEP CNT_ORDER DISP_DATE OFN
OFFENSE_CODE OFFENSE_DESCR OFFENSE_TOC OFFENSE_QUAL_LST DISP_OFFENSE_CODE DISP_OFFENSE_DESCR
DISP_OFFENSE_TOC DISP_OFFENSE_QUAL_LST CONV_OFFENSE_ORDER CONV_OFFENSE_CODE CONV_OFFENSE_DESCR
CONV_OFFENSE_TOC CONV_OFFENSE_QUAL_LST FE_NUM_ORDER FE_NUM_ARR_AGY FE_NUM_BNCH_WARR FE_NUM_CITE
FE_NUM_DOCKET FE_NUM_INCIDENT FE_NUM_BOOKING FE_NUM_NUMBER FE_NUM_REMAND FE_NUM_OOS_INN FE_NUM_CRT_CASE
FE_NUM_WARRANT DISP_ORDER DISP_CODE DISP_DESCR CONV_STAT_CODE CONV_STAT_DESCR SENT_SEG_SEP SENT_ORDER
SENT_LOC_CODE SENT_LOC_DESCR SENT_LENGTH SENT_TIME_CODE SENT_TIME_DESCR CYC_AGE CII_TYPE CII_TYPE_ALPHA
COMMENT_TEXT END_OF_REC
"""
COLUMNS = tuple(_COLUMN_NAMES.split())

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BARE_QUOTE = 'bare " in non-quoted-field'
STRAY_QUOTE = 'extraneous or missing " in quoted-field'


def read(extract: bytes) -> list[dict[str, bytes]]:
    """Every record of the extract, by column name."""
    extract = extract.removeprefix(BYTE_ORDER_MARK)
    header = b""
    if extract.startswith(b"RECORD_ID"):
        # The header is one line whatever it holds, and line numbers count from the line after it.
        header, _, extract = extract.partition(b"\n")
    names = header.split(b",")
    if len(names) == len(COLUMNS) + 1 and not names[-1].strip():
        # Only where every line ends with an empty 96th field is it dropped.
        with contextlib.suppress(GogenError):
            records = _records(extract, len(COLUMNS) + 1)
            if all(fields[-1] == b"" for fields in records):
                return [dict(zip(COLUMNS, fields, strict=False)) for fields in records]
    return [dict(zip(COLUMNS, fields, strict=True)) for fields in _records(extract, len(COLUMNS))]


def _records(extract: bytes, width: int) -> list[list[bytes]]:
    """Every record of so many fields; any other is an error."""
    lines = _Lines(extract)
    records = []
    while (line := lines.next()) is not None:
        if line in (b"", b"\n"):
            continue
        first_line = lines.number
        fields = _fields(line, lines)
        if len(fields) != width:
            raise GogenError(f"record on line {first_line}: wrong number of fields")
        records.append(fields)
    return records


class _Lines:
    """The lines of an extract one after the other, and the number of the last one taken."""

    def __init__(self, extract: bytes) -> None:
        self.number = 0
        self._lines = [line + b"\n" for line in extract.split(b"\n")]
        last = self._lines.pop().removesuffix(b"\n")
        if last:
            self._lines.append(last)

    def next(self) -> bytes | None:
        """The next line with its LF, if it has one; None at the end of the file, which counts as a line too."""
        self.number += 1
        if self.number > len(self._lines):
            return None
        line = self._lines[self.number - 1]
        # A CR belongs to the line end when an LF or the end of the file follows; any other CR is text.
        if line.endswith(b"\r\n"):
            return line.removesuffix(b"\r\n") + b"\n"
        return line.removesuffix(b"\r")


def _fields(line: bytes, lines: _Lines) -> list[bytes]:
    """The fields of the record that starts with this line; takes further lines while a quoted field is open."""
    first_line = lines.number
    fields = []
    at = 0
    while True:
        if line[at : at + 1] != b'"':
            text = line[at:].removesuffix(b"\n").partition(b",")[0]
            if b'"' in text:
                raise _parse_error(first_line, lines.number, at + text.index(b'"'), BARE_QUOTE)
            fields.append(text)
            at += len(text)
        else:
            text = b""
            at += 1
            while True:
                quote = line.find(b'"', at)
                if quote < 0:
                    text += line[at:]
                    following = lines.next()
                    if following is None:
                        raise _parse_error(first_line, lines.number - 1, 0, STRAY_QUOTE)
                    line, at = following, 0
                elif line[quote + 1 : quote + 2] == b'"':
                    text += line[at : quote + 1]
                    at = quote + 2
                else:
                    text += line[at:quote]
                    at = quote + 1
                    break
            fields.append(text)
            if line[at:] not in (b"", b"\n") and line[at : at + 1] != b",":
                raise _parse_error(first_line, lines.number, at - 1, STRAY_QUOTE)
        if line[at : at + 1] != b",":
            return fields
        at += 1


def _parse_error(first_line: int, line: int, column: int, what: str) -> GogenError:
    """Columns count bytes from 0."""
    # Go names the record's first line as well, but only when the mistake is on a later one.
    where = "" if line == first_line else f"record on line {first_line}; "
    return GogenError(f"{where}parse error on line {line}, column {column}: {what}")
