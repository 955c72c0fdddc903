"""An extract's records from a store, as result files take them."""

from collections.abc import Iterator

import numpy as np

from clearscale.law import state
from clearscale.store import ExtractEntry, Store
from clearscale_kernels.jit.vectors import WIDTH
from clearscale_kernels.text.records import Records

from .result_files import RecordBlock


def record_blocks(store: Store, entry: ExtractEntry) -> Iterator[RecordBlock]:
    """Yield the extract's records, block by block, as the writer takes them."""
    for table in store.records(entry):
        pieces, starts, ends, size = [], [], [], 0
        for name in state().format.columns:
            column = table.column(name).combine_chunks()
            _, offsets, data = column.buffers()
            bounds = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
            first, last = int(bounds[0]), int(bounds[-1])
            pieces.append(np.frombuffer(data or b"", np.uint8)[first:last])
            starts.append(bounds[:-1] - np.int32(first - size))
            ends.append(bounds[1:] - np.int32(first - size))
            size += last - first
        pieces.append(np.zeros(WIDTH, np.uint8))
        rows = table.column("row").to_numpy()
        records = Records(
            data=np.concatenate(pieces),
            starts=np.stack(starts),
            ends=np.stack(ends),
            extents=np.zeros((2, rows.size), np.int32),
            canonical=np.zeros(rows.size, np.bool_),
        )
        yield RecordBlock(records, rows)
