"""Extracts that are read without a scan: the same store as with one, whatever is in them and whatever happens."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pytest

import clearscale
from clearscale.errors import ExtractError
from clearscale.extract import by_names, reading, regions
from clearscale.formats.noticed import PURGED_RECORDS
from clearscale.io.source import Source
from clearscale.law import state
from clearscale.store import open_store
from clearscale.store.ingest import first_round, long_extracts
from clearscale.store.ingest.scanning import scan_extract
from clearscale.synth import fabricate
from clearscale_cluster import Cluster
from tests.support.changing import ChangingCluster, replaced
from tests.support.noting import NotingCluster
from tests.support.samples import (
    HEADER,
    Interrupted,
    InterruptingCluster,
    contents,
    conviction,
    extract,
    ingest,
    put,
    rendered,
)
from tests.support.unscanned import read_in_one_pass, scanned_first

BLOCK = 5000


@pytest.fixture(autouse=True)
def in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    read_in_one_pass(monkeypatch)


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    """Two extracts in which no value has a line feed."""
    made = fabricate(str(tmp_path), counties=2, people=8, seed=4)
    contents = [Path(extract.path).read_bytes().replace(b"LOS ANGELES", b"ALAMEDA") for extract in made]
    return [
        put(tmp_path, f"{county}.csv", content.replace(b"SAN DIEGO", b"YOLO"))
        for county, content in zip(("alameda", "yolo"), contents, strict=True)
    ]


@pytest.fixture
def edges(tmp_path: Path) -> list[str]:
    """Two extracts on many edges of the rules, with line feeds in values."""
    return [
        put(tmp_path, f"edges/{county.lower()}.csv", extract(county, seed=seed, scatter=True, padded=True))
        for county, seed in (("ALAMEDA", 5), ("YOLO", 6))
    ]


def stored(paths: list[str] | str, store: Path, **options: Any) -> dict[str, bytes]:
    """What is in a store but for its log, which says when."""
    options = {"block_bytes": BLOCK, "group_blocks": 2, **options}
    ingest(paths, store, **options)
    return {name: content for name, content in contents(store).items() if not name.startswith("log")}


def with_a_scan(paths: list[str] | str, store: Path, **options: Any) -> dict[str, bytes]:
    with pytest.MonkeyPatch.context() as patch:
        scanned_first(patch)
        return stored(paths, store, **options)


@pytest.mark.parametrize("group_blocks", [1, 3, 100])
@pytest.mark.parametrize("block_bytes", [3000, 7001, 40_000])
def test_the_store_is_that_of_a_scan(block_bytes: int, group_blocks: int, paths: list[str], tmp_path: Path) -> None:
    how = {"block_bytes": block_bytes, "group_blocks": group_blocks}
    cluster = NotingCluster(3)
    found = stored(paths, tmp_path / "store", cluster=cluster, **how)
    assert found == with_a_scan(paths, tmp_path / "scanned", **how)
    blocks = sum(entry.blocks for entry in open_store(str(tmp_path / "store")).manifest.extracts)
    assert cluster.passes["read extracts"] == sum(
        -(-entry.blocks // group_blocks) for entry in open_store(str(tmp_path / "store")).manifest.extracts
    )
    assert blocks > 2
    assert not any(name.startswith("staging/") for name in found)


@pytest.mark.parametrize("group_blocks", [1, 3])
@pytest.mark.parametrize("block_bytes", [3000, 7001])
def test_values_with_line_feeds_change_nothing(
    block_bytes: int, group_blocks: int, edges: list[str], tmp_path: Path
) -> None:
    how = {"block_bytes": block_bytes, "group_blocks": group_blocks}
    assert stored(edges, tmp_path / "store", **how) == with_a_scan(edges, tmp_path / "scanned", **how)


def test_no_file_is_read_twice(paths: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for what is around the borders of regions."""
    read: Counter[str] = Counter()
    opened = Source.open

    class Counted:
        def __init__(self, file: Any, name: str) -> None:
            self._file, self._name = file, name

        def __enter__(self) -> "Counted":
            return self

        def __exit__(self, *_: object) -> None:
            self._file.close()

        def seek(self, place: int) -> None:
            self._file.seek(place)

        def read(self, size: int) -> bytes:
            content: bytes = self._file.read(size)
            read[self._name] += len(content)
            return content

        def readinto(self, buffer: Any) -> int:
            size: int = self._file.readinto(buffer)
            read[self._name] += size
            return size

    monkeypatch.setattr(Source, "open", lambda source: Counted(opened(source), source.name))
    # A piece that is begun is read to its end.
    county = {"alameda.csv": "ALAMEDA", "yolo.csv": "YOLO"}
    monkeypatch.setattr(regions, "_LOOKED_BACK", 2000)
    stored(paths, tmp_path / "store", county=county)
    for path in paths:
        size = Path(path).stat().st_size
        looked_at = 2**11 + (size // (2 * BLOCK)) * (2000 + 1000)
        assert size <= read[Path(path).name] <= size + looked_at
    again: Counter[str] = Counter(read)
    with_a_scan(paths, tmp_path / "scanned", county=county)
    for path in paths:
        assert read[Path(path).name] - again[Path(path).name] >= 1.9 * Path(path).stat().st_size


def with_lines(path: str, wanted: dict[int, bytes]) -> str:
    """The extract with other bytes before some of its lines, counted with the header from 0."""
    lines = Path(path).read_bytes().splitlines(keepends=True)
    content = b"".join(wanted.get(place, b"") + line for place, line in enumerate(lines))
    Path(path).write_bytes(content)
    return path


SHORT = rendered([conviction("77", "ALAMEDA", CNT_ORDER="1")], header=False)
"""A record that can be told from others, but not used."""


@pytest.mark.parametrize("quarantine", [True, False])
def test_records_that_cannot_be_used_are_told_and_set_aside_with_their_lines(
    quarantine: bool, paths: list[str], tmp_path: Path
) -> None:
    path = with_lines(paths[0], {20: SHORT, 60: HEADER + SHORT, 61: SHORT})
    if not quarantine:
        with pytest.raises(ExtractError, match=r"alameda\.csv, line 21: .*\(2 more records cannot be used\)"):
            stored(paths, tmp_path / "store")
        assert len(list((tmp_path / "store").glob("staging/unscanned-*"))) == 1, "of the other extract"
        return
    cluster = NotingCluster()
    found = stored(paths, tmp_path / "store", quarantine=True, cluster=cluster)
    assert found == with_a_scan(paths, tmp_path / "scanned", quarantine=True)
    assert cluster.passes["scan extracts"] == 2, "they are not scanned after all"
    store = open_store(str(tmp_path / "store"))
    aside = store.quarantine(store.manifest.extracts[0])
    assert aside.column("line").to_pylist() == [21, 62, 63, 65]
    lines = Path(path).read_bytes().splitlines(keepends=True)
    assert aside.column("content").to_pylist() == [lines[line - 1] for line in aside.column("line").to_pylist()]


def test_findings_name_the_same_lines(paths: list[str], tmp_path: Path) -> None:
    odd = rendered([conviction("78", "ALAMEDA", PRI_DOB="18000101")], header=False)
    other = rendered([conviction("78", "ALAMEDA", 2, PRI_DOB="19700101", PRI_NAME="ROE,LEE")], header=False)
    with_lines(paths[0], {30: odd, 90: other, 91: odd})
    for store, take in (("store", stored), ("scanned", with_a_scan)):
        take(paths, tmp_path / store)
    told, scanned = (open_store(str(tmp_path / name)).manifest.extracts for name in ("store", "scanned"))
    assert [entry.findings for entry in told] == [entry.findings for entry in scanned]
    assert any(line > 80 for finding in told[0].findings for line in finding.lines)


MALFORMED = [b'a"b,\n', b'"' + b"never closed" * 3 + b"\n", b"too,few\n"]


@pytest.mark.parametrize("bad", MALFORMED)
def test_one_with_malformed_records_is_scanned_exactly(bad: bytes, paths: list[str], tmp_path: Path) -> None:
    with_lines(paths[0], {70: bad})
    cluster = NotingCluster()
    found = stored(paths, tmp_path / "store", quarantine=True, cluster=cluster)
    assert found == with_a_scan(paths, tmp_path / "scanned", quarantine=True)
    assert cluster.passes["scan extracts"] == 3
    with pytest.raises(ExtractError, match=r"alameda\.csv, line 71: "):
        stored(paths, tmp_path / "refused")
    left = list((tmp_path / "refused").glob("staging/unscanned-*/*"))
    assert [path.name for path in left if path.is_file()] == ["to-be-scanned"]
    assert len(left) == 2, "and what was read of the other extract"


def test_one_in_which_a_region_begins_within_quotes_is_read_from_its_beginning(tmp_path: Path) -> None:
    """Cut at the wrong line feed, the records of these lines look the same as at the right one."""
    commas = b"," * 94
    looks_right = [b'"' + commas + b'\n"' + commas + b"\n"] * 60
    content = extract("ALAMEDA", seed=5) + b"".join(looks_right) + extract("ALAMEDA", seed=5).partition(b"\n")[2]
    path, lost = put(tmp_path, "alameda.csv", content), 0
    for block_bytes in range(4000, 4400, 100):
        cluster = NotingCluster()
        name = str(block_bytes)
        how = {"block_bytes": block_bytes, "quarantine": True}
        found = stored(path, tmp_path / name, cluster=cluster, **how)
        assert found == with_a_scan(path, tmp_path / f"{name}-scanned", **how)
        lost += cluster.passes["scan extracts"] - 1
    assert lost


def test_the_same_file_under_another_name_is_known(paths: list[str], tmp_path: Path) -> None:
    store = tmp_path / "store"
    before = stored(paths, store)
    again = put(tmp_path, "other/october.csv", Path(paths[0]).read_bytes())
    cluster = NotingCluster()
    report = ingest(again, store, block_bytes=BLOCK, cluster=cluster)
    assert (report.unchanged, report.added) == (("alameda.csv",), ())
    assert cluster.passes["scan extracts"] == 2
    assert {name: content for name, content in contents(store).items() if not name.startswith("log")} == before
    # Under its own name it is not even read once more.
    cluster = NotingCluster()
    assert ingest(paths, store, block_bytes=BLOCK, cluster=cluster).unchanged == ("alameda.csv", "yolo.csv")
    assert cluster.passes["read extracts"] == 0


def test_a_new_extract_of_the_same_name_is_read_in_one_pass(
    paths: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    stored(paths, store)
    part = open_store(str(store)).manifest.extracts[0].parts[0]
    assert part.length == Path(paths[0]).stat().st_size
    lines = Path(paths[0]).read_bytes().splitlines(keepends=True)
    Path(paths[0]).write_bytes(b"".join(lines[:-3]))
    monkeypatch.setattr(long_extracts, "scan_extract", lambda *_: pytest.fail("it is new"))
    assert ingest(paths[0], store, block_bytes=BLOCK).added == ("alameda.csv",)
    # One of that length may be known.
    monkeypatch.undo()
    read_in_one_pass(monkeypatch)
    scanned: list[str] = []

    def noted(task: tuple[Source, int], *more: Any) -> Any:
        scanned.append(task[0].name)
        return scan_extract(task, *more)

    monkeypatch.setattr(long_extracts, "scan_extract", noted)
    assert ingest(paths[0], store, block_bytes=BLOCK).added == ()
    assert scanned == ["alameda.csv"]


def test_relative_paths_are_the_same_to_worker_processes(
    paths: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, two_processes: Cluster
) -> None:
    """What comes back from another process has no relative path."""
    monkeypatch.chdir(tmp_path)
    names = [Path(path).name for path in reversed(paths)]
    again = put(tmp_path, "october.csv", Path(paths[0]).read_bytes())
    # Worker processes know of no smaller extracts than usual.
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    content = Path(paths[0]).read_bytes()
    header, _, records = content.partition(b"\n")
    long = header + b"\n" + records * (1 + 2**17 // len(records))
    for name in ("alameda.csv", "october.csv"):
        Path(name).write_bytes(long)
    how = {"block_bytes": 2**15, "cluster": two_processes}
    county = {"alameda.csv": "ALAMEDA", "yolo.csv": "YOLO"}
    first = ingest(names, "store", county=county, **how)
    assert first.added == ("yolo.csv", "alameda.csv")
    county["october.csv"] = "ALAMEDA"
    assert ingest([Path(again).name, *names], "store", county=county, **how).added == ()
    del county["october.csv"]
    ingest(names, "threads", county=county, block_bytes=2**15)
    assert contents(Path("store")).keys() == contents(Path("threads")).keys()


def test_a_file_that_comes_twice_counts_once(paths: list[str], tmp_path: Path) -> None:
    twice = [*paths, put(tmp_path, "twice.csv", Path(paths[0]).read_bytes()), paths[1]]
    how = {"county": {"alameda.csv": "ALAMEDA", "twice.csv": "ALAMEDA", "yolo.csv": "YOLO"}}
    assert stored(twice, tmp_path / "store", **how) == with_a_scan(twice, tmp_path / "scanned", **how)


def test_a_file_of_which_records_were_destroyed_is_told(paths: list[str], tmp_path: Path) -> None:
    store = tmp_path / "store"
    stored(paths, store)
    held = open_store(str(store))
    number = held.block(held.manifest.extracts[0], 0, 0, ["CII_NUMBER"]).column("CII_NUMBER")[0].as_py()
    clearscale.purge(str(store), cii=number.decode())
    again = put(tmp_path, "october.csv", Path(paths[0]).read_bytes())
    others = tuple(name for name in state().findings.listed if name != PURGED_RECORDS)
    with pytest.raises(ExtractError, match=PURGED_RECORDS):
        ingest(again, store, block_bytes=BLOCK, accept=others)
    assert not [path for path in store.glob("staging/*") if path.suffix != ".lock"]
    assert ingest(again, store, block_bytes=BLOCK).added == ("october.csv",)


@pytest.mark.parametrize("after", range(0, 12, 3))
@pytest.mark.parametrize("label", ["read extracts", "store records", "fold histories"])
def test_an_interrupted_ingest_goes_on(label: str, after: int, paths: list[str], tmp_path: Path) -> None:
    whole = stored(paths, tmp_path / "whole")
    store = tmp_path / "store"
    try:
        stored(paths, store, cluster=InterruptingCluster(label, after))
    except Interrupted:
        finished = len(list(store.glob("staging/unscanned-*/*/*.json")))
        assert finished >= after or label != "read extracts"
        cluster = NotingCluster()
        assert stored(paths, store, cluster=cluster) == whole
        read = NotingCluster()
        stored(paths, tmp_path / "other", cluster=read)
        assert cluster.passes["read extracts"] == read.passes["read extracts"] - finished
    else:
        assert label != "read extracts"
        assert stored(paths, store) == whole


def test_a_file_that_changes_meanwhile_is_refused(paths: list[str], tmp_path: Path) -> None:
    content = Path(paths[0]).read_bytes()
    for other in (content.replace(b"11357", b"11358"), content[: len(content) // 2], content + content[-300:]):
        cluster = ChangingCluster("read extracts", lambda: replaced(Path(paths[0]), other))  # noqa: B023
        with pytest.raises(ExtractError, match=r"alameda\.csv: the file changed while it was being read"):
            ingest(paths, tmp_path / "store", cluster=cluster, block_bytes=BLOCK)
        Path(paths[0]).write_bytes(content)


def test_a_file_that_changed_since_an_interrupted_ingest_is_read_anew(paths: list[str], tmp_path: Path) -> None:
    store = tmp_path / "store"
    with pytest.raises(Interrupted):
        stored(paths, store, cluster=InterruptingCluster("fold histories"))
    replaced(Path(paths[0]), Path(paths[0]).read_bytes().replace(b"11357", b"11358"))
    assert stored(paths, store) == stored(paths, tmp_path / "other")


def test_a_staged_region_that_was_damaged_is_read_again(paths: list[str], tmp_path: Path) -> None:
    whole = stored(paths, tmp_path / "whole")
    store = tmp_path / "store"
    with pytest.raises(Interrupted):
        stored(paths, store, cluster=InterruptingCluster("fold histories"))
    pieces = sorted(store.glob("staging/unscanned-*/*/*.pieces"))
    assert len(pieces) > 3
    pieces[0].write_bytes(pieces[1].read_bytes())
    marker = json.loads(pieces[2].with_suffix(".json").read_text())
    marker["region"]["start"] += 1
    pieces[2].with_suffix(".json").write_text(json.dumps(marker))
    cluster = NotingCluster()
    assert stored(paths, store, cluster=cluster) == whole
    assert cluster.passes["read extracts"] == 2


def test_a_dry_run_says_the_same_and_writes_nothing(paths: list[str], tmp_path: Path) -> None:
    dry = ingest(paths, tmp_path / "store", block_bytes=BLOCK, dry_run=True)
    assert not (tmp_path / "store").exists() or not contents(tmp_path / "store")
    wet = ingest(paths, tmp_path / "store", block_bytes=BLOCK)
    assert (dry.records, dry.stored, dry.findings) == (wet.records, wet.stored, wet.findings)


def test_frames_of_a_compressed_extract_are_read_in_one_pass(
    paths: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = []
    for path in paths:
        content = Path(path).read_bytes()
        frames = [pa.compress(content[at : at + 4000], "zstd", asbytes=True) for at in range(0, len(content), 4000)]
        packed.append(put(tmp_path, f"{Path(path).name}.zst", b"".join(frames)))
    cluster = NotingCluster()
    found = stored(packed, tmp_path / "store", cluster=cluster)
    assert found == with_a_scan(packed, tmp_path / "scanned")
    assert cluster.passes["scan long extracts"] == 0
    monkeypatch.setattr(first_round, "region_tasks", lambda *_: pytest.fail("it is compressed in one piece"))
    whole = [
        put(tmp_path / "one", Path(path).name, pa.compress(Path(path).read_bytes(), "zstd", asbytes=True))
        for path in paths
    ]
    renamed = [str(Path(path).rename(f"{path}.zst")) for path in whole]
    assert "manifest.json" in stored(renamed, tmp_path / "one-piece")


def test_an_extract_elsewhere(paths: list[str], tmp_path: Path) -> None:
    memory = fsspec.filesystem("memory")
    urls = [f"memory:/{path}" for path in paths]
    for url, path in zip(urls, paths, strict=True):
        memory.pipe(url, Path(path).read_bytes())
    # Whoever opens a file in memory gets the same one: only one may read it at a time.
    assert stored(urls, tmp_path / "far", cluster=NotingCluster(1)) == stored(paths, tmp_path / "near")


def test_a_header_that_is_longer_than_what_is_looked_at_is_no_reason_to_fail(
    paths: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_LONGEST_OPENING", 100)
    assert long_extracts.form_looked_at(Source(paths[0]), by_names) is None
    assert stored(paths, tmp_path / "store") == with_a_scan(paths, tmp_path / "scanned")
