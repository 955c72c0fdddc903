"""Between the rounds of an ingest: the blocks' texts become codes of the store, and strays are found.

A subject whose rows lie in several blocks can be put in different buckets, when its CII_NUMBER is blank in some of
them or changes. Such strays are few; the plan tells each bucket which rows to leave and which to fetch.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ..files import Folder
from .blocks import TEXTS
from .dictionaries import Dictionaries
from .layout import Staging, block_file

CODED = ("offense", "county", "count_order")
PLAN = "plan.parquet"


@dataclass(frozen=True)
class StagedExtract:
    """An extract whose blocks wait in staging. place: its number in the new snapshot."""

    id: str
    place: int
    blocks: int


def read_texts(folder: Folder, number: int) -> pa.RecordBatch:
    """The texts and subjects of a block; see `blocks`."""
    with folder.open(block_file(number, TEXTS)) as file:
        return pa.ipc.open_file(file).get_batch(0)


def make_plan(staging: Staging, extracts: list[StagedExtract], dictionaries: Dictionaries) -> pa.Table:
    """One row a block, in order: its codes translated to the store's, and its strays. Grows `dictionaries`."""
    rows: list[dict[str, Any]] = []
    for extract in extracts:
        folder = staging.of(extract.id)
        homes: dict[bytes, tuple[int, bool]] = {}
        moved: set[bytes] = set()
        own: list[tuple[dict[str, Any], list[bytes], list[int]]] = []
        for number in range(extract.blocks):
            texts = read_texts(folder, number)
            row: dict[str, Any] = {"extract": extract.place, "id": extract.id, "block": number}
            for name in (*CODED, "race", "sex"):
                row[name] = dictionaries.encode(name, texts.column(name)[0].as_py())
            subjects = texts.column("subject_id")[0].as_py()
            places = texts.column("bucket")[0].as_py()
            persons = texts.column("cii_number")[0].as_py()
            for subject, bucket, person in zip(subjects, places, persons, strict=True):
                home = homes.get(subject)
                if home is None:
                    homes[subject] = (bucket, bool(person))
                    continue
                if home[0] != bucket:
                    moved.add(subject)
                if person and not home[1]:
                    homes[subject] = (bucket, True)
            own.append((row, subjects, places))
        for row, subjects, _ in own:
            strays = [k for k, subject in enumerate(subjects) if subject in moved] if moved else []
            row["stray"] = np.array(strays, np.int32)
            row["home"] = np.array([homes[subjects[k]][0] for k in strays], np.int32)
            rows.append(row)
    lists = {name: pa.list_(pa.int32()) for name in (*CODED, "race", "sex", "stray", "home")}
    schema = pa.schema([("extract", pa.int32()), ("id", pa.string()), ("block", pa.int32()), *lists.items()])
    return pa.Table.from_pylist(rows, schema=schema)
