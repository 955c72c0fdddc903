"""Long extracts, scanned in stretches: the same store as of a whole reading, and the same file is known again."""

import gzip
import hashlib
import itertools
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pytest

import clearscale
from clearscale.commands import show
from clearscale.errors import ExtractError
from clearscale.extract import Cut, stretches
from clearscale.io import parallel_gzip, source
from clearscale.io.frames import Frames
from clearscale.io.source import Source
from clearscale.store import open_store
from clearscale.store.ingest import long_extracts
from clearscale.store.ingest.scanning import Scan, scan_extract
from clearscale.store.ingest.unpacking import Unpacked
from clearscale.store.purging.purge import Wanted, purge
from clearscale_cluster.places.embedded import EmbeddedCluster
from clearscale_cluster.setup.cores import cores
from tests.support.changing import ChangingCluster, replaced
from tests.support.examples import long
from tests.support.in_stretches import in_stretches
from tests.support.noting import NotingCluster
from tests.support.samples import (
    Interrupted,
    InterruptingCluster,
    contents,
    decrypted,
    extract,
    ingest,
    put,
    refused,
)
from tests.support.unscanned import scanned_first

COUNTY = {"county": "ALAMEDA", "block_bytes": 10_000}


@pytest.fixture(autouse=True)
def scanned(monkeypatch: pytest.MonkeyPatch) -> None:
    """As extracts are that the store may have."""
    scanned_first(monkeypatch)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return put(tmp_path, "long.csv", extract("ALAMEDA", seed=5, scatter=True, padded=True))


def stored(path: str, folder: Path, cluster: EmbeddedCluster | None = None, **options: Any) -> dict[str, bytes]:
    ingest(path, folder, cluster=cluster or EmbeddedCluster(1), **COUNTY, **options)
    return {name: content for name, content in contents(folder).items() if not name.startswith("log")}


@pytest.mark.parametrize(("workers", "pieces"), [(1, 2), (3, 2), (3, 5)])
def test_any_stretches_and_workers_give_the_same_store(
    workers: int, pieces: int, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_stretches(monkeypatch, pieces=10**6)
    whole = stored(path, tmp_path / "whole")
    in_stretches(monkeypatch, pieces)
    cluster = NotingCluster(workers)
    assert stored(path, tmp_path / "stretches", cluster) == whole
    size = Path(path).stat().st_size
    assert cluster.passes["scan long extracts"] == -(-size // (1000 * pieces)) - 1 > 5
    (entry,) = open_store(str(tmp_path / "stretches")).manifest.extracts
    pieces_of = [Path(path).read_bytes()[start : start + 1000] for start in range(0, size, 1000)]
    lines = "".join(f"{hashlib.sha256(piece).hexdigest()}\n" for piece in pieces_of)
    assert entry.digest == f"{hashlib.sha256(lines.encode()).hexdigest()}-{len(pieces_of)}"


def test_stretches_of_an_extract_elsewhere(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = fsspec.filesystem("memory")
    url = f"memory:/{tmp_path.as_posix()}/long.csv"
    content = Path(path).read_bytes()
    memory.pipe(url, content)
    in_stretches(monkeypatch)
    # Whoever opens a file in memory gets the same one: only one may read it at a time.
    near, far = NotingCluster(3), NotingCluster(1)
    assert stored(url, tmp_path / "far", far) == stored(path, tmp_path / "near", near)
    assert far.passes["scan long extracts"] == near.passes["scan long extracts"] > 5
    cluster = ChangingCluster("scan long extracts", lambda: memory.pipe(url, content.replace(b"11357", b"11358")))
    with pytest.raises(ExtractError, match=r"long\.csv: the file changed while it was being read"):
        ingest(url, tmp_path / "store", cluster=cluster, **COUNTY)


def test_a_compressed_extract_is_the_same_file(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_stretches(monkeypatch)
    ingest(path, tmp_path / "store", **COUNTY)
    packed = put(tmp_path, "again.csv.gz", gzip.compress(Path(path).read_bytes()))
    assert ingest(packed, tmp_path / "store", **COUNTY).unchanged == ("long.csv",)


def in_frames(path: str, lengths: Sequence[int]) -> str:
    """The same compressed, frames of these lengths again and again."""
    content, packed = Path(path).read_bytes(), b""
    for length in itertools.cycle(lengths):
        frame, content = content[:length], content[length:]
        packed += pa.compress(frame, codec="zstd", asbytes=True)
        if not content:
            return put(Path(path).parent, "long.csv.zst", packed)
    raise AssertionError


@pytest.mark.parametrize("lengths", [(4000,), (900, 5000, 1)])
def test_frames_of_a_compressed_extract_are_read_by_many(
    lengths: tuple[int, ...], path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = in_frames(path, lengths)
    in_stretches(monkeypatch, pieces=10**6)
    whole, alone = NotingCluster(), NotingCluster()
    records = stored(path, tmp_path / "whole", whole)
    one_by_one = stored(packed, tmp_path / "alone", alone)
    in_stretches(monkeypatch)
    cluster = NotingCluster(3)
    assert stored(packed, tmp_path / "frames", cluster) == one_by_one
    assert {name: one_by_one[name] for name in records if name.startswith("records/")} == {
        name: content for name, content in records.items() if name.startswith("records/")
    }
    assert cluster.passes["scan long extracts"] > 5
    assert cluster.passes["read extracts"] == whole.passes["read extracts"] > 3
    assert alone.passes["read extracts"] == 1


@pytest.mark.parametrize("encrypted", [False, True])
def test_blocks_of_a_compressed_extract_are_kept_for_others_to_read(
    encrypted: bool, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_stretches(monkeypatch)
    packed = put(tmp_path, "packed.csv.gz", gzip.compress(Path(path).read_bytes()))
    alone, many = NotingCluster(1), NotingCluster(3)
    one_by_one = stored(packed, tmp_path / "alone", alone)
    if encrypted:
        clearscale.make_key(tmp_path / "key")
        clearscale.start_encryption(tmp_path / "many", f"file:{tmp_path / 'key'}")
    kept = []
    keep = Unpacked.keep

    def noted(self: Unpacked, cut: Cut) -> None:
        keep(self, cut)
        kept.extend(path.read_bytes() for path in (tmp_path / "many" / "staging").glob("unpacked-*/*.zst"))

    monkeypatch.setattr(Unpacked, "keep", noted)
    found = stored(packed, tmp_path / "many", many)
    assert alone.passes["read extracts"] == 1
    assert many.passes["read extracts"] > 3
    assert {file.startswith(b"\x28\xb5\x2f\xfd") for file in kept} == {not encrypted}
    assert not list(tmp_path.glob("many/staging/*"))
    if encrypted:
        found = decrypted(tmp_path / "many")
    assert {name: found[name] for name in one_by_one} == one_by_one


def test_kept_blocks_go_with_an_ingest_that_is_interrupted(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_stretches(monkeypatch)
    packed = put(tmp_path, "packed.csv.gz", gzip.compress(Path(path).read_bytes()))
    whole = stored(packed, tmp_path / "whole")

    class Interrupting(InterruptingCluster):
        workers = 2

    with pytest.raises(Interrupted):
        stored(packed, tmp_path / "store", Interrupting("read extracts", 2))
    assert not list((tmp_path / "store" / "staging").glob("unpacked-*/*"))
    assert stored(packed, tmp_path / "store", NotingCluster(3)) == whole


def test_a_report_names_what_one_worker_had_to_read_alone(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_stretches(monkeypatch)
    packed = put(tmp_path, "packed.csv.gz", gzip.compress(Path(path).read_bytes()))
    report = ingest(packed, tmp_path / "alone", **COUNTY)
    assert report.alone == ("packed.csv.gz",)
    show.ingest(report, "store")
    said = capsys.readouterr().out
    assert "packed.csv.gz: compressed in one piece, so one worker had to unpack it" in said
    assert "rapidgzip" not in said
    monkeypatch.setattr(parallel_gzip, "is_installed", lambda: False)
    show.ingest(report, "store")
    said = " ".join(capsys.readouterr().out.split())
    assert "With rapidgzip a worker unpacks .gz on several threads, where it may use 4 cores or more: " in said
    assert ingest(path, tmp_path / "plain", **COUNTY).alone == ()
    assert ingest(in_frames(path, (4000,)), tmp_path / "frames", **COUNTY).alone == ()
    monkeypatch.setattr(long_extracts, "STRETCH_BYTES", 10**6)
    assert ingest(packed, tmp_path / "short", **COUNTY).alone == ()


@pytest.fixture
def by_rapidgzip(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, int]]:
    """Have long .gz decompressed by rapidgzip, whatever this machine has; the shares and cores that were told."""
    assert parallel_gzip.is_installed()
    told = []

    def three(share: float, cores: int, _: int) -> int:
        told.append((share, cores))
        return 3

    monkeypatch.setattr(long_extracts, "threads_of", three)
    return told


def without_rapidgzip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_extracts, "threads_of", lambda *_: 0)


@pytest.mark.parametrize("cluster", [2, long(3)])
def test_rapidgzip_gives_the_same_store(
    cluster: int, path: str, tmp_path: Path, by_rapidgzip: list[tuple[float, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_stretches(monkeypatch)
    content = Path(path).read_bytes()
    half = content.index(b"\n", len(content) // 2) + 1
    packed = put(tmp_path, "long.csv.gz", gzip.compress(content[:half]) + gzip.compress(content[half:]))
    found = stored(packed, tmp_path / "threads", NotingCluster(cluster))
    assert by_rapidgzip == [(1.0, cores())]
    without_rapidgzip(monkeypatch)
    assert stored(packed, tmp_path / "python", NotingCluster(cluster)) == found


def test_extracts_share_the_cores_by_their_lengths(
    path: str, tmp_path: Path, by_rapidgzip: list[tuple[float, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_stretches(monkeypatch)
    content = Path(path).read_bytes()
    packed = [
        put(tmp_path, "alameda.csv.gz", gzip.compress(content)),
        put(tmp_path, "yolo.csv.gz", gzip.compress(extract("YOLO", seed=6, subjects=9))),
        put(tmp_path, "kern.csv.zst", bytes(pa.compress(extract("KERN", seed=7), codec="zstd", asbytes=True))),
    ]
    ingest(packed, tmp_path / "store", block_bytes=10_000, cluster=EmbeddedCluster(2))
    sizes = sorted(Path(name).stat().st_size for name in packed)
    assert sorted(share for share, _ in by_rapidgzip) == [size / sum(sizes) for size in sizes]


LATE = {
    "cut": lambda whole: whole[:-9],
    "cut in its last bytes": lambda whole: whole[:-3],
    "wrong checksum": lambda whole: whole[:-8] + bytes([whole[-8] ^ 1]) + whole[-7:],
    "wrong length": lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]),
    "a byte behind": lambda whole: whole + b"\n",
    "more behind": lambda whole: whole + b"more than that",
    "another begins": lambda whole: whole + whole[:20],
    "another is cut": lambda whole: whole + whole[:-40],
    "changed": lambda whole: whole[:-400] + bytes(byte ^ 255 for byte in whole[-400:-380]) + whole[-380:],
}


@pytest.mark.parametrize("damage", LATE)
def test_a_file_is_refused_in_the_same_words(
    damage: str, path: str, tmp_path: Path, by_rapidgzip: list[tuple[float, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_stretches(monkeypatch)
    packed = put(tmp_path, "long.csv.gz", LATE[damage](gzip.compress(Path(path).read_bytes())))
    said = refused(packed, tmp_path / "threads", cluster=EmbeddedCluster(2), **COUNTY)
    assert len(by_rapidgzip) == 1
    without_rapidgzip(monkeypatch)
    assert refused(packed, tmp_path / "python", cluster=EmbeddedCluster(2), **COUNTY) == said
    assert said.startswith("long.csv.gz: cannot be decompressed (")
    assert not (tmp_path / "threads" / "manifest.json").exists()


def test_zeros_behind_a_file_are_read_over(
    path: str, tmp_path: Path, by_rapidgzip: list[tuple[float, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_stretches(monkeypatch)
    packed = put(tmp_path, "long.csv.gz", gzip.compress(Path(path).read_bytes(), mtime=0))
    whole = stored(packed, tmp_path / "whole", EmbeddedCluster(2))
    Path(packed).write_bytes(Path(packed).read_bytes() + bytes(1000))
    assert stored(packed, tmp_path / "padded", EmbeddedCluster(2)).keys() == whole.keys()
    assert len(by_rapidgzip) == 2


def test_frames_that_were_taken_for_others_are_read_from_the_beginning(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = in_frames(path, (900, 5000))
    in_stretches(monkeypatch, pieces=10**6)
    one_by_one = stored(packed, tmp_path / "alone")
    in_stretches(monkeypatch)
    uneven = Source(packed).in_frames().frames
    assert uneven is not None
    guessed = Frames(uneven.begins, tuple(900 * k for k in range(len(uneven.places))))
    for taken in (guessed, Frames(uneven.begins, (*uneven.places[:-2], uneven.places[-1] - 10, uneven.places[-1]))):
        monkeypatch.setattr(source, "frames_of", lambda _, taken=taken: taken)
        shutil.rmtree(tmp_path / "store", ignore_errors=True)
        assert stored(packed, tmp_path / "store") == one_by_one


@pytest.mark.parametrize("damage", [b'a"b,\n', b'"' + b"never closed" * 3])
def test_bad_records_of_a_long_extract_are_set_aside(
    damage: bytes, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = Path(path).read_bytes().splitlines(keepends=True)
    damaged = put(tmp_path, "damaged.csv", b"".join(lines[:40]) + damage + b"".join(lines[40:]))
    in_stretches(monkeypatch, pieces=10**6)
    whole = stored(damaged, tmp_path / "whole", quarantine=True)
    in_stretches(monkeypatch)
    assert stored(damaged, tmp_path / "stretches", quarantine=True) == whole
    assert open_store(str(tmp_path / "whole")).manifest.extracts[0].quarantined > 0


def test_ends_that_are_not_where_they_are_expected_are_found_all_the_same(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_stretches(monkeypatch, pieces=10**6)
    whole = stored(path, tmp_path / "whole")
    in_stretches(monkeypatch)
    monkeypatch.setattr(stretches, "_SLACK", 0)

    read_whole: list[Source] = []

    def noted(task: tuple[Source, int]) -> Scan:
        read_whole.append(task[0])
        return scan_extract(task)

    monkeypatch.setattr(long_extracts, "scan_extract", noted)
    assert stored(path, tmp_path / "stretches") == whole
    assert len(read_whole) == 1


def test_a_file_that_changes_between_its_stretches_is_refused(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_stretches(monkeypatch)
    content = Path(path).read_bytes()
    for other in (content.replace(b"11357", b"11358"), content[: len(content) // 2], content * 2):
        cluster = ChangingCluster("scan long extracts", lambda: replaced(Path(path), other))  # noqa: B023
        with pytest.raises(ExtractError, match=r"long\.csv: the file changed while it was being read"):
            ingest(path, tmp_path / "store", cluster=cluster, **COUNTY)
        Path(path).write_bytes(content)
    assert not (tmp_path / "store" / "manifest.json").exists()


def test_an_ingest_that_was_interrupted_in_a_scan_is_done_again(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_stretches(monkeypatch)
    whole = stored(path, tmp_path / "whole")
    with pytest.raises(Interrupted):
        stored(path, tmp_path / "store", InterruptingCluster("scan long extracts", 3))
    assert stored(path, tmp_path / "store") == whole


@pytest.fixture
def earlier(path: str, tmp_path: Path) -> Path:
    """A store that knows the file by the SHA-256 of all its bytes."""
    ingest(path, tmp_path / "earlier", **COUNTY)
    (entry,) = open_store(str(tmp_path / "earlier")).manifest.extracts
    assert entry.digest == hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return tmp_path / "earlier"


def test_a_file_that_an_earlier_version_took_in_is_known(
    earlier: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(earlier)
    in_stretches(monkeypatch)
    assert ingest(path, earlier, **COUNTY).unchanged == ("long.csv",)
    assert contents(earlier / "records") == {
        name.removeprefix("records/"): content for name, content in before.items() if name.startswith("records/")
    }
    # With a part more, the file is read again, into the folders that it has.
    more = put(Path(path).parent, "more.csv", extract("ALAMEDA", seed=6))
    ingest([path, more], earlier, **COUNTY)
    (entry,) = open_store(str(earlier)).manifest.extracts
    assert entry.parts[0].digest == hashlib.sha256(Path(path).read_bytes()).hexdigest()
    assert "-" in entry.parts[1].digest


def test_a_file_that_was_purged_by_an_earlier_version_is_refused(
    earlier: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = put(Path(path).parent, "other.csv", extract("YOLO", seed=6))
    ingest(other, earlier, county="YOLO")
    (entry,) = (entry for entry in open_store(str(earlier)).manifest.extracts if entry.county == "ALAMEDA")
    purge(str(earlier), Wanted(extract=entry.id))
    in_stretches(monkeypatch)
    with pytest.raises(ExtractError, match="purged-records"):
        ingest(path, earlier, accept=(), **COUNTY)
