"""Between the rounds of an ingest: the block groups' texts become codes of the store, and strays are found.

A subject with rows in several groups can end up in different slices, and so in different buckets, if its
CII_NUMBER is blank in some of them or changes. Such strays are few; the plan tells each bucket whom to leave and
whom to fetch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.histories.dictionaries import NAMES, Dictionaries
from clearscale.io.files import Folder
from clearscale.store.layout import PLAN
from clearscale_kernels.arrays import Int32s, Int64s

from .block_groups import SLICE

KEPT = -1
"""The group that stands for the rows of an extract that the snapshot before has."""


@dataclass(frozen=True)
class StagedGroup:
    """A block group that waits in staging.

    first_row: in its file, from where its own rows are counted. bounds: where each bucket's rows begin in the
    group's file of rows, and their end.
    """

    number: int
    first_row: int
    texts: pa.RecordBatch
    bounds: Sequence[int]


@dataclass(frozen=True)
class StagedFile:
    """A file whose block groups wait in staging.

    staged: its folder there. place: its extract's number. first_row: of the file among the rows of its
    extract. dropped: rows of the file that do not count, sorted.
    """

    staged: str
    place: int
    groups: Sequence[StagedGroup]
    first_row: int
    dropped: Int32s


@dataclass(frozen=True)
class KeptSubjects:
    """Subjects of an extract that gets more files. place: its number.

    subjects: (SUBJECT_ID, whether it has a number, slice) of each that stands in those files, too.
    """

    place: int
    subjects: Sequence[tuple[bytes, bool, int]]


@dataclass(frozen=True)
class GroupPlan:
    """What a bucket has to know of a block group, or of the rows that an extract has already (KEPT).

    extract: the extract's number. staged: the file's folder in staging. first_row: of the group among the rows of
    its extract. codes: for each coded column, the group's codes as codes of the store. dropped: rows of the group
    that do not count, counted from its first.
    bounds: as of `StagedGroup`. strays: SUBJECT_ID, the slice by which the subject's rows of the group lie, and the
    slice that they belong in.
    """

    extract: int
    staged: str
    group: int
    first_row: int
    codes: dict[str, Int32s]
    dropped: Int32s
    bounds: Int64s
    strays: list[tuple[bytes, int, int]]


class _Homes:
    """The slice of each subject of an extract: the first in which it has a number, else the first."""

    def __init__(self) -> None:
        self._homes: dict[bytes, tuple[int, bool]] = {}
        self._moved: set[bytes] = set()

    def enter(self, subject: bytes, numbered: bool, place: int) -> None:
        """Note that rows of a subject lie in a slice."""
        home = self._homes.get(subject)
        if home is None:
            self._homes[subject] = (place, numbered)
            return
        if home[0] != place:
            self._moved.add(subject)
        if numbered and not home[1]:
            self._homes[subject] = (place, True)

    def strays(self, subjects: Sequence[bytes], slices: Sequence[int]) -> dict[str, Any]:
        """The columns of a plan that tell which of these subjects are not at home."""
        found = [k for k, subject in enumerate(subjects) if subject in self._moved] if self._moved else []
        return {
            "stray": [subjects[k] for k in found],
            SLICE: np.array([slices[k] for k in found], np.int32),
            "home": np.array([self._homes[subjects[k]][0] for k in found], np.int32),
        }


def make_plan(files: Sequence[StagedFile], kept: Sequence[KeptSubjects], dictionaries: Dictionaries) -> pa.Table:
    """Make the plan, one row a block group in order; see `GroupPlan`. Grows `dictionaries`."""
    rows: list[dict[str, Any]] = []
    for place in sorted({file.place for file in files}):
        homes = _Homes()
        own: list[tuple[dict[str, Any], list[bytes], list[int]]] = []
        for extract in (found for found in kept if found.place == place):
            for entry in extract.subjects:
                homes.enter(*entry)
            row = {
                "extract": place,
                "staged": "",
                "group": KEPT,
                "first_row": 0,
                "dropped": [],
                "bounds": [],
                **{name: [] for name in NAMES},
            }
            own.append((row, [entry[0] for entry in extract.subjects], [entry[2] for entry in extract.subjects]))
        for file in (found for found in files if found.place == place):
            ends = [*(group.first_row for group in file.groups[1:]), np.iinfo(np.int32).max]  # one too many of none
            for group, end in zip(file.groups, ends, strict=False):
                texts = group.texts
                low, high = np.searchsorted(file.dropped, [group.first_row, end])
                row = {"extract": place, "staged": file.staged, "group": group.number, "bounds": group.bounds}
                row["first_row"] = file.first_row + group.first_row
                row["dropped"] = file.dropped[low:high] - np.int32(group.first_row)
                for name in NAMES:
                    row[name] = dictionaries.encode(name, texts.column(name)[0].as_py())
                subjects, slices = (texts.column(name)[0].as_py() for name in ("subject_id", SLICE))
                for subject, place_of, person in zip(
                    subjects, slices, texts.column("cii_number")[0].as_py(), strict=True
                ):
                    homes.enter(subject, bool(person), place_of)
                own.append((row, subjects, slices))
        rows += [row | homes.strays(subjects, slices) for row, subjects, slices in own]
    lists = [(name, pa.list_(pa.int32())) for name in (*NAMES, "dropped", SLICE, "home")]
    about = [("extract", pa.int32()), ("staged", pa.string()), ("group", pa.int32()), ("first_row", pa.int32())]
    return pa.Table.from_pylist(
        rows, schema=pa.schema([*about, ("bounds", pa.list_(pa.int64())), ("stray", pa.list_(pa.binary())), *lists])
    )


def read_plan(snapshot: Folder) -> list[GroupPlan]:
    """Read the plan of a snapshot in the making. Numbers stay where they lie in the file."""
    return plans_in(snapshot.read_arrow(PLAN))


def plans_in(table: pa.Table) -> list[GroupPlan]:
    """The plan that `make_plan` made."""
    column = {name: table.column(name).combine_chunks() for name in table.column_names}
    return [
        GroupPlan(
            extract,
            column["staged"][row].as_py(),
            column["group"][row].as_py(),
            column["first_row"][row].as_py(),
            {name: column[name][row].values.to_numpy() for name in NAMES},
            column["dropped"][row].values.to_numpy(),
            column["bounds"][row].values.to_numpy(),
            list(zip(*(column[name][row].as_py() for name in ("stray", SLICE, "home")), strict=True)),
        )
        for row, extract in enumerate(column["extract"].to_pylist())
    ]
