"""First round of an ingest: blocks of an extract, each read once, stored as records and encoded for the fold.

What a block leaves in staging is two Arrow files and a marker: its rows, one record batch a bucket; its texts and
subjects, one row of lists; and, last, the marker that says the block is finished, with its counts.
"""

import zlib
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from clearscale_kernels import facts

from ..charges import catalog
from ..extract import (
    COLUMNS,
    BadRecord,
    BlockSpan,
    Coding,
    Encoded,
    MalformedError,
    Workspace,
    code_block,
    encode,
    parse_cut,
    read_block,
    read_cut,
)
from ..extract.coding import EVERYTHING
from ..files import Folder, Source
from .layout import QUARANTINE, RECORDS, Staging, block_file

ROWS, TEXTS, MARKER = "rows.arrow", "texts.arrow", "json"
"""Endings of a block's files in staging."""

MALFORMED = "malformed"

_WORKSPACE = Workspace()
"""A worker's threads parse block after block, each done with one before the next."""


@dataclass(frozen=True)
class BlockTask:
    """Blocks of one extract to be read one after the other: one, or all of a file that cannot be sought in.

    exact: whether the blocks were cut with an eye on malformed records; see `scanning`.
    """

    staging: Staging
    source: Source
    extract: str
    header_lines: int
    spans: tuple[BlockSpan, ...]
    quarantine: bool
    exact: bool


def bucket_of(person: bytes, extract: str, subject: bytes, buckets: int) -> int:
    """The bucket of a history: by its person, or by itself if it has no CII_NUMBER."""
    return zlib.crc32(person or extract.encode() + b"/" + subject) % buckets


def finished(folder: Folder) -> dict[int, dict[str, Any]]:
    """Markers of an extract's finished blocks, by block number. folder: where they are staged.

    A marker whose block is gone, since removing them was interrupted, does not count.
    """
    names = set(folder.names())
    found = {}
    for number in sorted(int(name.split("-")[1].split(".")[0]) for name in names if name.endswith(f".{MARKER}")):
        if {block_file(number, ROWS), block_file(number, TEXTS)} <= names:
            found[number] = folder.read_json(block_file(number, MARKER))
    return found


def encode_blocks(task: BlockTask) -> list[dict[str, Any]]:
    """Read, store and encode the task's blocks; returns their markers.

    Without quarantine, a block with bad records writes nothing and its marker tells what was wrong. If
    blocks were cut without an eye on malformed records, one that has any writes nothing either, and its marker only
    has its number and, as MALFORMED, how many there are.
    """
    result = []
    with task.source.open() as file:
        for span in task.spans:
            result.append(_encode_block(task, file, span))
    pa.default_memory_pool().release_unused()
    return result


def _well_formed(task: BlockTask, file: BinaryIO, span: BlockSpan) -> tuple[Coding, Encoded] | None:
    """A block whose records can all be used, None if some cannot: their bytes are wanted as they are written."""
    try:
        block = parse_cut(read_cut(file, task.source, span, _WORKSPACE), EVERYTHING, _WORKSPACE, judge=False)
    except MalformedError:
        return None
    coding = code_block(block, EVERYTHING, _WORKSPACE)
    encoded = encode(block, coding)
    return None if block.bad else (coding, encoded)


def _encode_block(task: BlockTask, file: BinaryIO, span: BlockSpan) -> dict[str, Any]:
    number = span.number
    found = _well_formed(task, file, span)
    if found is None:
        block = read_block(file, task.source, span, exact=task.exact, workspace=_WORKSPACE)
        if block.bad and not task.exact:
            # Blocks were cut as if no record were malformed: they are not those that they should be.
            return {"block": number, MALFORMED: len(block.bad)}
        usable, coding = block.rows.size, code_block(block, EVERYTHING, _WORKSPACE)
        encoded = encode(block, coding)
        if block.rows.size < usable:  # encoding set more records aside
            coding = code_block(block, EVERYTHING, _WORKSPACE)
        found = coding, encoded
    coding, encoded = found
    block = coding.block
    marker: dict[str, Any] = {
        "block": number,
        "stored": int(block.rows.size),
        "quarantined": len(block.bad),
        "bad": [[record.line + task.header_lines, record.what] for record in block.bad[:5]],
        "counties": _prop64_convictions_by_county(encoded),
    }
    if block.bad and not task.quarantine:
        return marker
    _write_records(task, coding)
    if block.bad:
        _write_quarantine(task, block.bad, number)
    folder = task.staging.of(task.extract)
    subjects = encoded.subjects
    buckets = np.array(
        [
            bucket_of(person, task.extract, subject, task.staging.buckets)
            for person, subject in zip(subjects["cii_number"], subjects["subject_id"], strict=True)
        ],
        np.int32,
    )
    folder.write(block_file(number, ROWS), _rows_by_bucket(encoded, buckets, task.staging.buckets))
    folder.write(block_file(number, TEXTS), _texts(encoded, buckets))
    folder.write_json(block_file(number, MARKER), marker)
    return marker


def _prop64_convictions_by_county(encoded: Encoded) -> dict[str, int]:
    """Convicted Prop 64 rows by county, to tell whose extract this is."""
    charges = catalog()
    named = np.array([charges.section(text) >= 0 for text in encoded.texts["offense"]], np.bool_)
    rows = encoded.rows
    if not rows["row"].size:
        return {}
    hit = named[rows["offense"]] & ((rows["flags"] & facts.CONVICTED) != 0)
    counts = np.bincount(rows["county"][hit], minlength=len(encoded.texts["county"]))
    return {
        text.decode("utf-8", "surrogateescape"): int(count)
        for text, count in zip(encoded.texts["county"], counts, strict=True)
        if count
    }


def _write_records(task: BlockTask, coding: Coding) -> None:
    """All 95 columns as bytes, the row's number in its file before them. Statistics would only repeat values."""
    block = coding.block
    columns = {"row": pa.array(block.rows), **{name: coding.array(place) for place, name in enumerate(COLUMNS)}}
    # No value is null; without that in the schema, every page would say so of every value.
    schema = pa.schema([pa.field(name, column.type, nullable=False) for name, column in columns.items()])
    repeating = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    task.staging.store.folder(f"{RECORDS}/{task.extract}").write_parquet(
        block_file(block.span.number, "parquet"),
        pa.table(columns, schema),
        compression_level=1,
        write_statistics=False,
        use_dictionary=repeating,
        # Readers see plain binary columns, whatever the pages hold.
        store_schema=False,
    )


def _write_quarantine(task: BlockTask, bad: list[BadRecord], number: int) -> None:
    table = pa.table(
        {
            "file": [task.source.name] * len(bad),
            "line": pa.array([record.line + task.header_lines for record in bad], pa.int64()),
            "row": pa.array([record.row for record in bad], pa.int32()),
            "reason": [record.what for record in bad],
            "content": pa.array([record.content for record in bad], pa.binary()),
        }
    )
    task.staging.store.folder(f"{QUARANTINE}/{task.extract}").write_parquet(block_file(number, "parquet"), table)


def _ipc(batches: list[pa.RecordBatch]) -> memoryview:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, batches[0].schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return memoryview(sink.getvalue())


def _rows_by_bucket(encoded: Encoded, bucket_of_subject: np.ndarray, buckets: int) -> memoryview:
    """One record batch a bucket, rows in file order inside."""
    of_row = bucket_of_subject[encoded.rows["subject"]]
    order = np.argsort(of_row, kind="stable")
    bounds = np.searchsorted(of_row[order], np.arange(buckets + 1))
    batch = pa.record_batch({name: values[order] for name, values in encoded.rows.items()})
    return _ipc([batch.slice(bounds[k], bounds[k + 1] - bounds[k]) for k in range(buckets)])


def _texts(encoded: Encoded, bucket_of_subject: np.ndarray) -> memoryview:
    """One row whose columns are lists: the texts of each coded column, and the facts of each subject."""
    lists = {name: pa.array([texts], pa.list_(pa.binary())) for name, texts in encoded.texts.items()}
    ofns = encoded.case_numbers
    lists["ofn"] = pa.ListArray.from_arrays(pa.array([0, len(ofns)], pa.int32()), ofns)
    for name in ("subject_id", "cii_number", "race", "sex"):
        lists[name] = pa.array([encoded.subjects[name].tolist()], pa.list_(pa.binary()))
    for name in ("birth_date", "no_birth_date"):
        lists[name] = pa.array([encoded.subjects[name]])
    lists["bucket"] = pa.array([bucket_of_subject])
    return _ipc([pa.record_batch(lists)])
