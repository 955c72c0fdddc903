"""Records and quarantine without those of some people."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.io.seals import Seal
from clearscale.law import state
from clearscale.store.layout import quarantine_folder, records_folder
from clearscale.store.opened import Store
from clearscale.store.part import Part
from clearscale.store.record_files import block_readers, files_of, rows_in, without
from clearscale_kernels.arrays import Bools, Int32s

from .work import Work

_ROLES = state().format.roles

_AROUND = b' \t\r\n"'

TELLING = 5
"""Bytes from which on a value can tell a record: shorter ones stand in everybody's."""


@dataclass
class Gone:
    """What goes of the parts of a store.

    rows: numbers of the stored records of each part, sorted. bad: how many records of its quarantine. seals: of the
    files that are written anew, and None for those that go. telling: values of each part that only they had.
    """

    rows: dict[str, Int32s] = field(default_factory=dict)
    bad: dict[str, int] = field(default_factory=dict)
    seals: dict[str, Seal | None] = field(default_factory=dict)
    telling: dict[str, set[bytes]] = field(default_factory=dict)

    def of(self, part: Part) -> Int32s:
        """The rows of a part."""
        return self.rows.get(part.id, np.empty(0, np.int32))


def drop_records(work: Work, store: Store, part: Part, subjects: set[bytes], gone: Gone) -> None:
    """Prepare a part's records without those of the subjects; of its files those that have some."""
    path = records_folder(part.id)
    folder = store.files.folder(path)
    wanted = pa.array(sorted(subjects), pa.binary())
    rows: list[Int32s] = []
    values: dict[str, set[bytes]] = {}
    for file in files_of(part):
        groups, staying = folder.row_groups(file.name), {}
        before = lost = 0
        for place in range(len(file.blocks)):
            found = pc.is_in(groups.read(place, [_ROLES.subject]).column(0), value_set=wanted)
            before += len(found)
            if not pc.any(found).as_py():
                continue
            table = groups.read(place)
            going, staying[place] = table.filter(found), table.filter(pc.invert(found))
            rows.append(rows_in(going))
            for column in state().format.columns:
                values.setdefault(column, set()).update(pc.unique(going.column(column)).to_pylist())
            lost += going.num_rows
        if staying:
            name = f"{path}/{file.name}"
            content = partial(without, folder.read(file.name), staying)
            gone.seals[name] = work.content(name, name, before, before - lost, content)
    if rows:
        gone.rows[part.id] = np.concatenate(rows)
        if part.quarantined:
            gone.telling[part.id] = _only_theirs(store, part, wanted, values)


def _only_theirs(store: Store, part: Part, subjects: pa.Array, values: dict[str, set[bytes]]) -> set[bytes]:
    """Of the values of the records that go, by column, those that no other record of the part has there."""
    left = {column: {value for value in found if len(value.strip()) >= TELLING} for column, found in values.items()}
    for read in block_readers(store.files, part):
        columns = [column for column, found in left.items() if found]
        table = read([*dict.fromkeys([_ROLES.subject, *columns])])
        others = table.filter(pc.invert(pc.is_in(table.column(_ROLES.subject), value_set=subjects)))
        for column in columns:
            candidates = pa.array(sorted(left[column]), pa.binary())
            known = pc.is_in(candidates, value_set=others.column(column).combine_chunks())
            left[column] -= set(candidates.filter(known).to_pylist())
    return {value.strip() for found in left.values() for value in found}


def drop_bad_records(
    work: Work, store: Store, part: Part, telling: set[bytes], subjects: set[bytes], gone: Gone
) -> None:
    """Prepare a part's quarantine without records that hold a telling value anywhere, or a subject in its place."""
    _drop(work, store, part.id, lambda table: _tells(table, telling, subjects), gone)


def drop_quarantine(work: Work, store: Store, part: Part, gone: Gone) -> None:
    """Have all of a part's quarantine removed, but for records that an earlier part has: they say which ones."""
    _drop(work, store, part.id, lambda table: np.ones(table.num_rows, np.bool_), gone)


def drop_repeats(work: Work, store: Store, part: Part, gone: Gone) -> Int32s:
    """Prepare the copies of records that an earlier part has without those that go; returns their rows."""
    folder = store.files.folder(quarantine_folder(part.repeats))
    tables = [folder.read_parquet(name, ["row"]) for name in folder.names()]
    rows = np.concatenate([table.column("row").to_numpy() for table in tables]) if tables else np.empty(0, np.int32)
    both = np.intersect1d(rows, gone.of(part)).astype(np.int32)
    if both.size:
        _drop(work, store, part.repeats, lambda table: np.isin(table.column("row").to_numpy(), both), gone)
    return both


def _drop(work: Work, store: Store, name: str, which: Callable[[pa.Table], Bools], gone: Gone) -> None:
    path = quarantine_folder(name)
    folder = store.files.folder(path)
    for file in folder.names():
        place = f"{path}/{file}"
        if place in gone.seals:  # another snapshot has it, too
            continue
        table = folder.read_parquet(file)
        chosen = which(table)
        count = int(np.count_nonzero(chosen))
        if not count:
            continue
        gone.bad[name] = gone.bad.get(name, 0) + count
        if count == table.num_rows:
            work.remove(place, count)
            gone.seals[place] = None
        else:
            staying = table.filter(pa.array(~chosen))
            gone.seals[place] = work.table(place, place, table.num_rows, staying)


def any_of(words: Iterable[bytes]) -> re.Pattern[bytes]:
    """What finds one of some words, as a word of its own."""
    return re.compile(
        rb"(?<![0-9A-Za-z])(?:%s)(?![0-9A-Za-z])" % b"|".join(map(re.escape, sorted(words, reverse=True)))
    )


def _tells(table: pa.Table, telling: set[bytes], subjects: set[bytes]) -> Bools:
    """Which bad records hold a telling value anywhere, as a word of its own, or a subject in its place."""
    words = telling | {subject for subject in subjects if len(subject) >= TELLING}
    told = any_of(words)
    place = state().format.places[_ROLES.subject]
    result: Bools = np.zeros(table.num_rows, np.bool_)
    for row, content in enumerate(table.column("content").to_pylist()):
        fields = content.split(b",", place + 1)
        at_home = fields[place].strip(_AROUND) if len(fields) > place else b""
        result[row] = at_home in subjects or (bool(words) and told.search(content) is not None)
    return result
