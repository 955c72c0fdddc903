"""Files of charges whose people have names and no key."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from clearscale.formats import ColumnMap, load_map, maps
from clearscale.formats.catalog import _parsed
from clearscale.linking.linker import Linked, link_files
from clearscale.linking.people import PAIRS, PEOPLE, SURE

_GENERIC = maps()["generic-charges"].read_text("utf-8")
NAMED = (
    _GENERIC.replace('person = "person_id"\n', "")
    .replace('"person_id", "case_number"', '"first", "middle", "last", "license", "case_number"')
    .replace('"person_id", "birth_date"', '"middle", "license", "birth_date"')
    .replace(
        "[amended]",
        '[identity]\nfirst_name = "first"\nmiddle_name = "middle"\nlast_name = "last"\nnumbers = "license"\n'
        "\n[amended]",
    )
)
"""A map of people without a key, as TOML."""

STATED = ColumnMap.of("named", _parsed(NAMED.encode(), "named.toml"))
WHOLE = ColumnMap.of("generic-charges", load_map("generic-charges").document)

WHO = {"first": "John", "middle": "Quincy", "last": "Smith", "license": "", "birth_date": "1970-02-03", "sex": "M"}


def rows(*people: Mapping[str, str]) -> bytes:
    """A charge in a case of its own for each of these people, as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, STATED.columns, lineterminator="\n")
    writer.writeheader()
    for number, who in enumerate(people):
        about = {
            "case_number": f"C{number}",
            "charge_number": "1",
            "statute": "PL 221.05",
            "disposition": "DISMISSED",
        }
        writer.writerow({**about, **WHO, **who})
    return text.getvalue().encode()


def put(folder: Path, **files: bytes) -> list[str]:
    """Files, by their names without ending."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.csv").write_bytes(content)
    return [str(folder / f"{name}.csv") for name in files]


def linked(folder: Path, *people: Mapping[str, str], **options: Any) -> tuple[Linked, list[str]]:
    """(what was found, the person of each record) of these people's charges."""
    files = put(folder, charges=rows(*people))
    found = link_files(files, STATED, str(folder / "people"), **options)
    return found, keys(folder / "people")


def keys(folder: Path, column: str = SURE) -> list[str]:
    """The people of a linking's records."""
    found: list[str] = pq.read_table(folder / PEOPLE).column(column).to_pylist()
    return found


def pairs(folder: Path) -> list[dict[str, str]]:
    """The pairs to review."""
    with (folder / PAIRS).open(newline="") as file:
        return list(csv.DictReader(file))


def write_pairs(path: Path, found: Sequence[Mapping[str, str]]) -> str:
    """Pairs as somebody gives them back."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*found[0]])
        writer.writeheader()
        writer.writerows(found)
    return str(path)


def shares(found: Sequence[str], true: Sequence[str]) -> tuple[float, float]:
    """(precision, recall) of pairs of records of one person."""

    def together(people: Sequence[Any]) -> int:
        return sum(count * (count - 1) // 2 for count in Counter(people).values())

    both = together(list(zip(found, true, strict=True)))
    return both / together(found), both / together(true)
