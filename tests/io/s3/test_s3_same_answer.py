"""Extracts, store and run in S3 give the same bytes as the same in local folders."""

import json
from pathlib import Path

import boto3
import fsspec
import pytest

from clearscale import decisions, export, export_all, make_key, open_store, start_encryption
from clearscale.errors import RunError
from clearscale.io.encryption import ENCRYPTION
from clearscale.io.files import Folder
from clearscale.io.parts import FilePart
from clearscale.store.ingest import long_extracts
from tests.support.examples import is_long, long
from tests.support.in_stretches import in_stretches
from tests.support.s3_bucket import ALAMEDA, YOLO, Bucket, answers, put_local_extracts
from tests.support.samples import Interrupted, InterruptingCluster, contents, decide, decrypted, ingest, records
from tests.support.unscanned import read_in_one_pass

pytestmark = pytest.mark.slow

BLOCK_BYTES = 5_000 if is_long() else 15_000
"""Several blocks an extract."""

COUNTIES = ("ALAMEDA", "YOLO")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the extracts, a store, a run, and both counties' files."""
    folder = tmp_path_factory.mktemp("local")
    ingest(put_local_extracts(folder), folder / "store")
    decide(folder / "store", folder / "run")
    for county in COUNTIES:
        export(str(folder / "run"), county, str(folder / county))
    return folder


def result_files(folder: Path) -> dict[str, bytes]:
    """Exported files but for `gogen.json`, which says how long the run took."""
    return {name: content for name, content in contents(folder).items() if name != "gogen.json"}


@pytest.mark.parametrize("cluster", ["threads:2", long("local:2")])
def test_the_whole_way_in_s3(cluster: str, bucket: Bucket, local: Path, tmp_path: Path) -> None:
    bucket.put_extracts()
    report = ingest(bucket.url("in/*"), bucket.url("store"), cluster=cluster)
    assert report.added == ("alameda.csv", "yolo.csv.gz")
    assert bucket.contents("store") == contents(local / "store")
    run = decide(bucket.url("store"), bucket.url("run"), cluster)
    assert run.info["store"] == bucket.url("store")
    assert answers(bucket.contents("run")) == answers(contents(local / "run"))
    for county in COUNTIES:
        export(bucket.url("run"), county, str(tmp_path / county), cluster=cluster)
        assert result_files(tmp_path / county) == result_files(local / county)
        assert len(result_files(tmp_path / county)) == 3


@pytest.mark.long
def test_lists_and_all_counties_go_to_s3(bucket: Bucket, local: Path, tmp_path: Path) -> None:
    decisions(local / "run", out=tmp_path / "list.xlsx")
    decisions(local / "run", out=bucket.url("list.xlsx"))
    assert Folder(bucket.url("")).read("list.xlsx") == (tmp_path / "list.xlsx").read_bytes()
    for _ in range(2):  # the second time nothing is written
        assert export_all(local / "run", bucket.url("out")) == [
            bucket.url(f"out/{county.lower()}") for county in COUNTIES
        ]
    found = bucket.contents("out")
    for county in COUNTIES:
        for name, content in result_files(local / county).items():
            assert found[f"{county.lower()}/{name}"] == content


@pytest.mark.long
@pytest.mark.sampled
def test_a_store_with_several_blocks_an_extract(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put_extracts()
    ingest(bucket.url("in/*"), bucket.url("store"), block_bytes=BLOCK_BYTES, buckets=1)
    ingest(put_local_extracts(tmp_path), tmp_path / "store", block_bytes=BLOCK_BYTES, buckets=1)
    assert all(entry.blocks > 1 for entry in open_store(bucket.url("store")).manifest.extracts)
    assert bucket.contents("store") == contents(tmp_path / "store")
    assert records(bucket.url("store")) == records(tmp_path / "store")


@pytest.mark.long
def test_extracts_in_stretches(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.put_extracts()
    read_in_one_pass(monkeypatch, 8000)
    in_stretches(monkeypatch, piece_bytes=8000)
    monkeypatch.setattr(long_extracts, "threads_of", lambda *_: 3)  # the .gz by rapidgzip
    report = ingest(bucket.url("in/*"), bucket.url("store"), block_bytes=2**14, cluster="threads:3")
    assert report.alone == ("yolo.csv.gz",)
    ingest(put_local_extracts(tmp_path), tmp_path / "store", block_bytes=2**14, cluster="threads:1")
    assert bucket.contents("store") == contents(tmp_path / "store")
    assert all("-" in entry.digest for entry in open_store(bucket.url("store")).manifest.extracts)


def test_the_same_extract_twice_changes_nothing(bucket: Bucket, local: Path) -> None:
    extracts = bucket.put_extracts()
    bucket.put_folder(local / "store", "store")
    before = bucket.contents()
    bucket.server.clear()
    report = ingest(extracts, bucket.url("store"))
    assert report.added == ()
    assert report.unchanged == ("alameda.csv", "yolo.csv.gz")
    assert {request.method for request in bucket.server.requests} <= {"GET", "HEAD"}
    assert bucket.contents() == before


def test_the_manifest_is_the_last_that_an_ingest_writes(bucket: Bucket) -> None:
    extracts = bucket.put_extracts()
    for named in (extracts[:1], extracts):
        bucket.server.clear()
        ingest(named, bucket.url("store"), buckets=1)
        written = bucket.written()
        assert written[-1] == "store/manifest.json"
        assert written.count("store/manifest.json") == 1
        assert len(written) > 10
        last_put = max(place for place, request in enumerate(bucket.server.requests) if request.method == "PUT")
        removals = [place for place, request in enumerate(bucket.server.requests) if request.query == "delete"]
        assert removals
        assert min(removals) > last_put, "nothing is removed before the new snapshot is in force"


@pytest.mark.long
def test_run_json_is_the_last_that_a_run_writes(bucket: Bucket, local: Path) -> None:
    bucket.put_folder(local / "store", "store")
    bucket.server.clear()
    first = decide(bucket.url("store"), bucket.url("run"))
    assert bucket.written()[0] == "run/.unfinished.json"
    assert bucket.written()[-1] == "run/run.json"
    bucket.server.clear()
    assert decide(bucket.url("store"), bucket.url("run")).info == first.info
    assert bucket.written() == []


@pytest.mark.long
@pytest.mark.parametrize("moment", [("read extracts", 2), long(("fold histories", 0))])
def test_an_interrupted_ingest_goes_on_where_it_stopped(
    moment: tuple[str, int], bucket: Bucket, tmp_path: Path
) -> None:
    bucket.put_extracts()
    local_alameda, local_yolo = put_local_extracts(tmp_path)
    alameda = bucket.url("in/alameda.csv")
    ingest(local_yolo, tmp_path / "store", block_bytes=20_000, buckets=1)
    bucket.put_folder(tmp_path / "store", "store")
    before = open_store(bucket.url("store")).manifest
    with pytest.raises(Interrupted), InterruptingCluster(*moment) as cluster:
        ingest(alameda, bucket.url("store"), block_bytes=20_000, cluster=cluster)
    assert open_store(bucket.url("store")).manifest == before
    finished = {name for name in bucket.contents("store/staging") if name.endswith(".json")}
    assert finished
    bucket.server.clear()
    ingest(alameda, bucket.url("store"), block_bytes=20_000)
    again = {name for name in bucket.written() if name.removeprefix("store/staging/") in finished}
    assert again == set(), "finished blocks were read again"
    ingest(local_alameda, tmp_path / "store", block_bytes=20_000)
    assert bucket.contents("store") == contents(tmp_path / "store")


@pytest.mark.long
def test_an_interrupted_run_is_done_again(bucket: Bucket, local: Path) -> None:
    bucket.put_folder(local / "store", "store")
    with pytest.raises(Interrupted), InterruptingCluster("write results") as cluster:
        decide(bucket.url("store"), bucket.url("run"), cluster)
    with pytest.raises(RunError, match="there is no finished run"):
        export(bucket.url("run"), "YOLO", "nowhere")
    decide(bucket.url("store"), bucket.url("run"))
    assert answers(bucket.contents("run")) == answers(contents(local / "run"))


@pytest.mark.long
def test_what_others_write_is_seen_at_once(bucket: Bucket) -> None:
    folder = Folder(bucket.url("folder"))
    assert folder.names() == []
    assert not folder.exists("a")
    bucket.put("folder/a", b"1")
    assert folder.names() == ["a"]
    assert folder.exists("a")
    assert folder.read("a") == b"1"
    bucket.put("folder/a", b"2, and longer")
    assert folder.read("a") == b"2, and longer"
    [part] = folder.read_parts([FilePart("a", 3, 6, len(b"2, and longer"))])
    assert part.to_pybytes() == b"and"
    bucket.put("in/new.csv", ALAMEDA)
    assert ingest(bucket.url("in/*"), bucket.url("store"), buckets=1).added == ("new.csv",)
    bucket.put("in/newer.csv", YOLO)
    assert ingest(bucket.url("in/*"), bucket.url("store")).added == ("newer.csv",)


def test_folders_in_s3(bucket: Bucket) -> None:
    bucket.put("folder/", b"")  # what consoles put there for an empty folder
    bucket.put("folder-2/a", b"1")
    folder = Folder(bucket.url("folder"))
    assert folder.names() == []
    for number in range(3):
        folder.write(f"deep/{number}/file", b"x")
    assert folder.folder("deep").names() == ["0", "1", "2"]
    folder.remove("nothing")
    folder.remove("deep/1/file")
    assert folder.folder("deep").names() == ["0", "2"]
    folder.remove("deep")
    assert not folder.exists("deep")
    assert folder.names() == []
    assert Folder(bucket.url("folder-2")).names() == ["a"]
    assert Folder(bucket.url()).names() == ["folder", "folder-2"]


@pytest.mark.long
@pytest.mark.sampled
def test_an_encrypted_store_in_s3(bucket: Bucket, local: Path, tmp_path: Path) -> None:
    bucket.put_extracts()
    make_key(tmp_path / "key")
    start_encryption(bucket.url("store"), f"file:{tmp_path / 'key'}")
    for _ in range(2):  # the second takes in nothing, and reads what is there
        ingest(bucket.url("in/*"), bucket.url("store"))
    assert decrypted(bucket.url("store")) == contents(local / "store")
    assert not any(
        content.startswith((b"{", b"PAR1", b"ARROW1"))
        for path, content in bucket.contents("store").items()
        if path != ENCRYPTION
    )
    run = decide(bucket.url("store"), bucket.url("run"))
    assert [run.decisions(name) for name in run.info["decisions"]]
    export(bucket.url("run"), "YOLO", str(tmp_path / "YOLO"))
    assert result_files(tmp_path / "YOLO") == result_files(local / "YOLO")


@pytest.mark.long
def test_the_storage_encrypts_if_it_is_asked_to(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `FSSPEC_S3` says in the how-to; every object is written so, by conditional puts, too."""
    setting = '{"s3_additional_kwargs": {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/records"}}'
    monkeypatch.setitem(fsspec.config.conf, "s3", json.loads(setting))
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    bucket.put_extracts()
    ingest(bucket.url("in/*"), bucket.url("store"))
    decide(bucket.url("store"), bucket.url("run"))
    written = [path for path in bucket.contents() if not path.startswith("in/")]
    assert "store/manifest.json" in written
    for path in written:
        head = boto3.client("s3").head_object(Bucket=bucket.name, Key=path)
        assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", "alias/records"), path
    how_to = Path(__file__).parents[3] / "docs/how-to/encrypt.md"
    assert setting in how_to.read_text("utf-8")
