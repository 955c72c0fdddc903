"""First round of an ingest: the blocks of an extract, each read once, stored as records and encoded for the fold.

Neighboring blocks form a block group. It is staged as one (see `block_groups`); a marker with its counts, written
last, says that it is finished.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from clearscale.errors import StorageError
from clearscale.extract import (
    Block,
    BlockSpan,
    Coding,
    Encoded,
    Form,
    MalformedError,
    Workspace,
    block_of,
    changed,
    code_block,
    encode,
    opened,
    parse_cut,
    read_block,
    read_cut,
)
from clearscale.extract.bad_records import HEADER
from clearscale.extract.coding import EVERYTHING
from clearscale.extract.doubts import LOOKED_AT, doubt
from clearscale.extract.headers import notice_headers, possible_headers
from clearscale.extract.looking import Look
from clearscale.extract.noticed import Noticed
from clearscale.extract.noticing import notice
from clearscale.extract.subject_facts import subject_facts
from clearscale.io.far import behind, both
from clearscale.io.files import Folder
from clearscale.io.seals import Seal, seal_of
from clearscale.io.source import Source
from clearscale.law import state
from clearscale.store.layout import Staging, group_file
from clearscale.store.record_files import ROW, piece_of

from .aside import SetAside
from .block_groups import STAGED, BlockGroup
from .filing import BAD_WAITING, PIECES, WAITING, stage, store_at_once
from .gate import NOTICED
from .markers import SEALS, read_marker, write_marker
from .quarantine import quarantine_of, stage_quarantine, write_quarantine
from .unpacking import Unpacked

MARKER = "json"
"""Ending of the file that says that a block group is finished."""

MALFORMED = "malformed"

_COMPARED_AT_ONCE = 4
"""Files of an interrupted ingest that are compared with their seals at a time."""

BOUNDS = "bounds"
"""Where a marker holds at which byte of the staged file each bucket's rows begin, the texts, and the end."""

SUBJECTS = "subjects"
"""Where a marker in memory holds the file of texts and subjects, if it is not kept or lies in an object store."""

_LONGEST_HEADER = 2**16
"""Bytes before the first block of an extract that is read as a whole, at most."""

WORKSPACE = Workspace()
"""A worker's threads parse block after block, each done with one before the next."""


@dataclass(frozen=True)
class ReadTask:
    """Block groups of one extract to read in order: one, or all of a file without random access.

    form: how records stand in the file. groups: number and blocks of each group. exact: whether every record was
    parsed to find the blocks; see `scanning`. keep: whether anything is written. stamp: that of the file as it was
    scanned. unpacked: where the blocks are, if the file can only be read from its beginning and they were kept.
    part: whose files of records are written at once, since all of its blocks are one group; None if they wait.
    counts_anew: whether rows and lines are counted from each group's begin, and what is set aside waits, too.
    """

    staging: Staging
    source: Source
    extract: str
    form: Form
    groups: tuple[tuple[int, tuple[BlockSpan, ...]], ...]
    quarantine: bool
    exact: bool
    keep: bool
    stamp: str
    unpacked: Unpacked | None
    part: str | None
    counts_anew: bool = False

    @property
    def columns(self) -> Sequence[int]:
        """Places of the columns that are read: nothing but what is kept needs all."""
        return EVERYTHING if self.keep else LOOKED_AT

    @property
    def size(self) -> int:
        """Bytes of the blocks."""
        return sum(span.length for _, spans in self.groups for span in spans)

    @property
    def is_short(self) -> bool:
        """Whether an extract is read from its beginning to where its last block ends, all of it in blocks."""
        return self.unpacked is None and self.end <= self.size + _LONGEST_HEADER

    @property
    def end(self) -> int:
        """Where in the file the last block ends."""
        return max((span.offset + span.length for _, spans in self.groups for span in spans), default=0)

    def require_unchanged(self, *, failed: bool = True) -> None:
        """Raise ExtractError if the file is not as it was when it was scanned.

        failed: whether reading or writing has; if not, it is that one if no other can have been read.
        """
        if not failed and self.source.version is not None:
            return
        try:
            stamp = self.source.stamp()
        except FileNotFoundError:
            raise changed(self.source) from None
        if stamp != self.stamp:
            raise changed(self.source)


def finished(folder: Folder, store: Folder) -> dict[int, dict[str, Any]]:
    """Markers of an extract's finished block groups, by number. folder: where they are staged.

    A group of whose files, staged or stored, one is not as it was written is not finished: a power cut leaves such
    files, and removing them may have been interrupted. Nor is one of a version that staged rows in another way.
    """
    names = [name for name in folder.names() if name.endswith(f".{MARKER}")]
    markers = [found for name in names if (found := read_marker(folder, name)) is not None and _is_current(found)]
    files = [
        (place, path, Seal(*seal)) for place, found in enumerate(markers) for path, seal in found[SEALS].items()
    ]
    with ThreadPoolExecutor(_COMPARED_AT_ONCE) as threads:
        same = threads.map(lambda file: store.holds(file[1], file[2]), files)
        damaged = {place for (place, _, _), whole in zip(files, same, strict=True) if not whole}
    return {int(found["group"]): found for place, found in enumerate(markers) if place not in damaged}


def _is_current(marker: dict[str, Any]) -> bool:
    """Whether this version stages block groups in the way in which that of a marker was."""
    name = group_file(int(marker["group"]), STAGED)
    return BOUNDS in marker and any(path.endswith(f"/{name}") for path in marker[SEALS])


def read_block_groups(task: ReadTask) -> list[dict[str, Any]]:
    """Read, store and encode the task's blocks; return the markers of its block groups.

    Without quarantine, a block with bad records is not stored, its group is not staged, and the marker says what is
    wrong. If blocks were found without parsing records, reading stops at a block with malformed records; the marker
    of its group then holds only its number and, as MALFORMED, how many there are.
    """
    result = []
    with opened(task.source, until=task.end) as file:
        for number, spans in task.groups:
            marker = _read_block_group(task, file, number, spans)
            result.append(marker)
            if MALFORMED in marker:
                break
    pa.default_memory_pool().release_unused()
    return result


def finish(task: ReadTask, marker: dict[str, Any]) -> None:
    """Write the marker of a block group whose files are there, if it is to be written."""
    if SEALS in marker:
        written = {name: value for name, value in marker.items() if name != SUBJECTS}
        write_marker(task.staging.of(task.extract), group_file(marker["group"], MARKER), written)


def coded_blocks(task: ReadTask) -> Iterator[Coding]:
    """Read the task's blocks once more; yield their usable records, coded, each good until the next.

    Raises ExtractError, at the end at the latest, if the file is not as it was.
    """
    with opened(task.source) as file:
        for span in (span for _, spans in task.groups for span in spans):
            found = _read(task, file, span, EVERYTHING)
            if isinstance(found, int):
                raise changed(task.source)
            yield found[0]
        task.require_unchanged(failed=False)


def _read_block_group(task: ReadTask, file: BinaryIO, number: int, spans: tuple[BlockSpan, ...]) -> dict[str, Any]:
    return left_behind(task, lambda writing: read_and_write(writing, file, number, spans))


def left_behind(task: ReadTask, read_and_write: Callable[[ReadTask], dict[str, Any]]) -> dict[str, Any]:
    """Leave a block group in staging, its marker last, when its files are there; returns the marker.

    read_and_write: given the task to write by, does all but that.
    """
    with behind(task.staging.store) as (store, arrived):
        written = replace(task, staging=replace(task.staging, store=store))
        try:
            marker = read_and_write(written)
        except StorageError:
            task.require_unchanged()
            raise
        both(task.staging.store, arrived, lambda: task.require_unchanged(failed=False))
        finish(task, marker)
    return marker


def read_and_write(task: ReadTask, file: BinaryIO, number: int, spans: tuple[BlockSpan, ...]) -> dict[str, Any]:
    """Read a block group and write all of it but the marker, which has SEALS if it is to be written."""
    blocks = (_read(task, file, span, task.columns) for span in spans)
    return write_group(task, number, spans[0].first_row, blocks)


FoundBlock = tuple[Coding, Encoded, Noticed]
"""A block's usable records, coded and encoded, and what was noticed of others."""


def write_group(task: ReadTask, number: int, first_row: int, blocks: Iterable[FoundBlock | int]) -> dict[str, Any]:
    """Write all of a block group but its marker, which is returned, with SEALS if it is to be written.

    first_row: of the group. blocks: in order, each good until the next; a number is that of malformed records.
    """
    group = BlockGroup(task.staging.buckets, first_row)
    noticed = Noticed()
    aside = SetAside()
    tables: dict[int, pa.Table] = {}
    pieces: list[pa.Buffer] = []
    firsts: list[int] = []
    for found in blocks:
        if isinstance(found, int):
            return {"group": number, MALFORMED: found}
        coding, encoded, seen = found
        block = coding.block
        noticed.add(seen)
        look = Look(coding, encoded, task.form.header_lines, Noticed())
        notice(look)
        facts = subject_facts(look)
        doubt(look)
        noticed.add(look.noticed)
        aside.add(block, task.form.header_lines)
        if aside.unusable and not task.quarantine:
            continue
        if task.keep:
            pieces.append(_piece(coding))
            firsts.append(block.span.first_row)
            if block.bad:
                tables[block.span.number] = quarantine_of(task.source, task.form, block.bad)
        group.add(encoded, facts)
    marker = {
        "group": number,
        **aside.document(),
        NOTICED: noticed.document(),
    }
    if not task.keep:
        marker[SUBJECTS] = bytes(group.texts())
    elif not aside.unusable or task.quarantine:
        folder, path = task.staging.of(task.extract), task.staging.path(task.extract)
        seal, marker[BOUNDS], texts = group.write(folder, number)
        if not folder.is_local:  # whoever asked for the group needs them, and would have to fetch them
            marker[SUBJECTS] = bytes(texts)
        kept, seals = _kept(task, number, pieces, firsts, tables)
        marker |= kept
        marker[SEALS] = seals | {f"{path}/{group_file(number, STAGED)}": seal}
    return marker


def _kept(
    task: ReadTask, number: int, pieces: Sequence[pa.Buffer], firsts: Sequence[int], tables: Mapping[int, pa.Table]
) -> tuple[dict[str, Any], dict[str, Seal]]:
    """Write a group's records, or have them wait: (what its marker says of it; the files' seals).

    pieces, firsts: of its blocks, and their first rows. tables: bad records of blocks, by number.
    """
    staging, store = task.staging, task.staging.store
    seals: dict[str, Seal] = {}
    told: dict[str, Any] = {PIECES: [seal_of(piece) for piece in pieces], WAITING: ""}
    if task.part is not None:
        seals |= store_at_once(store, task.part, pieces, firsts)
    else:
        told[WAITING], seals[told[WAITING]] = stage(staging, task.extract, number, pieces)
    if not task.counts_anew:
        for block, table in tables.items():
            seals |= write_quarantine(store, task.extract, block, table)
    elif tables:
        staged = {block: stage_quarantine(staging, task.extract, block, table) for block, table in tables.items()}
        told[BAD_WAITING] = [[block, path] for block, of in staged.items() for path in of]
        seals |= {path: seal for of in staged.values() for path, seal in of.items()}
    return told, seals


def _read(task: ReadTask, file: BinaryIO, span: BlockSpan, columns: Sequence[int]) -> FoundBlock | int:
    """Read a block and set its bad records aside; their number if blocks were found as if there were none.

    columns: places of those that are read, LOOKED_AT at least. Where records are set aside, all are.
    """
    if task.unpacked is not None:
        cut = task.unpacked.cut(span, WORKSPACE)
    else:
        cut = read_cut(file, task.source, span, WORKSPACE)
    # Bad records are kept as they stand in the file, but reading changes bytes. What is compressed cannot be read
    # again without decompressing all before it.
    original = cut.content[: span.length].tobytes() if not task.source.from_anywhere else None
    try:
        found = usable(parse_cut(cut, columns, WORKSPACE, judge=False, form=task.form), columns)
    except MalformedError:
        found = None
    return found or read_again(task, file, span, original)


def usable(block: Block, columns: Sequence[int]) -> FoundBlock | None:
    """A block, coded and encoded; None if a record cannot be used, or may be a header."""
    coding = code_block(block, columns, WORKSPACE)
    if possible_headers(coding).size:
        return None
    encoded = encode(block, coding)
    return None if block.bad else (coding, encoded, Noticed())


def read_again(task: ReadTask, file: BinaryIO, span: BlockSpan, original: bytes | None = None) -> FoundBlock | int:
    """Read a block with all columns and set bad records aside; see `_read`. original: its bytes, if at hand."""
    how: dict[str, Any] = {"form": task.form, "exact": task.exact, "workspace": WORKSPACE}
    if original is None:
        again = read_block(file, task.source, span, **how)
    else:
        again = block_of(original, task.source, span, **how)
    if again.bad and not task.exact:
        return len(again.bad)
    return _with_bad_records(again, task.form.header_lines)


def _with_bad_records(block: Block, header_lines: int) -> FoundBlock:
    """Set aside what cannot be used: headers, and records that encoding finds to be so."""
    noticed = Noticed()
    coding = code_block(block, EVERYTHING, WORKSPACE)
    headers = notice_headers(coding, header_lines, noticed)
    if headers.size:
        block.set_aside(headers, np.full(headers.size, HEADER, np.int8))
        coding = code_block(block, EVERYTHING, WORKSPACE)
    usable = block.rows.size
    encoded = encode(block, coding)
    if block.rows.size < usable:
        coding = code_block(block, EVERYTHING, WORKSPACE)
    return coding, encoded, noticed


def _piece(coding: Coding) -> pa.Buffer:
    """A file of all columns of a block as bytes, after the rows' numbers in it."""
    block = coding.block
    columns = {name: coding.array(place) for place, name in enumerate(state().format.columns)}
    repeating = [name for name, column in columns.items() if pa.types.is_dictionary(column.type)]
    return piece_of({ROW: pa.array(block.rows - np.int32(block.span.first_row)), **columns}, repeating)
