"""First round of an ingest of charges: blocks of files read by their map, and kept as numbers, group by group."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import pyarrow as pa

from clearscale.charges.coding import Coder, Known
from clearscale.extract import changed
from clearscale.formats import ColumnMap
from clearscale.formats.damage import explained
from clearscale.formats.lines import NO_CHARGE
from clearscale.formats.reading import Begun, Piece, Reading
from clearscale.formats.schema import CHARGES
from clearscale.io.compressed import pass_over
from clearscale.io.far import each
from clearscale.io.files import Folder
from clearscale.io.seals import Seal
from clearscale.io.source import Source
from clearscale.linking.people import People
from clearscale.store.ingest.gate import NOTICED
from clearscale.store.ingest.markers import SEALS, read_marker, write_marker
from clearscale.store.layout import group_file, quarantine_folder, records_folder

from .gists import Gist
from .groups import MARKER, write_group
from .scanning import Span

RECORDS, STORED, BOUNDS, HOW, UNUSABLE, GIST = "records", "stored", "bounds", "how", "unusable", "gist"
"""Keys of a group's marker: how many records it has, how many became charges, where buckets begin, how blocks were
cut and by which map they were read, how many records cannot be used, and of a dry run the gist of its charges."""


@dataclass(frozen=True)
class ReadTask:
    """Groups of one file to read in order: one, or all of a file that can only be read from its beginning.

    file: its id. how: what else groups depend on. quarantine: whether records that cannot be used are set aside.
    keep: whether anything is written. stamp: that of the file as it was scanned. people: who is who, None where the
    map has a key, or nobody knows.
    """

    store: Folder
    source: Source
    file: str
    map: ColumnMap
    begun: Begun
    groups: tuple[tuple[int, tuple[Span, ...]], ...]
    buckets: int
    block_bytes: int
    how: str
    quarantine: bool
    keep: bool
    stamp: str
    people: People | None


def finished(store: Folder, file: str, how: str | None) -> dict[int, dict[str, Any]]:
    """Markers of a file's groups that are whole, by number. how: what they must have been read by, None for any.

    A group of whose files one is not as it was written is not finished.
    """
    folder = store.folder(records_folder(file))
    names = [name for name in folder.names() if name.endswith(f".{MARKER}")]
    found = [
        marker
        for marker in each(folder, lambda name: read_marker(folder, name), names)
        if marker is not None and how in (None, marker[HOW])
    ]
    files = [
        (place, path, Seal(*seal)) for place, marker in enumerate(found) for path, seal in marker[SEALS].items()
    ]
    same = each(store, lambda file: store.holds(file[1], file[2]), files)
    damaged = {place for (place, _, _), whole in zip(files, same, strict=True) if not whole}
    return {int(marker["group"]): marker for place, marker in enumerate(found) if place not in damaged}


def read_groups(task: ReadTask) -> list[dict[str, Any]]:
    """Read the task's groups; return their markers.

    One with records that cannot be used is only kept if these are set aside.

    Raises ExtractError if the file is damaged, or not as it was when it was scanned.
    """
    keys = task.people.keys if task.people else None
    reading = Reading([], task.map, task.block_bytes, task.begun.layout, people=keys)
    markers = []
    with explained(task.source), task.source.open() as file:
        at = 0
        for number, spans in task.groups:
            reading.take_noticed()
            coder, coded, aside = Coder(), [], []
            for span in spans:
                for piece in _pieces(task, reading, file, span, at):
                    coded.append(coder.coded(piece.charges, task.file))
                    aside += [piece.aside] if piece.aside.num_rows else []
                at = span.begin + span.length
            markers.append(_kept(task, reading, number, coder, coded, aside))
    if task.source.stamp() != task.stamp:
        raise changed(task.source)
    for marker in markers if task.keep else ():
        if SEALS in marker:
            folder = task.store.folder(records_folder(task.file))
            write_marker(folder, group_file(marker["group"], MARKER), marker)
    pa.default_memory_pool().release_unused()
    return markers


def _pieces(task: ReadTask, reading: Reading, file: BinaryIO, span: Span, at: int) -> Iterator[Piece]:
    """What a block came to. at: where the file stands."""
    if task.begun.layout is None:
        groups = range(span.begin, span.begin + span.length)
        yield from reading.of_parquet(task.source, groups, span.line)
        return
    if span.begin != at:
        if task.source.from_anywhere:
            file.seek(span.begin)
        else:
            pass_over(file, span.begin - at)
    content = file.read(span.length)
    if len(content) != span.length:
        raise changed(task.source)
    yield reading.piece(content, span.line, task.begun.layout, task.source.name)[0]


def _kept(
    task: ReadTask,
    reading: Reading,
    number: int,
    coder: Coder,
    coded: list[pa.Table],
    aside: list[pa.RecordBatch],
) -> dict[str, Any]:
    """Write a group; return its marker, which has SEALS if it was written."""
    noticed = reading.take_noticed()
    reasons = Counter(reason for batch in aside for reason in batch.column("reason").to_pylist())
    marker = {
        "group": number,
        HOW: task.how,
        RECORDS: noticed.read,
        STORED: noticed.given,
        UNUSABLE: sum(count for reason, count in reasons.items() if reason != NO_CHARGE),
        NOTICED: noticed.document(),
    }
    if task.keep and marker[UNUSABLE] and not task.quarantine:
        return marker
    table = pa.concat_tables(coded) if coded else coder.coded(_NONE, task.file)
    if not task.keep:
        return {**marker, GIST: Gist.of(table, Known.of(coder))}
    seals, bounds = write_group(task.store, task.file, number, table, Known.of(coder), task.buckets)
    if aside:
        path = f"{quarantine_folder(task.file)}/{group_file(number, 'parquet')}"
        seals[path] = task.store.write_parquet(path, pa.Table.from_batches(aside).sort_by("line"))
    return {**marker, BOUNDS: bounds, SEALS: seals}


_NONE = pa.RecordBatch.from_pylist([], schema=CHARGES)
