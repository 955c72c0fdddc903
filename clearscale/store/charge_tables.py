"""Tables of a bucket of charges as files, and back; what is read is compared with what it leads into."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.charges.coding import OFFENSE, TEXTS, Known
from clearscale.charges.grouping import Grouped
from clearscale.charges.tables import UNKNOWN, Cases, Charges, Disposition, People, Tables, Words
from clearscale.io.files import Folder
from clearscale.io.sealed import SealedFolder
from clearscale.io.seals import Seal
from clearscale_kernels.arrays import Int64s

from .layout import DICTIONARIES, PEOPLE

CHARGES, CASES = "charges", "cases"
DATASETS = (CHARGES, CASES, PEOPLE)
"""The datasets of a snapshot, a file a bucket each."""

_OFFENSES = "offense"
_OF_PEOPLE = ("birth_date", "sex", "race", "marks")


def charge_file(dataset: str, number: int) -> str:
    """A bucket's file of a dataset, below the snapshot's folder. What a run reads whole is kept as in memory."""
    return f"{dataset}/bucket-{number:05d}.{'arrow' if dataset == CHARGES else 'parquet'}"


def write_tables(snapshot: Folder, number: int, found: Grouped, sequence: pa.Array) -> dict[str, Seal]:
    """Write a bucket. sequence: the number of each charge in its case. Returns the files' seals by their paths."""
    charges, cases, people = found.tables.charges, found.tables.cases, found.tables.people
    columns = {field.name: pa.array(getattr(charges, field.name)) for field in fields(Charges)}
    of_charges = pa.table({**columns, "sequence": sequence.dictionary_encode()})
    of_cases = pa.table(
        {
            "person": cases.person,
            "charges": np.diff(cases.bounds).astype(np.int32),
            "number": found.numbers,
        }
    )
    of_people = pa.table(
        {
            "charges": np.diff(people.bounds).astype(np.int32),
            **{name: getattr(people, name) for name in _OF_PEOPLE},
            "identity": found.identities,
        }
    )
    return {
        charge_file(CHARGES, number): snapshot.write_arrow(charge_file(CHARGES, number), of_charges),
        charge_file(CASES, number): snapshot.write_parquet(charge_file(CASES, number), of_cases),
        charge_file(PEOPLE, number): snapshot.write_parquet(charge_file(PEOPLE, number), of_people),
    }


def write_words(snapshot: Folder, known: Known) -> dict[str, Seal]:
    """Write what codes stand for; returns the files' seals by their paths."""
    offenses = list(zip(*known.offenses, strict=True)) or [()] * len(OFFENSE)
    tables = {
        _OFFENSES: pa.table(
            {name: pa.array(values, pa.string()) for name, values in zip(OFFENSE, offenses, strict=True)}
        ),
        **{name: pa.table({"text": pa.array(texts, pa.string())}) for name, texts in known.texts.items()},
    }
    return {
        path: snapshot.write_parquet(path, table)
        for path, table in ((f"{DICTIONARIES}/{name}.parquet", table) for name, table in tables.items())
    }


def sizes_of(known: Known) -> dict[str, int]:
    """How many texts each dictionary has, by name."""
    return {_OFFENSES: len(known.offenses), **{name: len(texts) for name, texts in known.texts.items()}}


def read_words(snapshot: SealedFolder, sizes: Mapping[str, int], told: frozenset[str]) -> Words:
    """Read what codes stand for. sizes: as the manifest has them. Raises StoreError for damage."""
    texts = {}
    for name in TEXTS:
        texts[name] = tuple(_column(snapshot, name, "text", sizes[name]))
    offenses = zip(*(_column(snapshot, _OFFENSES, name, sizes[_OFFENSES]) for name in OFFENSE), strict=True)
    return Known(texts, tuple(offenses)).words(told)


def _column(snapshot: SealedFolder, name: str, column: str, size: int) -> list[str]:
    path = f"{DICTIONARIES}/{name}.parquet"
    table = snapshot.read_parquet(path)
    if table.num_rows != size or column not in table.column_names:
        snapshot.guard.damaged(snapshot.folder(path).url, f"it has not the {size:,} texts that were written")
    values: list[str] = table.column(column).to_pylist()
    return values


def read_tables(snapshot: SealedFolder, number: int, words: Words) -> Tables:
    """Read a bucket, whose arrays cannot be written to: they are kept, or lie in the file.

    Raises StoreError for damage, codes that lead nowhere included.
    """
    path = charge_file(CHARGES, number)
    found = snapshot.read_arrow(path)
    columns = {field.name: _numbers(snapshot, path, found, field.name) for field in fields(Charges)}
    charges = Charges(**columns)
    cases = snapshot.read_parquet(charge_file(CASES, number), ["person", "charges"])
    people = snapshot.read_parquet(charge_file(PEOPLE, number), ["charges", *_OF_PEOPLE])
    tables = Tables(
        charges,
        Cases(_bounds(cases), cases.column("person").to_numpy()),
        People(_bounds(people), **{name: people.column(name).to_numpy() for name in _OF_PEOPLE}),
        words,
    )
    if wrong := _wrong(tables):
        snapshot.guard.damaged(snapshot.folder(path).url, wrong)
    for part in (tables.charges, tables.cases, tables.people):
        for field in fields(part):
            getattr(part, field.name).flags.writeable = False
    return tables


def _numbers(snapshot: SealedFolder, path: str, table: pa.Table, name: str) -> Any:
    if name not in table.column_names or table.column(name).null_count:
        snapshot.guard.damaged(snapshot.folder(path).url, f"its column {name} is not there, or not whole")
    return table.column(name).to_numpy()


def _bounds(table: pa.Table) -> Int64s:
    bounds: Int64s = np.concatenate([[0], np.cumsum(table.column("charges").to_numpy(), dtype=np.int64)])
    return bounds


def _wrong(tables: Tables) -> str:
    """What does not fit, empty if all does: nothing that follows a code or a row may read beyond its table."""
    charges, cases, people, words = tables.charges, tables.cases, tables.people, tables.words
    limits = {name: (UNKNOWN, len(getattr(words, listed))) for name, (_, listed, _) in TEXTS.items()}
    limits |= {"offense": (0, len(words.offenses)), "file": (0, len(words.files))}
    limits |= {"disposition": (UNKNOWN, len(Disposition) - 1), "line": (1, 2**62)}
    limits |= {"person": (0, people.birth_date.size), "case": (0, cases.person.size)}
    for name, (first, end) in limits.items():
        of = people if name in ("sex", "race") else charges
        values = getattr(of, name)
        if values.size and (values.min() < first or values.max() >= end):
            return f"its column {name} leads beyond what it is a place in"
    for what, part, places in (("case", cases, charges.case), ("person", people, charges.person)):
        counts = np.diff(part.bounds)
        if counts.size and counts.min() < 1:
            return f"a {what} has no charge"
        if part.bounds[-1] != charges.person.size or (np.repeat(np.arange(counts.size), counts) != places).any():
            return f"charges of a {what} do not lie side by side"
    if (cases.person[charges.case] != charges.person).any():
        return "charges of a case are of several people"
    return ""
