"""A fabricated person whose every value is a word of its own, and the search for those words in files."""

import datetime
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from clearscale.extract.subject_facts import digest

from .fabricate import COLUMNS
from .samples import Row, conviction, rendered

NUMBER, SUBJECT, NAME = "A93517726", "SQZ0417", "QZNAME,QZFIRST"
BIRTH, EVENTS = datetime.date(1931, 3, 13), (datetime.date(1957, 7, 19), datetime.date(1958, 8, 23))

_DECIDING = {
    "STP_TYPE_DESCR": "COURT ACTION",
    "OFFENSE_TOC": "F",
    "DISP_DESCR": "CONVICTED QZDISP",
    "CONV_STAT_DESCR": "FELONY",
    "SENT_LENGTH": "",
    "SENT_TIME_CODE": "",
    "DISP_OFFENSE_DESCR": "",
    "CONV_OFFENSE_DESCR": "",
    "END_OF_REC": "",
}
"""Values that are no words, so that the person is decided like others."""

_OWN = {"SUBJECT_ID": SUBJECT, "CII_NUMBER": NUMBER, "PRI_NAME": NAME, "PRI_DOB": f"{BIRTH:%Y%m%d}"}

_WORDS = {column: f"QZ{place:02d}WORD" for place, column in enumerate(COLUMNS)}

WORDS = [
    word.encode()
    for word in (
        *(
            word
            for column, word in _WORDS.items()
            if column not in {*_DECIDING, *_OWN, "STP_EVENT_DATE", "CNT_ORDER"}
        ),
        *_OWN.values(),
        "QZDISP",
        "QZCOUNTY",
        "931001001000",
        "931001002000",
        *(f"{day:%Y%m%d}" for day in EVENTS),
    )
]
"""What must be nowhere when the person is gone."""

_NUMBERS = {
    "birth_date": {(BIRTH - datetime.date(1970, 1, 1)).days},
    "event_date": {(day - datetime.date(1970, 1, 1)).days for day in EVENTS},
    "latest_conviction": {(day - datetime.date(1970, 1, 1)).days for day in EVENTS},
    "name_digest": {digest(b"QZNAMEQZFIRST")},
    "said_number_values": {digest(NUMBER.encode())},
}
"""The same for columns of numbers."""


def canary(county: str) -> list[Row]:
    """The person's records in an extract: two convictions, the second in a county that is none."""
    rows = []
    for place, day in enumerate(EVENTS, 1):
        row = conviction(SUBJECT, county, **{**_WORDS, **_DECIDING, **_OWN})
        row |= {
            "STP_EVENT_DATE": f"{day:%Y%m%d}".encode(),
            "STP_ORI_CNTY_NAME": county.encode() if place == 1 else _WORDS["STP_ORI_CNTY_NAME"].encode(),
            "STP_ORI_CODE": b"QZCOUNTY" if place == 1 else _WORDS["STP_ORI_CODE"].encode(),
            "CNT_ORDER": f"93100100{place}000".encode(),
            "OFFENSE_DESCR": f"11360 {_WORDS['OFFENSE_DESCR']}-QZ".encode(),
        }
        rows.append(row)
    return rows


def bad_records() -> bytes:
    """Records of the person that cannot be used, each in another way."""
    line = rendered(canary("YOLO")[:1], header=False)
    return b"".join(
        [
            line.replace(b"\n", b",one,two\n"),
            b",".join(WORDS[:9]) + b"\n",
            NAME.replace(",", " ").encode() + b"," + WORDS[20] + b"\n",
            f"1,,{SUBJECT},\n".encode(),
            f"1,,X,{NUMBER}\n".encode(),
        ]
    )


def others(county: str, people: int, first: int = 0) -> list[Row]:
    """Records of other people of a county."""
    charges = ("11360 HS-SELL", "11357 HS-HOLD", "11359 HS-SALE", "459 PC-BURGLARY")
    return [
        conviction(
            f"S{county[0]}{person:03d}",
            county,
            count,
            CII_NUMBER=f"A0{person:07d}",  # the same person in every county
            PRI_NAME=f"DOE,PAT{chr(65 + person % 26)}",
            PRI_DOB=f"19{50 + person % 45}0101",
            STP_EVENT_DATE=f"20{count:02d}0601",
            OFFENSE_DESCR=charges[(person + count) % 4],
            RACE_DESCR=("BLACK", "WHITE", "HISPANIC")[person % 3],
            GENDER="MF"[person % 2],
            OFN=f"CASE-{person}-{count}",
        )
        for person in range(first, first + people)
        for count in range(1, 2 + person % 4)
    ]


def found_in(
    files: Mapping[str, bytes], words: Sequence[bytes] = WORDS, numbers: Mapping[str, set[int]] = _NUMBERS
) -> dict[str, set[str]]:
    """Where a person's values stand, by file: in its bytes, in what they decompress to, in columns of numbers."""
    found: dict[str, set[str]] = {}
    for name, content in files.items():
        places = {word.decode() for piece in _pieces(name, content) for word in words if word in piece}
        places |= {column for column, values in _columns(name, content, numbers) if values & numbers[column]}
        if places:
            found[name] = places
    return found


def found_below(
    *folders: Path, words: Sequence[bytes] = WORDS, numbers: Mapping[str, set[int]] = _NUMBERS
) -> dict[str, set[str]]:
    """The same of all files below folders, whatever their names, and of the names."""
    files = {str(path): path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}
    named = {
        str(path) for folder in folders for path in folder.rglob("*") if any(w.decode() in path.name for w in words)
    }
    return found_in(files, words, numbers) | {name: {"its name"} for name in named}


def _tables(name: str, content: bytes) -> Iterator[pa.Table]:
    if content[:4] == b"PAR1":
        file = pq.ParquetFile(io.BytesIO(content))
        texts = [field.name for field in file.schema_arrow if pa.types.is_binary(field.type)]
        # As their pages have them: a dictionary may hold what no row has.
        yield pq.ParquetFile(io.BytesIO(content), read_dictionary=texts).read()
    elif content[:6] == b"ARROW1":
        yield pa.ipc.open_file(io.BytesIO(content)).read_all()
    elif name.endswith("rows.arrow"):  # streams, one behind the other
        streams = pa.BufferReader(content)
        while streams.tell() < len(content):
            yield pa.ipc.open_stream(streams).read_all()


def _pieces(name: str, content: bytes) -> Iterator[bytes]:
    yield content
    for table in _tables(name, content):
        yield repr(table.schema.metadata).encode()
        for column in table.columns:
            for chunk in column.chunks:
                yield from (bytes(buffer) for buffer in _buffers(chunk))
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for inner in archive.namelist():
                yield archive.read(inner)


def _buffers(array: pa.Array) -> Iterator[pa.Buffer]:
    if isinstance(array, pa.DictionaryArray):
        yield from _buffers(array.dictionary)
        return
    yield from (buffer for buffer in array.buffers() if buffer is not None)


def _columns(name: str, content: bytes, numbers: Mapping[str, set[int]]) -> Iterator[tuple[str, set[int]]]:
    for table in _tables(name, content):
        for column in numbers.keys() & set(table.column_names):
            values = table.column(column)
            flat = values.combine_chunks().flatten() if pa.types.is_list(values.type) else values
            yield column, set(flat.to_pylist())
