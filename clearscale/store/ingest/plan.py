"""Between the rounds of an ingest: the block groups' texts become codes of the store, and strays are found.

A subject with rows in several groups can end up in different buckets, if its CII_NUMBER is blank in some of them or
changes. Such strays are few; the plan tells each bucket whom to leave and whom to fetch.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.histories.dictionaries import NAMES, Dictionaries
from clearscale.io.files import Folder
from clearscale.store.layout import PLAN, Staging

from .block_groups import read_texts


@dataclass(frozen=True)
class StagedExtract:
    """An extract whose block groups wait in staging. place: its number in the new snapshot."""

    id: str
    place: int
    groups: int


@dataclass(frozen=True)
class GroupPlan:
    """What a bucket has to know of a block group.

    extract, id: the extract's place and id. codes: for each coded column, the group's codes as codes of the store.
    strays: SUBJECT_ID, the bucket that holds the subject's rows of the group, and the bucket they belong in.
    """

    extract: int
    id: str
    group: int
    codes: dict[str, np.ndarray]
    strays: list[tuple[bytes, int, int]]


def make_plan(staging: Staging, extracts: list[StagedExtract], dictionaries: Dictionaries) -> pa.Table:
    """Make the plan, one row a block group in order; see `GroupPlan`. Grows `dictionaries`."""
    rows: list[dict[str, Any]] = []
    for extract in extracts:
        folder = staging.of(extract.id)
        homes: dict[bytes, tuple[int, bool]] = {}
        moved: set[bytes] = set()
        own: list[tuple[dict[str, Any], list[bytes], list[int]]] = []
        for number in range(extract.groups):
            texts = read_texts(folder, number)
            row: dict[str, Any] = {"extract": extract.place, "id": extract.id, "group": number}
            for name in NAMES:
                row[name] = dictionaries.encode(name, texts.column(name)[0].as_py())
            subjects = texts.column("subject_id")[0].as_py()
            buckets = texts.column("bucket")[0].as_py()
            persons = texts.column("cii_number")[0].as_py()
            for subject, bucket, person in zip(subjects, buckets, persons, strict=True):
                home = homes.get(subject)
                if home is None:
                    homes[subject] = (bucket, bool(person))
                    continue
                if home[0] != bucket:
                    moved.add(subject)
                if person and not home[1]:
                    homes[subject] = (bucket, True)
            own.append((row, subjects, buckets))
        for row, subjects, buckets in own:
            strays = [k for k, subject in enumerate(subjects) if subject in moved] if moved else []
            row["stray"] = [subjects[k] for k in strays]
            row["bucket"] = np.array([buckets[k] for k in strays], np.int32)
            row["home"] = np.array([homes[subjects[k]][0] for k in strays], np.int32)
            rows.append(row)
    lists = [(name, pa.list_(pa.int32())) for name in (*NAMES, "bucket", "home")]
    about = [("extract", pa.int32()), ("id", pa.string()), ("group", pa.int32())]
    return pa.Table.from_pylist(rows, schema=pa.schema([*about, ("stray", pa.list_(pa.binary())), *lists]))


def read_plan(snapshot: Folder) -> list[GroupPlan]:
    """Read the plan of a snapshot in the making. Numbers stay where they lie in the file."""
    table = snapshot.read_arrow(PLAN)
    column = {name: table.column(name).combine_chunks() for name in table.column_names}
    return [
        GroupPlan(
            extract,
            column["id"][row].as_py(),
            column["group"][row].as_py(),
            {name: column[name][row].values.to_numpy() for name in NAMES},
            list(zip(*(column[name][row].as_py() for name in ("stray", "bucket", "home")), strict=True)),
        )
        for row, extract in enumerate(column["extract"].to_pylist())
    ]
