"""What the store keeps of a group of neighboring blocks: its charges as numbers, dealt out to buckets.

Three files. One has an Arrow stream a bucket, with the codes of the group. One has the texts that these stand for.
The last to be written is a marker: what became of the group's records, what was odd, and where buckets begin. They
stay as long as the store has the file: every new snapshot is made of them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.charges.coding import OFFENSE, TEXTS, Known
from clearscale.charges.grouping import hashes_of
from clearscale.io.files import Folder
from clearscale.io.parts import FilePart, whole_file
from clearscale.io.seals import Seal
from clearscale.store.layout import group_file, records_folder
from clearscale_kernels.arrays import Int32s, Int64s

ROWS, TEXTS_FILE, MARKER = "rows.arrow", "texts.arrow", "json"
"""Endings of a group's files."""

_HASH_BITS = 32
_COMPRESSED = pa.ipc.IpcWriteOptions(compression="zstd")
LISTED = ("offense", *TEXTS)
"""Columns of codes."""


def group_path(file: str, number: int, ending: str) -> str:
    """A group's file below the store. file: the id of the file that it is of."""
    return f"{records_folder(file)}/{group_file(number, ending)}"


def homes_of(identities: pa.Array, buckets: int) -> Int64s:
    """The bucket of each identity, among so many. Shape (n,).

    Buckets are ranges of the hash by which people are ordered: one after the other they are in the order of all.
    """
    return (hashes_of(identities) * buckets) >> _HASH_BITS


def write_group(
    store: Folder, file: str, number: int, coded: pa.Table, known: Known, buckets: int
) -> tuple[dict[str, Seal], list[int]]:
    """Write a group but for its marker. known: what the codes of its charges stand for.

    Returns (seals of the files by their paths below the store, where in that of rows each bucket begins, and its
    end).
    """
    identities = coded.column("identity").combine_chunks().dictionary_encode()
    if isinstance(identities, pa.ChunkedArray):  # of no rows
        identities = pa.array([], pa.string()).dictionary_encode()
    of_rows = homes_of(identities.dictionary, buckets)[identities.indices.to_numpy()]
    order = np.argsort(of_rows, kind="stable")
    ends = np.cumsum(np.bincount(of_rows, minlength=buckets))
    dealt = coded.take(pa.array(order)).combine_chunks()
    sink, bounds, first = pa.BufferOutputStream(), [0], 0
    for end in ends.tolist():
        with pa.ipc.new_stream(sink, dealt.schema, options=_COMPRESSED) as writer:
            writer.write_table(dealt.slice(first, end - first))
        bounds.append(sink.tell())
        first = end
    rows, texts = (group_path(file, number, ending) for ending in (ROWS, TEXTS_FILE))
    return {
        rows: store.write(rows, memoryview(sink.getvalue())),
        texts: store.write_arrow(texts, _texts_table(known)),
    }, bounds


def _texts_table(known: Known) -> pa.Table:
    offenses = list(zip(*known.offenses, strict=True)) or [()] * len(OFFENSE)
    columns = {f"offense.{name}": list(values) for name, values in zip(OFFENSE, offenses, strict=True)}
    columns |= {name: list(texts) for name, texts in known.texts.items()}
    return pa.table({name: pa.array([values], pa.list_(pa.string())) for name, values in columns.items()})


def read_texts(store: Folder, files: Mapping[str, Seal]) -> list[Known]:
    """Read what groups' codes stand for, all in one call. files: paths and seals of the groups' texts."""
    parts = [whole_file(path, seal.length) for path, seal in files.items()]
    return [known_in(pa.ipc.open_file(content).read_all()) for content in store.read_parts(parts)]


def known_in(table: pa.Table) -> Known:
    """What a group's codes stand for, of the table in its file of texts."""
    columns = {name: tuple(table.column(name)[0].as_py()) for name in table.column_names}
    offenses = zip(*(columns[f"offense.{name}"] for name in OFFENSE), strict=True)
    return Known({name: columns[name] for name in TEXTS}, tuple(offenses))


def plan_table(groups: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Int32s]]]) -> pa.Table:
    """How the codes of groups become the store's.

    groups: (id of the file, marker, the store's codes for its own, see `Known.places_in`) of each.
    """
    columns: dict[str, pa.Array] = {
        "of": pa.array([file for file, _, _ in groups], pa.string()),
        "group": pa.array([marker["group"] for _, marker, _ in groups], pa.int32()),
        "bounds": _lists([np.array(marker["bounds"], np.int64) for _, marker, _ in groups], np.int64),
        **{name: _lists([places[name] for _, _, places in groups], np.int32) for name in LISTED},
    }
    return pa.table(columns)


def _lists(values: "Sequence[np.ndarray[Any, Any]]", kind: Any) -> pa.ListArray:
    bounds = np.cumsum([0, *map(len, values)])
    joined = np.concatenate([np.empty(0, kind), *values]).astype(kind)
    return pa.ListArray.from_arrays(pa.array(bounds, pa.int32()), pa.array(joined))


def read_dealt(store: Folder, plan: pa.Table, bucket: int) -> list[tuple[pa.Table, dict[str, Any]]]:
    """A bucket's charges of each group, with the codes of the group, and what these are in the store."""
    column = {name: plan.column(name).combine_chunks() for name in plan.column_names}
    parts, places = [], []
    for row in range(plan.num_rows):
        bounds = column["bounds"][row].values.to_numpy()
        path = group_path(column["of"][row].as_py(), column["group"][row].as_py(), ROWS)
        parts.append(FilePart(path, int(bounds[bucket]), int(bounds[bucket + 1]), int(bounds[-1])))
        places.append({name: column[name][row].values.to_numpy() for name in LISTED})
    tables = [pa.ipc.open_stream(content).read_all() for content in store.read_parts(parts)]
    return list(zip(tables, places, strict=True))
