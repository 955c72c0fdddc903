"""A store of extracts as charges: court actions of each person's history, with what only all of it tells.

Extracts have a person's whole history in every county that asked; the store of extracts knows which copy stands for
the person. So charges come from there, and only from the copies that stand.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.charges.coding import Coder, Known
from clearscale.charges.steps import ARRESTED, replaced
from clearscale.charges.tables import NO_DAY, Disposition, Mark
from clearscale.errors import ExtractError, StoreError
from clearscale.formats import ColumnMap
from clearscale.formats.charges import Charger
from clearscale.formats.lines import NO_CHARGE
from clearscale.formats.reading import Begun
from clearscale.io.files import Folder
from clearscale.io.source import Source
from clearscale.law import state
from clearscale.law.extract_format import Format, Saying
from clearscale.store.entry import ExtractEntry
from clearscale.store.ingest.gate import NOTICED
from clearscale.store.ingest.markers import SEALS, write_marker
from clearscale.store.layout import MANIFEST, PEOPLE, group_file, records_folder
from clearscale.store.opened import Store, opened_in
from clearscale.store.record_files import BlockReader
from clearscale_cluster.shown import shown_url
from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int32s

from .finishing import COPY
from .groups import MARKER, write_group
from .reading import BOUNDS, HOW, RECORDS, STORED, UNUSABLE
from .scanning import FileScan

_KNOWN_OF_HISTORIES = frozenset(
    {"arrest_date", "sentence_end_date", "supervision_end_date", "registered", "deceased"}
)
"""Columns of charges that no column of an extract has, and its histories tell."""

_BLOCKS_A_GROUP = 8
_ROW_BYTES = 40
"""A row of an extract counts as so many bytes of a file of charges, since most are none."""
_LONGEST = 2**30
_WHOLE_NUMBER = re.compile(rb"[+-]?[0-9]{1,18}")


@dataclass(frozen=True)
class ExtractTask:
    """A group of blocks of one extract.

    store: of charges. of: the store of extracts. blocks: (place of the part, number) of each.
    """

    store: Folder
    file: str
    map: ColumnMap
    of: Folder
    snapshot: str
    place: int
    number: int
    blocks: tuple[tuple[int, int], ...]
    buckets: int
    how: str
    keep: bool


def scan_store(named: Sequence[str]) -> tuple[FileScan, Store]:
    """(what stands for a store of extracts as a file does, the store), of its path or URL.

    Raises ExtractError unless one is named, and StoreError if it is damaged.
    """
    folders = [Folder.rooted(name) for name in named if Folder(name).exists(MANIFEST)]
    if len(named) != 1 or not folders:
        raise ExtractError(
            f"{', '.join(map(shown_url, named))}: is no store of extracts. Extracts of a state have people's whole "
            "histories again and again: ingest them without --format into a store first, then name that store here"
        )
    store = opened_in(folders[0])
    content = repr((store.manifest.snapshot, [(entry.id, entry.digest) for entry in store.manifest.extracts]))
    digest = hashlib.sha256(content.encode()).hexdigest()
    length = _ROW_BYTES * store.manifest.counts["rows"]
    return FileScan(Source(named[0].rstrip("/")), digest, Begun(None), (), "", length), store


def groups_of(store: Store) -> list[tuple[int, tuple[tuple[int, int], ...]]]:
    """(place of the extract, its blocks) of each group of a store of extracts, in order."""
    groups = []
    for place, entry in enumerate(store.manifest.extracts):
        blocks = [(part, number) for part, of in enumerate(entry.parts) for number in range(of.blocks)]
        groups += [
            (place, tuple(blocks[at : at + _BLOCKS_A_GROUP])) for at in range(0, len(blocks), _BLOCKS_A_GROUP)
        ]
    return groups


@cache
def _subjects(of: Folder, snapshot: str) -> pa.Table:
    """Who the subjects of all extracts are: `extract`, `subject_id`, `person`, `canonical`, `marks`."""
    store = opened_in(of, snapshot)
    tables = [
        store.bucket(PEOPLE, bucket, ["extract", "subject_id", "cii_number", "canonical", "flags"])
        for bucket in range(store.manifest.buckets)
    ]
    people = pa.concat_tables(tables).combine_chunks()
    flags = people.column("flags").to_numpy()
    marks = (flags & flag.DECEASED != 0) * np.int16(Mark.DECEASED)
    marks |= (flags & flag.REGISTERED != 0) * np.int16(Mark.REGISTERED)
    full = state().values.full_number
    persons = [full(number) for number in people.column("cii_number").to_pylist()]
    return pa.table(
        {
            "extract": people.column("extract"),
            "subject_id": people.column("subject_id"),
            "person": pa.array(persons, pa.binary()),
            "canonical": people.column("canonical"),
            "marks": marks,
        }
    )


def read_extract_group(task: ExtractTask) -> list[dict[str, Any]]:
    """Read a group, and write it; returns its marker."""
    store = opened_in(task.of, task.snapshot)
    entry = store.manifest.extracts[task.place]
    subjects = _subjects(task.of, task.snapshot)
    subjects = subjects.filter(pc.equal(subjects.column("extract"), task.place)).combine_chunks()
    # Arrests have no disposition as a rule: what is odd is told of court actions.
    charger, of_arrests = Charger(task.map), Charger(task.map)
    coder, coded = Coder(), []
    reasons: Counter[str] = Counter()
    for read in _readers(store, entry, task.blocks):
        table = _as_texts(read(_columns(task.map)))
        charger.noticed.read += table.num_rows
        arrests = _says(table, form_of(task.map).says.arrest)
        wanted = charger.is_charge(table) | arrests
        reasons[NO_CHARGE] += int(np.count_nonzero(~wanted))
        who = _who(task, table, subjects)
        stands = np.array(subjects.column("canonical").to_numpy(zero_copy_only=False), np.bool_)[who]
        reasons[COPY] += int(np.count_nonzero(wanted & ~stands))
        chosen = wanted & stands
        for of_kind, kind in ((charger, chosen & ~arrests), (of_arrests, chosen & arrests)):
            rows, whose = table.filter(pa.array(kind)), subjects.take(pa.array(who[kind]))
            steps = _coded(task, entry, of_kind, coder, rows, whose)
            coded.append(_with_events(task.map, steps, rows, arrests[kind]))
    charger.noticed.given += of_arrests.noticed.given
    charger.noticed.reasons.update(+reasons)
    charger.noticed.told = (charger.noticed.told or frozenset()) | _KNOWN_OF_HISTORIES
    marker = {
        "group": task.number,
        HOW: task.how,
        RECORDS: charger.noticed.read,
        STORED: charger.noticed.given,
        UNUSABLE: 0,
        NOTICED: charger.noticed.document(),
    }
    if task.keep:
        seals, bounds = write_group(
            task.store, task.file, task.number, pa.concat_tables(coded), Known.of(coder), task.buckets
        )
        marker |= {BOUNDS: bounds, SEALS: seals}
        write_marker(task.store.folder(records_folder(task.file)), group_file(task.number, MARKER), marker)
    return [marker]


def _readers(store: Store, entry: ExtractEntry, blocks: Sequence[tuple[int, int]]) -> Iterator[BlockReader]:
    """What reads blocks of an extract: (part, number) of each, in order."""
    for part, of_part in groupby(blocks, key=itemgetter(0)):
        yield from store.readers(entry, part, [number for _, number in of_part])


def _who(task: ExtractTask, table: pa.Table, subjects: pa.Table) -> Int32s:
    """The place of each row's subject. Raises StoreError if the store does not know one."""
    asked, known = (
        pc.utf8_trim_whitespace(column)
        for column in (
            table.column(form_of(task.map).roles.subject).combine_chunks().cast(pa.string()),
            _texts(subjects.column("subject_id")),
        )
    )
    found = pc.index_in(asked, known)
    if found.null_count:
        raise StoreError(f"{task.of.url}: records have subjects that its people lack. Please report this.")
    places: Int32s = found.to_numpy(zero_copy_only=False).astype(np.int32)
    return places


def form_of(stated: ColumnMap) -> Format:
    """The format of the extracts that a map is of."""
    return state(stated.document["state"]).format


def _columns(stated: ColumnMap) -> list[str]:
    roles = form_of(stated).roles
    others = {roles.subject, roles.event_type, roles.sentence_length, roles.sentence_unit, roles.sentence_place}
    return [column for column in stated.columns if column in {*stated.used, *others}]


def _texts(column: pa.ChunkedArray) -> pa.Array:
    """A column of bytes as text, each distinct value once."""
    values = column.combine_chunks().dictionary_encode()
    if isinstance(values, pa.ChunkedArray):
        values = pa.array([], pa.binary()).dictionary_encode()
    texts = pa.array([value.decode("latin-1") for value in values.dictionary.to_pylist()], pa.string())
    return pa.DictionaryArray.from_arrays(values.indices, texts).cast(pa.string())


def _as_texts(table: pa.Table) -> pa.Table:
    columns = {name: _texts(table.column(name)).dictionary_encode() for name in table.column_names if name != "row"}
    return pa.table({"row": table.column("row"), **columns})


def _coded(
    task: ExtractTask, entry: ExtractEntry, charger: Charger, coder: Coder, table: pa.Table, who: pa.Table
) -> pa.Table:
    """The charges of a block as numbers, with what the store of extracts knows of their persons."""
    lines = table.column("row").to_numpy().astype(np.int64) + 1
    batch = charger.charges(table, lines, entry.id)
    count = batch.column("sequence")
    step = pc.binary_join_element_wise("step ", pc.utf8_slice_codeunits(count, 0, form_of(task.map).case_bytes), "")
    changed = {
        "person": _persons(entry, who),
        "case": pc.coalesce(batch.column("case"), step),
    }
    for name, values in changed.items():
        place = batch.schema.get_field_index(name)
        batch = batch.set_column(place, batch.schema.field(place), values)
    coded = coder.coded(batch, entry.id)
    marks = coded.column("marks").to_numpy() | who.column("marks").to_numpy()
    return replaced(coded, {"marks": marks})


def _with_events(stated: ColumnMap, steps: pa.Table, table: pa.Table, arrests: Bools) -> pa.Table:
    """Steps with what their events say: days of arrests, and parts of sentences as half days."""
    column = {name: steps.column(name).to_numpy() for name in ("marks", "disposition", "disposition_date")}
    arrests = arrests & (column["disposition"] != Disposition.CONVICTED)
    days, halves = column["disposition_date"], _half_days(stated, table)
    changed = {
        "arrest_date": np.where(arrests, days, NO_DAY),
        # An arrest's day is that of a disposition only if it has one.
        "disposition_date": np.where(arrests & (column["disposition"] <= Disposition.NONE), NO_DAY, days),
        "sentence_end": halves,
        "supervision_end": halves * _says(table, form_of(stated).says.supervision),
        "marks": column["marks"] | (arrests * ARRESTED),
    }
    return replaced(steps, changed)


def _says(table: pa.Table, saying: Saying) -> Bools:
    """Which rows say a thing."""
    values = table.column(saying.column).combine_chunks()
    if not table.num_rows:
        return np.empty(0, np.bool_)
    said = np.array([saying(text.encode("latin-1")) for text in values.dictionary.to_pylist()], np.bool_)
    result: Bools = said[values.indices.to_numpy()]
    return result


def _persons(entry: ExtractEntry, who: pa.Table) -> pa.Array:
    """Keys of persons: their numbers; of those without one, the extract and the subject in it."""
    numbers = _texts(who.column("person"))
    subjects = pc.binary_join_element_wise(entry.id, _texts(who.column("subject_id")), "/")
    return pc.if_else(pc.equal(numbers, ""), subjects, numbers)


def _half_days(stated: ColumnMap, table: pa.Table) -> Int32s:
    """What each row adds to its conviction's sentence."""
    form = form_of(stated)
    lengths, units = (
        table.column(name).combine_chunks() for name in (form.roles.sentence_length, form.roles.sentence_unit)
    )
    numbers = np.array([_length(text.encode("latin-1")) for text in lengths.dictionary.to_pylist()], np.int64)
    halves = np.array(
        [form.half_days.get(text.encode("latin-1"), 0) for text in units.dictionary.to_pylist()], np.int64
    )
    if not table.num_rows:
        return np.empty(0, np.int32)
    parts = numbers[lengths.indices.to_numpy()] * halves[units.indices.to_numpy()]
    result: Int32s = np.clip(parts, -_LONGEST, _LONGEST).astype(np.int32)
    return result


def _length(text: bytes) -> int:
    """A sentence's length: a whole number, anything else is 0."""
    return max(-_LONGEST, min(_LONGEST, int(text))) if _WHOLE_NUMBER.fullmatch(text) else 0
