"""Records into their files: at once where they are read, or from staging, when nothing refuses them any more.

A task that reads a block group knows neither how much else its extract has nor, of some extracts, which rows are
before. So it leaves the pieces of its blocks in staging, one after the other in a file, and they are joined here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pyarrow as pa

from clearscale.errors import StorageError
from clearscale.io.files import Folder
from clearscale.io.parts import FilePart
from clearscale.io.seals import Seal, seal_of
from clearscale.store.layout import Staging, group_file, records_file, records_folder
from clearscale.store.record_files import blocks_of_files, file_of
from clearscale_cluster import Cluster, Label, ProgressCallback

from .quarantine import QuarantineTask, WaitingQuarantine, store_quarantine

PIECES = "pieces"
"""Where a marker has the seals of the pieces of a group's blocks; also the ending of the file they wait in."""

WAITING = "waiting"
"""Where a marker has the path of that file below the store; empty if the records are in their files."""

BAD_WAITING = "bad"
"""Where a marker has the block and the path of each file of bad records that waits."""

BEFORE = "before"
"""Where a marker has how many rows and lines of the file are before its group, if they are not counted in it."""


class WaitingPiece(NamedTuple):
    """A piece that waits. crc: as of its seal; that of the file is of all pieces in it."""

    part: FilePart
    crc: int


@dataclass(frozen=True)
class ReadRecords:
    """The records of a file whose blocks are finished.

    files: how many blocks each of its files of records has. waiting: the piece of each block, if they wait. bad:
    what waits of bad records.
    """

    files: tuple[int, ...]
    waiting: tuple[WaitingPiece, ...]
    bad: tuple[WaitingQuarantine, ...]

    @classmethod
    def of(cls, markers: Sequence[Mapping[str, Any]]) -> "ReadRecords":
        """Those of some block groups in order, by their markers; none where nothing is kept."""
        lengths: list[int] = []
        waiting: list[WaitingPiece] = []
        bad: list[WaitingQuarantine] = []
        for marker in markers:
            of_group = [Seal(*seal) for seal in marker.get(PIECES, ())]
            lengths += [seal.length for seal in of_group]
            if path := marker.get(WAITING):
                waiting += _parts(path, of_group)
            bad += [WaitingQuarantine(path, block, *marker[BEFORE]) for block, path in marker.get(BAD_WAITING, ())]
        return cls(blocks_of_files(lengths), tuple(waiting), tuple(bad))


def _parts(path: str, seals: Sequence[Seal]) -> list[WaitingPiece]:
    whole, found, start = sum(seal.length for seal in seals), [], 0
    for seal in seals:
        found.append(WaitingPiece(FilePart(path, start, start + seal.length, whole), seal.crc))
        start += seal.length
    return found


def stage(staging: Staging, extract: str, group: int, pieces: Sequence[Any]) -> tuple[str, Seal]:
    """Have the pieces of a block group wait; returns the path below the store and the seal of their file."""
    name = group_file(group, PIECES)
    seal = staging.of(extract).write(name, memoryview(b"".join(map(memoryview, pieces))))
    return f"{staging.path(extract)}/{name}", seal


def store_at_once(store: Folder, part: str, pieces: Sequence[Any], first_rows: Sequence[int]) -> dict[str, Seal]:
    """Write the files of records of a part whose blocks are all there. first_rows: of each."""
    lengths = [len(memoryview(piece)) for piece in pieces]
    return {
        path: store.write(path, file_of(pieces[these], first_rows[these]))
        for path, these in _files_of(part, blocks_of_files(lengths))
    }


def _files_of(part: str, files: Sequence[int]) -> Iterator[tuple[str, slice]]:
    """Where each file of records of a part lies, and which of its blocks are in it. files: how many each has."""
    first = 0
    for number, blocks in enumerate(files):
        yield f"{records_folder(part)}/{records_file(number)}", slice(first, first + blocks)
        first += blocks


@dataclass(frozen=True)
class FilingTask:
    """A file of records to write. path: below the store. pieces: of its blocks. first_rows: of each of them."""

    store: Folder
    path: str
    pieces: tuple[WaitingPiece, ...]
    first_rows: tuple[int, ...]


def filing_tasks(store: Folder, part: str, records: ReadRecords, first_rows: Sequence[int]) -> list[FilingTask]:
    """The files to write of a part whose records wait. first_rows: of all its blocks."""
    return [
        FilingTask(store, path, records.waiting[these], tuple(first_rows[these]))
        for path, these in _files_of(part, records.files if records.waiting else ())
    ]


def store_waiting(task: FilingTask) -> dict[str, Seal]:
    """Write a file of records; returns its seal by its path. What waits is fetched at once."""
    pieces = _read_pieces(task.store, [piece.part for piece in task.pieces])
    for (part, crc), content in zip(task.pieces, pieces, strict=True):
        if seal_of(content).crc != crc:
            raise StorageError(
                f"{task.store.folder(part.name).url}: is damaged; remove it and run the same command again"
            )
    return {task.path: task.store.write(task.path, file_of(pieces, task.first_rows))}


def _read_pieces(store: Folder, parts: Sequence[FilePart]) -> list[pa.Buffer]:
    """Read pieces, neighbors in one request."""
    runs: list[list[FilePart]] = []
    for part in parts:
        if runs and (runs[-1][-1].name, runs[-1][-1].end) == (part.name, part.start):
            runs[-1].append(part)
        else:
            runs.append([part])
    found = store.read_parts([replace(run[0], end=run[-1].end) for run in runs])
    return [
        content[part.start - run[0].start : part.end - run[0].start]
        for run, content in zip(runs, found, strict=True)
        for part in run
    ]


def _store(task: FilingTask | QuarantineTask) -> dict[str, Seal]:
    return store_waiting(task) if isinstance(task, FilingTask) else store_quarantine(task)


def store_records(
    tasks: Sequence[FilingTask | QuarantineTask], cluster: Cluster, progress: ProgressCallback | None
) -> dict[str, Seal]:
    """Write records that wait, good and bad; returns the seals of their files by paths below the store."""
    if not tasks:
        return {}
    found = cluster.gather(_store, tasks, label=Label("store records", "files"), progress=progress)
    return {path: seal for seals in found for path, seal in seals.items()}
