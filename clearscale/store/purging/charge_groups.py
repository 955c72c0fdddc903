"""What a store keeps of a file of charges without what goes: its groups, and the records that were set aside."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.charges.coding import OFFENSE, TEXTS, Known
from clearscale.charges.tables import UNKNOWN
from clearscale.formats.noticed import Noticed
from clearscale.io.far import each
from clearscale.io.seals import Seal, with_digest
from clearscale.store.charge_ingest.finishing import NO_FAULT
from clearscale.store.charge_ingest.groups import (
    LISTED,
    MARKER,
    ROWS,
    TEXTS_FILE,
    group_path,
    homes_of,
    known_in,
    write_group,
)
from clearscale.store.charge_ingest.reading import BOUNDS, STORED, UNUSABLE
from clearscale.store.charge_manifest import ChargeFile
from clearscale.store.charge_store import ChargeStore
from clearscale.store.ingest.gate import NOTICED
from clearscale.store.ingest.markers import SEALS
from clearscale.store.layout import group_file, quarantine_folder
from clearscale_kernels.arrays import Bools, Int32s

from .records import TELLING, any_of
from .work import FILES, Work

Tells = Callable[[pa.Table], Bools]
"""Says which records that were set aside go."""


@dataclass(frozen=True)
class Group:
    """A group as the store has it. store: a snapshot that holds it. file: id of its file."""

    store: ChargeStore
    file: str
    marker: Mapping[str, Any]
    known: Known

    @property
    def number(self) -> int:
        """Its number among those of the file."""
        return int(self.marker["group"])

    def path(self, ending: str) -> str:
        """A file of it, below the store."""
        return group_path(self.file, self.number, ending)

    def tables(self) -> list[pa.Table]:
        """Its charges, by bucket. Raises StoreError if the file is damaged."""
        return self._tables(range(self._buckets))

    def tables_with(self, identities: pa.Array) -> list[pa.Table]:
        """Its charges of the buckets in which some identities would be. Raises StoreError for damage."""
        return self._tables(sorted({*homes_of(identities, self._buckets).tolist()}))

    @property
    def _buckets(self) -> int:
        return len(self.marker[BOUNDS]) - 1

    def _tables(self, buckets: Iterable[int]) -> list[pa.Table]:
        content, spans = pa.py_buffer(self.store.files.read(self.path(ROWS))), [*pairwise(self.marker[BOUNDS])]
        chosen = (spans[bucket] for bucket in buckets)
        return [pa.ipc.open_stream(content.slice(begin, end - begin)).read_all() for begin, end in chosen]


def groups_of(store: ChargeStore, file: ChargeFile) -> list[Group]:
    """The groups of a file. Raises StoreError if one is damaged or missing."""
    files, numbers = store.files, range(file.groups)
    markers = each(files, lambda number: files.read_json(group_path(file.id, number, MARKER)), numbers)
    known = each(files, lambda number: known_in(files.read_arrow(group_path(file.id, number, TEXTS_FILE))), numbers)
    return [Group(store, file.id, marker, found) for marker, found in zip(markers, known, strict=True)]


@dataclass
class Left:
    """What is left of a file. groups: with what is left of each.

    rows, aside: how many charges went, and how many of the records that were set aside, by why. lines: of these.
    """

    groups: list["LeftGroup"]
    rows: int = 0
    aside: Counter[str] = field(default_factory=Counter)
    lines: set[int] = field(default_factory=set)

    @classmethod
    def whole(cls, groups: Iterable[Group]) -> "Left":
        """All of a file."""
        return cls([LeftGroup(group, group.known) for group in groups])

    @property
    def lost(self) -> int:
        """How many records went."""
        return self.rows + self.aside.total()

    def sum_up(self) -> None:
        """Count what went of its groups."""
        self.rows = sum(group.rows for group in self.groups)
        self.aside = sum((group.aside for group in self.groups), Counter())
        self.lines = set().union(*(group.lines for group in self.groups))

    def entry(self, file: ChargeFile) -> ChargeFile:
        """The file as a manifest has it now."""
        aside = Counter(file.aside)
        aside.subtract(self.aside)
        bad = self.aside.total()
        return replace(
            file,
            stored=file.stored - self.rows,
            quarantined=file.quarantined - bad,
            purged=file.purged + self.rows + bad,
            aside={reason: count for reason, count in aside.items() if count},
            findings=tuple(
                replace(finding, lines=tuple(line for line in finding.lines if line not in self.lines))
                for finding in file.findings
            ),
        )


@dataclass
class LeftGroup:
    """What is left of a group. places: what its codes are among the texts that are left; None if no charge went.

    known: these texts. seals: of files that are written anew, None for those that go.
    """

    group: Group
    known: Known
    places: Mapping[str, Int32s] | None = None
    rows: int = 0
    aside: Counter[str] = field(default_factory=Counter)
    lines: set[int] = field(default_factory=set)
    bounds: list[int] = field(default_factory=list)
    seals: dict[str, Seal | None] = field(default_factory=dict)

    def places_in(self, final: Known) -> Mapping[str, Int32s]:
        """What its codes are among the texts of a snapshot; those that only went are none of these."""
        places = self.known.places_in(final)
        if self.places is None:
            return places
        return {name: places[name][self.places[name]] for name in LISTED}

    def drop_charges(self, work: Work, gone: pa.Array) -> pa.Table | None:
        """Prepare it without the charges of some identities; returns these, None if there are none."""
        homes = self.group.tables_with(gone)
        if not any(pc.any(pc.is_in(table["identity"], value_set=gone)).as_py() for table in homes):
            return None
        whole = pa.concat_tables(self.group.tables()).combine_chunks()
        going = pc.is_in(whole["identity"], value_set=gone)
        went, kept = whole.filter(going), whole.filter(pc.invert(going)).combine_chunks()
        self.known, self.places = _used(self.group.known, kept)
        for name in LISTED:
            codes = pa.array(self.places[name][kept[name].to_numpy()])
            kept = kept.set_column(kept.column_names.index(name), name, codes)
        self.rows, self.lines = went.num_rows, set(went["line"].to_pylist())
        rows, texts = self.group.path(ROWS), self.group.path(TEXTS_FILE)
        seals = dict.fromkeys((rows, texts), Seal(0, 0))
        if work.keep:
            buckets = len(self.group.marker[BOUNDS]) - 1
            written = work.store.folder(FILES)
            seals, self.bounds = write_group(written, self.group.file, self.group.number, kept, self.known, buckets)
        before, after = (sum(1 for _ in _texts(known)) for known in (self.group.known, self.known))
        work.place(rows, rows, self.rows + kept.num_rows, kept.num_rows, seals[rows])
        work.place(texts, texts, before, after, seals[texts])
        self.seals |= seals
        return went

    def drop_aside(self, work: Work, tells: Tells) -> None:
        """Prepare what was set aside of it without records that tell of whom goes."""
        folder, name = quarantine_folder(self.group.file), group_file(self.group.number, "parquet")
        path = f"{folder}/{name}"
        if path not in self.group.store.files.seals:
            return
        table = self.group.store.files.read_parquet(path)
        chosen = tells(table)
        count = int(np.count_nonzero(chosen))
        if not count:
            return
        went = table.filter(pa.array(chosen))
        self.aside = Counter(went["reason"].to_pylist())
        self.lines |= set(went["line"].to_pylist())
        if count == table.num_rows:
            work.remove(path, count)
            self.seals[path] = None
        else:
            self.seals[path] = work.table(path, path, table.num_rows, table.filter(pa.array(~chosen)))

    def write_marker(self, work: Work) -> None:
        """Prepare the marker with what it counts now."""
        if not self.seals:
            return
        before = self.group.marker
        noticed = Noticed.of_document(before[NOTICED])
        noticed.given -= self.rows
        noticed.reasons.subtract(self.aside)
        noticed.reasons = +noticed.reasons
        noticed.lines = {
            kind: [line for line in lines if line not in self.lines] for kind, lines in noticed.lines.items()
        }
        unusable = self.aside.total() - sum(self.aside[reason] for reason in NO_FAULT)
        seals = {path: Seal(*seal) for path, seal in before[SEALS].items()}
        kept = {path: now for path, seal in seals.items() if (now := self.seals.get(path, seal)) is not None}
        marker = {name: value for name, value in before.items() if name != "digest"}
        marker |= {
            STORED: before[STORED] - self.rows,
            UNUSABLE: before[UNUSABLE] - unusable,
            NOTICED: noticed.document(),
            BOUNDS: self.bounds or before[BOUNDS],
            SEALS: kept,
        }
        path = self.group.path(MARKER)
        self.seals[path] = work.document(path, with_digest(marker))


def _used(known: Known, kept: pa.Table) -> tuple[Known, dict[str, Int32s]]:
    """(the texts that charges have; what every code is among them, last of none)."""
    listed: dict[str, tuple[Any, ...]] = {"offense": known.offenses, **known.texts}
    left, places = {}, {}
    for name, texts in listed.items():
        codes = kept[name].to_numpy()
        used = np.zeros(len(texts) + 1, np.bool_)
        used[codes] = True  # that of none is the last
        used[-1] = False
        places[name] = np.where(used, np.cumsum(used) - 1, UNKNOWN).astype(np.int32)
        left[name] = tuple(text for text, stays in zip(texts, used.tolist(), strict=False) if stays)
    return Known({name: left[name] for name in TEXTS}, left["offense"]), places


def telling_of(groups: Iterable[LeftGroup], went: Iterable[pa.Table], gone: pa.Array) -> set[bytes]:
    """Numbers of cases, statutes and descriptions that no other charges of a file have than those that went."""
    listed = list(groups)
    numbers = {number for table in went for number in pc.unique(table["number"]).to_pylist() if number}
    texts = set().union(*(_of_records(left.group.known) for left in listed if left.places is not None))
    for left in listed:
        texts -= _of_records(left.known)
        for table in left.group.tables() if numbers else ():
            others = table.filter(pc.invert(pc.is_in(table["identity"], value_set=gone)))
            numbers -= set(pc.unique(others["number"]).to_pylist())
    return {text.strip().encode() for text in numbers | texts if len(text.strip().encode()) >= TELLING}


def _of_records(known: Known) -> set[str]:
    """Texts that stand in records as they are, and not in words of the map."""
    places = [OFFENSE.index(name) for name in ("description", "statute")]
    return {offense[place] for offense in known.offenses for place in places}


def _texts(known: Known) -> Iterator[str]:
    for offense in known.offenses:
        yield from offense
    for texts in known.texts.values():
        yield from texts


def telling_any(words: Iterable[bytes]) -> Tells:
    """Which records that were set aside hold one of some words."""
    found = any_of(words)

    def chosen(table: pa.Table) -> Bools:
        records = table["record"].to_pylist()
        return np.array([record is not None and found.search(record) is not None for record in records], np.bool_)

    return chosen
