"""Bad records into quarantine: where they are read, or from staging, when it is known what is before them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from clearscale.extract import Form, values_of
from clearscale.extract.bad_records import BadRecords
from clearscale.io.files import Folder
from clearscale.io.seals import Seal
from clearscale.io.source import Source
from clearscale.store.layout import Staging, block_file, quarantine_folder

_ROW, _LINE = "row", "line"


def quarantine_of(source: Source, form: Form, bad: BadRecords) -> pa.Table:
    """Bad records of a block, as they are written."""
    return pa.table(
        {
            "file": pa.repeat(source.name, len(bad)),
            _LINE: pa.array(bad.lines + form.header_lines, pa.int64()),
            _ROW: pa.array(bad.rows, pa.int32()),
            "reason": pa.array(bad.reasons(), pa.string()),
            "content": values_of(*bad.bytes_of_all()),
        }
    )


def write_quarantine(store: Folder, part: str, number: int, bad: pa.Table) -> dict[str, Seal]:
    """Write bad records of a block of a part; returns the file's seal by its path below the store."""
    path = f"{quarantine_folder(part)}/{block_file(number, 'parquet')}"
    return {path: store.write_parquet(path, bad)}


def stage_quarantine(staging: Staging, extract: str, number: int, bad: pa.Table) -> dict[str, Seal]:
    """Have bad records of a block wait in staging; returns as `write_quarantine`."""
    path = f"{staging.path(extract)}/{block_file(number, 'parquet')}"
    return {path: staging.store.write_parquet(path, bad)}


@dataclass(frozen=True)
class WaitingQuarantine:
    """Bad records of a block that wait. path: below the store. row, line: how many are before those they count."""

    path: str
    number: int
    row: int
    line: int


@dataclass(frozen=True)
class QuarantineTask:
    """Bad records to write of a part, that wait."""

    store: Folder
    part: str
    waiting: WaitingQuarantine


def quarantine_tasks(store: Folder, part: str, waiting: Sequence[WaitingQuarantine]) -> list[QuarantineTask]:
    """What writes the bad records of a part that wait."""
    return [QuarantineTask(store, part, bad) for bad in waiting]


def store_quarantine(task: QuarantineTask) -> dict[str, Seal]:
    """Write bad records with rows and lines of their file; returns as `write_quarantine`."""
    bad, waiting = task.store.read_parquet(task.waiting.path), task.waiting
    for name, before in ((_ROW, np.int32(waiting.row)), (_LINE, np.int64(waiting.line))):
        place = bad.schema.get_field_index(name)
        bad = bad.set_column(place, bad.schema.field(place), pa.array(bad.column(place).to_numpy() + before))
    return write_quarantine(task.store, task.part, waiting.number, bad)
