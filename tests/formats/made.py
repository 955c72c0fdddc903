"""Small files of charges, rendered in any form."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from clearscale.formats import ColumnMap, load_map
from clearscale.formats.reading import Reading

COOK = load_map("il-cook-clerk")
ROW = {
    "case_number": "84CR1",
    "sequence_number": "1",
    "fgrprntno": "IR1",
    "dob": "09-Feb-60",
    "arrest_date": "09-Feb-84",
    "initial_date": "10-Feb-84",
    "sex": "M",
    "statute": "720-550/4(C)",
    "chrgdesc": "POSS CANNABIS",
    "chrgtype": "M",
    "chrgclass": "A",
    "chrgdisp": "Plea of Guilty",
    "chrgdispdate": "01-Mar-84",
}
"""A charge as the clerk has it."""


def variant(stated: ColumnMap = COOK, /, **tables: Any) -> ColumnMap:
    """A map with other tables."""
    document = {**stated.document, **tables}
    return ColumnMap.read(stated.name, document, "map.toml")


def formed(stated: ColumnMap = COOK, /, **form: Any) -> ColumnMap:
    """A map with another form of files; nothing checks that it is one."""
    return ColumnMap.of(stated.name, {**stated.document, "file": {**stated.document["file"], **form}})


def rendered(
    rows: Sequence[Mapping[str, str]], stated: ColumnMap = COOK, header: bool | None = None, end: str = "\n"
) -> bytes:
    """Rows as bytes of a file, quoted where they must be."""
    form = stated.form

    def cell(value: str) -> str:
        quoted = form.quote and any(mark in value for mark in (form.separator, form.quote, "\n", "\r"))
        return f"{form.quote}{value.replace(form.quote, form.quote * 2)}{form.quote}" if quoted else value

    lines = [form.separator.join(cell(row.get(column, "")) for column in stated.columns) for row in rows]
    if header if header is not None else form.header != "none":
        lines.insert(0, form.separator.join(stated.columns))
    return "".join(f"{line}{end}" for line in lines).encode(form.encoding)


def read(
    folder: Path, *contents: bytes, stated: ColumnMap = COOK, block_bytes: int = 2**20
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], Reading]:
    """(charges, records that were set aside, the reading) of files of these bytes."""
    files = []
    for place, content in enumerate(contents):
        path = folder / f"charges-{place}.csv"
        path.write_bytes(content)
        files.append(str(path))
    reading = Reading(files, stated, block_bytes)
    pieces = list(reading)
    charges = [row for piece in pieces for row in piece.charges.to_pylist()]
    aside = [row for piece in pieces for row in piece.aside.to_pylist()]
    assert reading.noticed.read == len(charges) + len(aside) == sum(piece.rows for piece in pieces)
    return charges, aside, reading
