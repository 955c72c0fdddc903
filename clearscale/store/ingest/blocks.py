"""First round of an ingest: the blocks of an extract, each read once, stored as records and encoded for the fold.

Neighboring blocks form a block group. It is staged as one (see `block_groups`); a marker with its counts, written
last, says that it is finished.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, cast

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
    values_of,
)
from clearscale.extract.bad_records import HEADER, BadRecords
from clearscale.extract.coding import EVERYTHING
from clearscale.extract.doubts import LOOKED_AT, doubt
from clearscale.extract.headers import notice_headers, possible_headers
from clearscale.extract.looking import Look
from clearscale.extract.noticed import Noticed
from clearscale.extract.noticing import notice
from clearscale.extract.reading import fill
from clearscale.extract.subject_facts import subject_facts
from clearscale.io.far import apart, behind, both
from clearscale.io.files import Folder
from clearscale.io.seals import Seal
from clearscale.io.source import Source
from clearscale.law import state
from clearscale.store.layout import Staging, block_file, group_file, quarantine_folder, records_folder

from .aside import SetAside
from .block_groups import STAGED, BlockGroup
from .gate import NOTICED
from .markers import SEALS, read_marker, write_marker
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

_FETCHED_AHEAD = 2**24
"""Bytes of short extracts that a task fetches before it works on them, more where one has more."""

_LONGEST_HEADER = 2**16
"""Bytes before the first block of an extract that is read as a whole, at most."""

_WORKSPACE = Workspace()
"""A worker's threads parse block after block, each done with one before the next."""


@dataclass(frozen=True)
class ReadTask:
    """Block groups of one extract to read in order: one, or all of a file without random access.

    form: how records stand in the file. groups: number and blocks of each group. exact: whether every record was
    parsed to find the blocks; see `scanning`. keep: whether anything is written. stamp: that of the file as it was
    scanned. unpacked: where the blocks are, if the file can only be read from its beginning and they were kept.
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

    @property
    def is_short(self) -> bool:
        """Whether an extract is read from its beginning to where its last block ends, all of it in blocks."""
        blocks = sum(span.length for _, spans in self.groups for span in spans)
        return self.unpacked is None and self.end <= blocks + _LONGEST_HEADER

    @property
    def end(self) -> int:
        """Where in the file the last block ends."""
        return max((span.offset + span.length for _, spans in self.groups for span in spans), default=0)

    def require_unchanged(self, *, failed: bool = True) -> None:
        """Raise ExtractError if the file is not as it was when it was scanned.

        failed: whether reading or writing has; if not, it is that one if no other can have been read.
        """
        if (failed or self.source.version is None) and self.source.stamp() != self.stamp:
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


def read_each(tasks: Sequence[ReadTask]) -> list[list[dict[str, Any]]]:
    """Read the block groups of short extracts; see `read_block_groups`. They wait for an object store together.

    The next ones are fetched, and what one leaves is on its way while the next is worked on. Its markers
    follow when it is there.
    """
    results = []
    try:
        with (
            ThreadPoolExecutor(2 * len(tasks)) as threads,
            behind(tasks[0].staging.store) as (folder, _),
        ):
            finishing = []
            for task, content in _fetched(tasks, threads):
                store, arrived = apart(folder)
                writing = replace(task, staging=replace(task.staging, store=store))
                results.append(_read_and_write_each(writing, content))
                finishing.append(threads.submit(_finish_each, task, arrived, results[-1]))
            for ended in finishing:
                ended.result()
    except StorageError:
        for task in tasks:
            task.require_unchanged()
        raise
    pa.default_memory_pool().release_unused()
    return results


def _finish_each(task: ReadTask, arrived: Callable[[], None], markers: Sequence[dict[str, Any]]) -> None:
    """Write the markers of a task's block groups when their files are there."""
    both(task.staging.store, arrived, lambda: task.require_unchanged(failed=False))
    for marker in markers:
        _finish(task, marker)


def _fetched(tasks: Sequence[ReadTask], threads: ThreadPoolExecutor) -> Iterator[tuple[ReadTask, BinaryIO]]:
    """Yield short extracts in order, fetched while others are worked on."""
    waiting: deque[tuple[ReadTask, Future[BinaryIO]]] = deque()
    for task in tasks:
        while waiting and sum(other.end for other, _ in waiting) + task.end > _FETCHED_AHEAD:
            first, content = waiting.popleft()
            yield first, content.result()
        waiting.append((task, threads.submit(_content, task)))
    while waiting:
        first, content = waiting.popleft()
        yield first, content.result()


def _content(task: ReadTask) -> BinaryIO:
    """A short extract in memory."""
    with opened(task.source, until=task.end) as file:
        content = np.empty(task.end, np.uint8)
        if fill(file, content, task.source) < task.end:
            raise changed(task.source)
    return cast(BinaryIO, pa.BufferReader(pa.py_buffer(content)))


def _read_and_write_each(task: ReadTask, file: BinaryIO) -> list[dict[str, Any]]:
    """Read a task's block groups and write all of them but the markers; see `read_block_groups`."""
    result: list[dict[str, Any]] = []
    for number, spans in task.groups:
        result.append(_read_and_write(task, file, number, spans))
        if MALFORMED in result[-1]:
            break
    return result


def _finish(task: ReadTask, marker: dict[str, Any]) -> None:
    """Write the marker of a block group whose files are there, if it is to be written."""
    if SEALS in marker:
        written = {name: value for name, value in marker.items() if name != SUBJECTS}
        write_marker(task.staging.of(task.extract), group_file(marker["group"], MARKER), written)


def coded_blocks(task: ReadTask) -> Iterator[Coding]:
    """Read the task's blocks once more; yield their usable records, coded, each good until the next."""
    with opened(task.source) as file:
        for span in (span for _, spans in task.groups for span in spans):
            found = _read(task, file, span, EVERYTHING)
            if isinstance(found, int):
                raise changed(task.source)
            yield found[0]


def _read_block_group(task: ReadTask, file: BinaryIO, number: int, spans: tuple[BlockSpan, ...]) -> dict[str, Any]:
    with behind(task.staging.store) as (store, arrived):
        written = replace(task, staging=replace(task.staging, store=store))
        try:
            marker = _read_and_write(written, file, number, spans)
        except StorageError:
            task.require_unchanged()
            raise
        both(task.staging.store, arrived, lambda: task.require_unchanged(failed=False))
        _finish(task, marker)
    return marker


def _read_and_write(task: ReadTask, file: BinaryIO, number: int, spans: tuple[BlockSpan, ...]) -> dict[str, Any]:
    """Read a block group and write all of it but the marker, which has SEALS if it is to be written."""
    group = BlockGroup(task.staging.buckets)
    noticed = Noticed()
    aside = SetAside()
    seals: dict[str, Seal] = {}
    for span in spans:
        # Nothing but what is kept needs all columns.
        found = _read(task, file, span, EVERYTHING if task.keep else LOOKED_AT)
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
            seals |= _write_records(task, coding)
            if block.bad:
                seals |= write_quarantine(task, block.bad, span.number, task.extract)
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
        marker[SEALS] = seals | {f"{path}/{group_file(number, STAGED)}": seal}
    return marker


def _read(
    task: ReadTask, file: BinaryIO, span: BlockSpan, columns: Sequence[int]
) -> tuple[Coding, Encoded, Noticed] | int:
    """Read a block and set its bad records aside; their number if blocks were found as if there were none.

    columns: places of those that are read, LOOKED_AT at least. Where records are set aside, all are.
    """
    if task.unpacked is not None:
        cut = task.unpacked.cut(task.source, span, _WORKSPACE)
    else:
        cut = read_cut(file, task.source, span, _WORKSPACE)
    # Bad records are kept as they stand in the file, but reading changes bytes. What is compressed cannot be read
    # again without decompressing all before it.
    original = cut.content[: span.length].tobytes() if not task.source.from_anywhere else None
    try:
        block = parse_cut(cut, columns, _WORKSPACE, judge=False, form=task.form)
    except MalformedError:
        pass
    else:
        coding = code_block(block, columns, _WORKSPACE)
        if not possible_headers(coding).size:
            encoded = encode(block, coding)
            if not block.bad:
                return coding, encoded, Noticed()
    if original is None:
        again = read_block(file, task.source, span, form=task.form, exact=task.exact, workspace=_WORKSPACE)
    else:
        again = block_of(original, task.source, span, form=task.form, exact=task.exact, workspace=_WORKSPACE)
    if again.bad and not task.exact:
        return len(again.bad)
    return _with_bad_records(again, task.form.header_lines)


def _with_bad_records(block: Block, header_lines: int) -> tuple[Coding, Encoded, Noticed]:
    """Set aside what cannot be used: headers, and records that encoding finds to be so."""
    noticed = Noticed()
    coding = code_block(block, EVERYTHING, _WORKSPACE)
    headers = notice_headers(coding, header_lines, noticed)
    if headers.size:
        block.set_aside(headers, np.full(headers.size, HEADER, np.int8))
        coding = code_block(block, EVERYTHING, _WORKSPACE)
    usable = block.rows.size
    encoded = encode(block, coding)
    if block.rows.size < usable:
        coding = code_block(block, EVERYTHING, _WORKSPACE)
    return coding, encoded, noticed


def _write_records(task: ReadTask, coding: Coding) -> dict[str, Seal]:
    """Write all columns as bytes, after the row's number in its file. Statistics would only repeat values."""
    block = coding.block
    names = state().format.columns
    columns = {"row": pa.array(block.rows), **{name: coding.array(place) for place, name in enumerate(names)}}
    # No value is null; without that in the schema, every page would say so of every value.
    schema = pa.schema([pa.field(name, column.type, nullable=False) for name, column in columns.items()])
    repeating = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    path = f"{records_folder(task.extract)}/{block_file(block.span.number, 'parquet')}"
    seal = task.staging.store.write_parquet(
        path,
        pa.table(columns, schema),
        compression_level=1,
        write_statistics=False,
        use_dictionary=repeating,
        # Readers see plain binary columns, whatever the pages hold.
        store_schema=False,
    )
    return {path: seal}


def write_quarantine(task: ReadTask, bad: BadRecords, number: int, folder: str) -> dict[str, Seal]:
    """Write bad records of a block; returns the file's seal. folder: name of their folder."""
    table = pa.table(
        {
            "file": pa.repeat(task.source.name, len(bad)),
            "line": pa.array(bad.lines + task.form.header_lines, pa.int64()),
            "row": pa.array(bad.rows, pa.int32()),
            "reason": pa.array(bad.reasons(), pa.string()),
            "content": values_of(*bad.bytes_of_all()),
        }
    )
    path = f"{quarantine_folder(folder)}/{block_file(number, 'parquet')}"
    return {path: task.staging.store.write_parquet(path, table)}
