"""Files of records: the same whatever an extract is read with, long, and of blocks that are read by themselves."""

from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clearscale
from clearscale.errors import StorageError, StoreError
from clearscale.io import row_groups
from clearscale.io.files import Folder
from clearscale.io.parquet_pieces import UnjoinableError, joined, pieces_of
from clearscale.law import state
from clearscale.store import Store, open_store, record_files
from clearscale.store.ingest import first_round
from clearscale.store.ingest.blocks import ReadTask
from clearscale.store.record_files import LONG, blocks_of_files, files_of
from tests.support.samples import (
    Interrupted,
    InterruptingCluster,
    contents,
    conviction,
    decide,
    ingest,
    put,
    records,
    refused,
    rendered,
)

SMALL = {"block_bytes": 4000}
"""How an extract of some 100 KB has a dozen blocks: the first is some 64 KB long."""

LONG_ENOUGH = 60_000
"""Bytes of a file of records here: those of about four pieces."""


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of records are long enough with a few small blocks."""
    monkeypatch.setattr(record_files, "LONG", LONG_ENOUGH)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An extract of a dozen blocks, with bad records in some of them."""
    rows = [conviction(f"s{number}", "ALAMEDA", count) for number in range(300) for count in (1, 2)]
    lines = rendered(rows).splitlines(keepends=True)
    for place in (5, 300, 301, 590):
        lines.insert(place, b"too,few\n")
    return put(tmp_path_factory.mktemp("in"), "alameda.csv", b"".join(lines))


def stored(store: Path) -> dict[str, bytes]:
    """The files of records."""
    return {name: content for name, content in contents(store).items() if name.startswith("records/")}


def part_of(store: Store) -> Any:
    [entry] = store.manifest.extracts
    [part] = entry.parts
    return part


@given(lengths=st.lists(st.integers(1, 2 * LONG), max_size=40))
def test_files_are_long_where_there_is_as_much(lengths: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_files, "LONG", LONG)
        files = blocks_of_files(lengths)
    ends = [*accumulate(files)]
    sizes = [sum(lengths[end - blocks : end]) for end, blocks in zip(ends, files, strict=True)]
    assert sum(files) == len(lengths)
    assert len(files) == 1 or all(size >= LONG for size in sizes)
    # None could be two, but for what is left at the end.
    assert all(sum(lengths[end - blocks : end - 1]) < LONG for end, blocks in zip(ends[:-1], files, strict=False))


@pytest.mark.parametrize("cluster", ["threads:1", "threads:2"])
@pytest.mark.parametrize("group_blocks", [1, 3, 5, 1000])
def test_files_are_the_same_however_blocks_are_grouped(
    group_blocks: int, cluster: str, path: str, tmp_path: Path
) -> None:
    ingest(path, tmp_path / "store", quarantine=True, group_blocks=group_blocks, cluster=cluster, **SMALL)
    ingest(path, tmp_path / "other", quarantine=True, group_blocks=2, **SMALL)
    found = stored(tmp_path / "store")
    assert found == stored(tmp_path / "other")
    assert not list((tmp_path / "store").glob("staging/*/*")), "nothing waits any more"
    part = part_of(open_store(str(tmp_path / "store")))
    folder = f"records/{part.id}"
    assert [*found] == [f"{folder}/records-{number:05d}.parquet" for number in range(len(part.files))]
    assert len(part.files) > 2
    assert all(len(content) > LONG_ENOUGH * 0.8 for content in found.values())
    for blocks, content in zip(part.files, found.values(), strict=True):
        file = pq.ParquetFile(pa.BufferReader(content))
        assert file.num_row_groups == blocks
        assert pl.read_parquet(content).to_dict(as_series=False) == file.read().to_pydict()


def test_records_are_those_of_one_block(path: str, tmp_path: Path) -> None:
    ingest(path, tmp_path / "one", quarantine=True, block_bytes=2**24)
    ingest(path, tmp_path / "many", quarantine=True, group_blocks=3, **SMALL)
    assert records(tmp_path / "many") == records(tmp_path / "one")
    assert len(records(tmp_path / "one")) == 600
    assert decide(tmp_path / "many", tmp_path / "a").counties == decide(tmp_path / "one", tmp_path / "b").counties


def test_a_block_is_read_by_itself(path: str, tmp_path: Path) -> None:
    ingest(path, tmp_path / "store", quarantine=True, group_blocks=2, **SMALL)
    store = open_store(str(tmp_path / "store"))
    [entry] = store.manifest.extracts
    tables = list(store.records(entry))
    assert len(tables) == part_of(store).blocks > 8
    for number, table in enumerate(tables):
        assert store.block(entry, 0, number).equals(table)
        some = store.block(entry, 0, number, ["CII_NUMBER", "SUBJECT_ID"])
        assert some.equals(table.select(some.column_names))
        assert set(some.column_names) == {"row", "CII_NUMBER", "SUBJECT_ID"}
    chosen = [read(["OFN"]) for read in store.readers(entry, 0, [1, 5, 6])]
    assert [one.column("row") for one in chosen] == [tables[number].column("row") for number in (1, 5, 6)]


def fetched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, int]]:
    """What is read of files from here on: the name, and from where to where."""
    found: list[tuple[str, int, int]] = []
    parts, whole = Folder.read_parts, Folder.read

    def read_parts(self: Folder, asked: Any) -> Any:
        found.extend((part.name, part.start, part.end) for part in asked)
        return parts(self, asked)

    def read(self: Folder, name: str) -> bytes:
        content = whole(self, name)
        found.append((name, 0, len(content)))
        return content

    monkeypatch.setattr(Folder, "read_parts", read_parts)
    monkeypatch.setattr(Folder, "read", read)
    return found


@pytest.mark.parametrize("footer", [2**18, 5000], ids=["footer", "longer footer"])
def test_of_a_long_file_that_is_far_only_what_is_read_is_fetched(
    footer: int, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_files, "LONG", 2**30)
    monkeypatch.setattr(row_groups, "MOST_WHOLE", 0)
    monkeypatch.setattr("clearscale.io.files.MOST_WHOLE", 0)
    monkeypatch.setattr(row_groups, "_END", footer)
    monkeypatch.setattr(row_groups, "_GAP", 0)
    url = f"memory://{tmp_path.name}-{footer}/store"
    ingest(path, url, quarantine=True, **SMALL)
    store = open_store(url)
    [entry] = store.manifest.extracts
    expected, part = list(store.records(entry)), part_of(store)
    [(path_of, seal)] = [sealed for sealed in store.files.seals.items() if sealed[0].startswith("records/")]
    asked = fetched(monkeypatch)
    for number, table in enumerate(expected):
        assert store.block(entry, 0, number).equals(table)
        some = store.block(entry, 0, number, ["OFN", "PRI_NAME"])
        assert some.equals(table.select(some.column_names))
    metadata = pq.read_metadata(pa.BufferReader(store.folder.read(path_of)))
    groups = [metadata.row_group(number) for number in range(part.blocks)]
    columns = [[group.column(place).total_compressed_size for place in range(96)] for group in groups]
    names = ["row", *state().format.columns]
    chosen = [names.index(name) for name in ("row", "OFN", "PRI_NAME")]
    needed = sum(sum(sizes) + sum(sizes[place] for place in chosen) for sizes in columns)
    ends = [fetch for fetch in asked if "records-" in fetch[0] and fetch[2] < seal.length]
    assert sum(end - start for _, start, end in ends) == needed, "nothing but what is read, and the footer"
    # Whoever reads all blocks fetches each file once, and each block's pages are looked at.
    asked.clear()
    assert [table.num_rows for table in store.records(entry)] == [table.num_rows for table in expected]
    assert [fetch[1:] for fetch in asked if "records-" in fetch[0]] == [(0, seal.length)]


def test_damage_in_a_block_that_is_fetched_by_itself_is_told(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clearscale.io.files.MOST_WHOLE", 0)
    url = f"memory://{tmp_path.name}-damage/store"
    ingest(path, url, quarantine=True, **SMALL)
    store = open_store(url)
    [entry] = store.manifest.extracts
    name = f"records/{entry.id}/records-00000.parquet"
    whole = store.folder.read(name)
    turned = bytearray(whole)
    place = pq.read_metadata(pa.BufferReader(whole)).row_group(1).column(8).data_page_offset + 40
    turned[place] ^= 4
    store.folder.write(name, bytes(turned))
    assert store.block(entry, 0, 0).num_rows
    with pytest.raises(clearscale.ClearscaleError, match=r"records-00000\.parquet: is damaged"):
        store.block(entry, 0, 1)
    store.folder.write(name, whole[:-9])
    with pytest.raises(clearscale.ClearscaleError, match=r"records-00000\.parquet: is damaged"):
        store.block(entry, 0, 0)
    store.folder.remove(name)
    with pytest.raises(clearscale.ClearscaleError, match=r"records-00000\.parquet: is missing"):
        store.block(entry, 0, 0)


@pytest.mark.parametrize("encrypted", [False, True])
def test_blocks_and_files_in_each_others_place_are_told(
    encrypted: bool, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clearscale.io.files.MOST_WHOLE", 0)
    url = f"memory://{tmp_path.name}-places/store"
    if encrypted:
        clearscale.make_key(tmp_path / "key")
        clearscale.start_encryption(url, f"file:{tmp_path / 'key'}")
    ingest(path, url, quarantine=True, **SMALL)
    store = open_store(url)
    [entry] = store.manifest.extracts
    files = files_of(part_of(store))
    first, second = (f"records/{entry.id}/{file.name}" for file in files[:2])
    assert len(files[1].blocks) > 2, "a block is read without the others"
    pieces = pieces_of(store.folder.read(second))
    turned = b"".join(joined([pieces.only([1, 0, *range(2, len(pieces.groups))])]))
    store.folder.write(second, turned)
    number = files[1].blocks.start
    for place in (number, number + 1):
        with pytest.raises(StoreError, match=r"records-00001\.parquet: is damaged"):
            store.block(entry, 0, place, ["OFN"])
    store.folder.copy(first, second)
    with pytest.raises(StoreError, match=r"records-00001\.parquet: is damaged"):
        store.block(entry, 0, number)


@pytest.mark.parametrize("after", [0, 1])
def test_an_ingest_that_is_interrupted_in_between_goes_on(
    after: int, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    how = {"quarantine": True, "group_blocks": 2, **SMALL}
    with pytest.raises(Interrupted):
        ingest(path, tmp_path / "store", cluster=InterruptingCluster("store records", after), **how)
    assert not (tmp_path / "store/manifest.json").exists()
    read: list[ReadTask] = []
    again = first_round.read_together
    monkeypatch.setattr(first_round, "read_together", lambda tasks: (read.extend(tasks), again(tasks))[1])
    ingest(path, tmp_path / "store", **how)
    assert not read, "blocks that were read are taken up"
    ingest(path, tmp_path / "other", **how)
    assert contents(tmp_path / "store") == contents(tmp_path / "other")


def test_damaged_pieces_are_read_again(path: str, tmp_path: Path) -> None:
    how = {"quarantine": True, "group_blocks": 2, **SMALL}
    store = tmp_path / "store"
    with pytest.raises(Interrupted):
        ingest(path, store, cluster=InterruptingCluster("store records"), **how)
    piece = sorted(store.glob("staging/*/*/*.pieces"))[1]
    piece.write_bytes(piece.read_bytes()[:-1] + b"x")
    ingest(path, store, **how)
    ingest(path, tmp_path / "other", **how)
    assert stored(store) == stored(tmp_path / "other")


@pytest.mark.parametrize("damage", ["zeros", "a byte"])
def test_pieces_that_are_damaged_meanwhile_are_told(damage: str, path: str, tmp_path: Path) -> None:
    store = tmp_path / "store"

    class Damaging(InterruptingCluster):
        def map(self, function: Any, items: Any, *, label: str = "work", progress: Any = None) -> Any:
            if label == "store records":
                for piece in store.glob("staging/*/*/*.pieces"):
                    content = bytearray(piece.read_bytes() if damage == "a byte" else bytes(piece.stat().st_size))
                    content[100] ^= 1
                    piece.write_bytes(content)
            return super().map(function, items, label=label, progress=progress)

    with pytest.raises(StorageError, match=r"group-00000\.pieces: is damaged; .*run the same command again"):
        ingest(path, store, cluster=Damaging("never"), quarantine=True, group_blocks=2, **SMALL)
    ingest(path, store, quarantine=True, group_blocks=2, **SMALL)
    ingest(path, tmp_path / "other", quarantine=True, group_blocks=2, **SMALL)
    assert contents(store) == contents(tmp_path / "other")


@pytest.mark.parametrize("group_blocks", [2, 1000])
def test_what_is_refused_or_tried_leaves_no_records(group_blocks: int, path: str, tmp_path: Path) -> None:
    store = tmp_path / "store"
    ingest(put(tmp_path, "yolo.csv", rendered([conviction("y", "YOLO")])), store, county="YOLO")
    ingest(path, store, quarantine=True, group_blocks=group_blocks, dry_run=True, **SMALL)
    assert "line 6: 2 fields, not 95 (3 more records cannot be used)" in refused(
        path, store, county="ALAMEDA", group_blocks=group_blocks, **SMALL
    )
    assert not list(store.glob("staging/*/*/*.pieces"))


def subjects_by_block(store: Store) -> list[set[bytes]]:
    [entry] = store.manifest.extracts
    return [
        set(store.block(entry, 0, number, ["SUBJECT_ID"]).column("SUBJECT_ID").to_pylist())
        for number in range(part_of(store).blocks)
    ]


def joinable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files can be joined."""


def unjoinable(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the file had been written by a version of a library that describes its columns in another way."""

    def raises(*_: Any) -> Any:
        raise UnjoinableError

    monkeypatch.setattr(record_files, "_with_blocks", raises)


@pytest.mark.parametrize("how", [joinable, unjoinable])
def test_a_purge_changes_only_the_blocks_that_have_somebody(
    how: Callable[[pytest.MonkeyPatch], None], path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    ingest(path, store, quarantine=True, group_blocks=2, **SMALL)
    opened = open_store(str(store))
    before, part = stored(store), part_of(opened)
    expected = records(store)
    by_block = subjects_by_block(opened)
    number = part.files[0] + 1  # the second block of the second file
    name = min(by_block[number] - by_block[number - 1] - by_block[number + 1])
    how(monkeypatch)
    clearscale.purge(store, subject=name.decode())
    assert clearscale.verify(store).damaged == ()
    assert records(store) == [row for row in expected if row["SUBJECT_ID"] != name]
    after = stored(store)
    changed = f"records/{part.id}/records-00001.parquet"
    assert {path for path in before if before[path] != after[path]} == {changed}
    assert part_of(open_store(str(store))).files == part.files
    old, new = (pq.ParquetFile(pa.BufferReader(content[changed])) for content in (before, after))
    assert new.num_row_groups == old.num_row_groups == part.files[1]
    for place in range(part.files[1]):
        same = new.read_row_group(place).equals(old.read_row_group(place))
        assert same == (place != 1)
        if place != 1 and how is joinable:
            begin = old.metadata.row_group(place).column(0).data_page_offset
            length = old.metadata.row_group(place).column(0).total_compressed_size
            assert before[changed][begin : begin + length] in after[changed]


@pytest.mark.parametrize("how", [joinable, unjoinable])
def test_a_block_of_which_nothing_is_left(
    how: Callable[[pytest.MonkeyPatch], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [f"s{number}" for number in range(250)] + ["one"] * 60 + ["last"] * 5
    rows = [conviction(name, "ALAMEDA", count % 900) for count, name in enumerate(people)]
    path = put(tmp_path, "alameda.csv", rendered(rows))
    store = tmp_path / "store"
    ingest(path, store, county="ALAMEDA", group_blocks=2, block_bytes=2500)
    by_block = subjects_by_block(open_store(str(store)))
    alone = [number for number, found in enumerate(by_block) if found == {b"one"}]
    assert alone
    expected = [row for row in records(store) if row["SUBJECT_ID"] != b"one"]
    how(monkeypatch)
    clearscale.purge(store, subject="one")
    opened = open_store(str(store))
    [entry] = opened.manifest.extracts
    assert {opened.block(entry, 0, number).num_rows for number in alone} == {0}
    assert records(store) == expected
    assert clearscale.verify(store).damaged == ()
    for file in files_of(part_of(opened)):
        content = (store / "records" / entry.id / file.name).read_bytes()
        assert pl.read_parquet(content).height == pq.ParquetFile(pa.BufferReader(content)).read().num_rows
    # Somebody else goes from a file with such a block.
    clearscale.purge(store, subject="last")
    assert records(store) == [row for row in expected if row["SUBJECT_ID"] != b"last"]


def test_rows_that_are_set_aside_leave_gaps(path: str, tmp_path: Path) -> None:
    ingest(path, tmp_path / "store", quarantine=True, group_blocks=1, **SMALL)
    store = open_store(str(tmp_path / "store"))
    [entry] = store.manifest.extracts
    rows = np.concatenate([table.column("row").to_numpy() for table in store.records(entry)])
    bad = store.quarantine(entry).column("row").to_pylist()
    assert len(bad) == 4
    assert sorted([*rows.tolist(), *bad]) == list(range(604))


NULLABLE = pa.schema([pa.field("row", pa.int32()), pa.field("text", pa.binary())])


def test_pieces_that_are_not_alike_are_joined_all_the_same() -> None:
    """An ingest was interrupted, and a library updated before it went on."""
    pieces = [
        record_files.piece_of(
            {"row": pa.array(np.arange(size, dtype=np.int32)), "text": pa.array([b"a", b"b"] * (size // 2))},
            ["text"],
        )
        for size in (4, 6)
    ]
    alike = bytes(record_files.file_of(pieces, [0, 4]))
    sink = pa.BufferOutputStream()
    pq.write_table(pq.ParquetFile(pa.BufferReader(pieces[1])).read().cast(NULLABLE), sink, store_schema=False)
    other = sink.getvalue()
    with pytest.raises(UnjoinableError):
        record_files.joined([record_files.pieces_of(pieces[0]), record_files.pieces_of(other)])
    found = pq.ParquetFile(pa.BufferReader(record_files.file_of([pieces[0], other], [0, 4])))
    assert found.num_row_groups == 2
    assert found.read().equals(pq.ParquetFile(pa.BufferReader(alike)).read())
    assert found.read(["row"]).column(0).to_pylist() == list(range(10))
