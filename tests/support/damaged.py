"""Damaged extracts: read as rows, changed, taken into a store, and what became of them."""

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clearscale
from clearscale.errors import ExtractError, said_in_shell
from clearscale.store.ingest.ingest import IngestReport

from . import samples
from .fabricate import COLUMNS

CASES = Path(__file__).parent.parent / "damaged" / "cases"
POLICY = CASES / "policy.json"
BASE = CASES / "base.csv"

Row = dict[str, str]


@dataclass(frozen=True)
class Outcome:
    """What became of an extract: refused, with the message of a command, or stored, with findings and counts."""

    refused: str | None
    findings: Mapping[str, int]
    counts: Mapping[str, int]


def rows_of(path: Path) -> list[Row]:
    """The records of an extract with a header."""
    with path.open(newline="", encoding="latin-1") as file:
        return list(csv.DictReader(file))


def as_csv(rows: Iterable[Mapping[str, str]], columns: Sequence[str] = COLUMNS, **options: Any) -> bytes:
    """An extract with a header. options: of `csv.DictWriter`."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, **{"lineterminator": "\n", **options})
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("latin-1")


def taken(extracts: Path | Sequence[Path], store: Path, accept: Collection[str] = (), **options: Any) -> Outcome:
    """Take extracts into a store. options: of `clearscale.ingest`."""
    try:
        report = clearscale.ingest(extracts, store, accept=accept, **options)
    except ExtractError as error:
        with said_in_shell():
            return Outcome(str(error), {}, {})
    return _outcome(report)


def stored(
    folder: Path,
    content: bytes,
    *,
    name: str = "x.csv",
    county: str = "ALAMEDA",
    accept: Collection[str] = (),
    **options: Any,
) -> Outcome:
    """Take bytes as an extract of a county into the store of a folder. options: of `samples.ingest`."""
    (folder / name).write_bytes(content)
    try:
        report = samples.ingest(str(folder / name), folder / "store", county=county, accept=accept, **options)
    except ExtractError as error:
        with said_in_shell():
            return Outcome(str(error), {}, {})
    return _outcome(report)


def _outcome(report: IngestReport) -> Outcome:
    found = [finding for of_extract in report.findings.values() for finding in of_extract]
    return Outcome(None, {finding.name: finding.count for finding in found}, report.counts)
