"""A storage that fails now and then changes nothing; one that goes on failing is told, and nothing is half done."""

import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest

from clearscale import export, open_store
from clearscale.errors import RunError
from clearscale.runs import open_run
from tests.support.examples import long
from tests.support.s3_bucket import Bucket, answers, command, put_local_extracts
from tests.support.s3_server import Faults, Request
from tests.support.samples import ACCEPTING, AS_OF, contents, decide, ingest, policy_file

pytestmark = pytest.mark.slow


WHOSE = (*ACCEPTING, "--county", "ALAMEDA")
"""Words of a command that takes in the first extract, which sits on edges of rules."""


def once(share: int) -> Callable[[Request], bool]:
    """Picks the first try of one in `share` of the requests."""
    seen: set[Request] = set()

    def hit(request: Request) -> bool:
        first = request not in seen
        seen.add(request)
        return first and zlib.crc32(request.path.partition("/")[2].encode()) % share == 0

    return hit


def always(method: str, begin: str = "", ending: str = "", query: str = "") -> Callable[[Request], bool]:
    """Picks the requests with a method for paths in the bucket with that begin and ending."""

    def hit(request: Request) -> bool:
        path = request.path.partition("/")[2]
        return (
            request.method == method
            and path.startswith(begin)
            and path.endswith(ending)
            and request.query.startswith(query)
        )

    return hit


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that are half a second late count as none."""
    monkeypatch.setitem(fsspec.config.conf, "s3", {"config_kwargs": {"read_timeout": 0.5}})


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that took the second extract, as `earlier`, then the first; a run of it; a county's files."""
    folder = tmp_path_factory.mktemp("local")
    alameda, yolo = put_local_extracts(folder)
    ingest(yolo, folder / "store", buckets=1, block_bytes=2**20)
    shutil.copytree(folder / "store", folder / "earlier")
    ingest(alameda, folder / "store", buckets=1, block_bytes=2**20)
    decide(folder / "store", folder / "run")
    export(str(folder / "run"), "ALAMEDA", str(folder / "files"))
    return folder


@pytest.mark.parametrize(
    ("kind", "share"),
    [long("InternalError", 1), long("SlowDown", 1), long("cut", 1), ("cut", 6), long("slow", 40)],
    ids=lambda value: str(value),
)
def test_failures_now_and_then_change_nothing(
    kind: str, share: int, request: pytest.FixtureRequest, bucket: Bucket, local: Path, tmp_path: Path
) -> None:
    if kind == "slow":
        request.getfixturevalue("impatient")
    alameda, yolo = bucket.put_extracts()
    bucket.fail(Faults(kind, once(share), seconds=0.75))
    ingest(yolo, bucket.url("store"), buckets=1, block_bytes=2**20)
    ingest(alameda, bucket.url("store"), buckets=1, block_bytes=2**20)
    decide(bucket.url("store"), bucket.url("run"))
    export(bucket.url("run"), "ALAMEDA", str(tmp_path / "files"))
    injected = bucket.heal()
    assert len(injected) >= (70 if share == 1 else 1)
    assert bucket.contents("store") == contents(local / "store")
    assert answers(bucket.contents("run")) == answers(contents(local / "run"))
    for name in ("All_Results.csv", "All_Results_Condensed.csv", "Prop64_Results.csv"):
        assert (tmp_path / "files" / name).read_bytes() == (local / "files" / name).read_bytes()


INGEST_FAILURES = {
    "extract": ("InternalError", always("HEAD", "in/alameda.csv"), "in/alameda.csv: cannot be read (the storage "),
    "extract's bytes": (
        "cut",
        always("GET", "in/alameda.csv"),
        "in/alameda.csv: cannot be read (its answer was cut",
    ),
    "late": (
        "slow",
        always("GET", "in/alameda.csv"),
        "in/alameda.csv: cannot be read (it did not answer in time; ",
    ),
    "records": ("SlowDown", always("PUT", "store/records/"), "cannot be written (the storage answered SlowDown; "),
    "staged rows": (
        "InternalError",
        always("PUT", "store/staging/", ".arrow"),
        "cannot be written (the storage an",
    ),
    "marker": (
        "InternalError",
        always("PUT", "store/staging/", ".json"),
        "cannot be written (the storage answered",
    ),
    "staged rows read": (
        "cut",
        always("GET", "store/staging/", ".arrow"),
        ".arrow: cannot be read (its ans",
    ),
    "denied": (
        "AccessDenied",
        always("PUT", "store/snapshots/"),
        "cannot be written (access is refused (AccessDen",
    ),
    "people": (
        "InternalError",
        always("PUT", "store/snapshots/", "people/bucket-00000.parquet"),
        "0.parquet: cannot be written (the ",
    ),
    "manifest": (
        "InternalError",
        always("PUT", "store/manifest.json"),
        "store/manifest.json: cannot be written (t",
    ),
    "manifest read": (
        "cut",
        always("GET", "store/manifest.json"),
        "store/manifest.json: cannot be read (its answe",
    ),
    "listing": (
        "InternalError",
        always("GET", "", query="list-type"),
        "(the storage answered InternalError; run th",
    ),
}


SAMPLE = {"records"}
"""Refused in the midst of an ingest."""


@pytest.mark.long
@pytest.mark.parametrize("name", [name if name in SAMPLE else long(name) for name in INGEST_FAILURES])
def test_an_ingest_that_cannot_go_on(
    name: str, request: pytest.FixtureRequest, bucket: Bucket, local: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kind, hits, message = INGEST_FAILURES[name]
    if kind == "slow":
        request.getfixturevalue("impatient")
    alameda, _ = bucket.put_extracts()
    bucket.put_folder(local / "earlier", "store")
    before = contents(local / "earlier")
    taking = ("ingest", alameda, "--store", bucket.url("store"), "--cluster", "threads:1", "--quiet", *WHOSE)
    bucket.fail(Faults(kind, hits, seconds=0.75))
    code, said = command(capsys, *taking)
    assert bucket.heal()
    assert code == 1
    assert len(said.splitlines()) == 1
    assert said.startswith(f"clearscale: s3://{bucket.name}/")
    assert message in said

    after = bucket.contents("store")
    assert {path: after[path] for path in before} == before
    assert [entry.name for entry in open_store(bucket.url("store")).manifest.extracts] == ["yolo.csv.gz"]
    assert command(capsys, *taking) == (0, "")
    assert bucket.contents("store") == contents(local / "store")


@pytest.mark.long
def test_an_ingest_that_cannot_tidy_up(bucket: Bucket, local: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alameda, _ = bucket.put_extracts()
    bucket.put_folder(local / "earlier", "store")
    taking = ("ingest", alameda, "--store", bucket.url("store"), "--quiet", *WHOSE)
    bucket.fail(Faults("InternalError", always("POST")))
    code, said = command(capsys, *taking)
    assert bucket.heal()
    assert code == 1
    assert f"{bucket.url('store/staging')}/alameda-" in said
    assert ": cannot be removed (the storage answered InternalError; run the same command again" in said
    assert len(open_store(bucket.url("store")).manifest.extracts) == 2, "the snapshot is in force all the same"
    assert command(capsys, *taking) == (0, "")
    assert bucket.contents("store") == contents(local / "store")


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize(("name", "cluster"), [long("run/.parts/", "local:1"), ("run/run.json", "threads:1")])
def test_a_run_that_cannot_go_on(
    name: str, cluster: str, bucket: Bucket, local: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket.put_folder(local / "store", "store")
    running = ("run", "--store", bucket.url("store"), "--policy", policy_file(tmp_path), "--as-of", AS_OF)
    running += ("--out", bucket.url("run"), "--quiet", "--cluster", cluster)
    bucket.fail(Faults("InternalError", always("PUT", name)))
    code, said = command(capsys, *running)
    assert bucket.heal()
    assert code == 1
    assert f"s3://{bucket.name}/{name}" in said
    assert "cannot be written (the storage answered InternalError; run the same command again)" in said
    with pytest.raises(RunError, match="there is no finished run"):
        open_run(bucket.url("run"))
    assert command(capsys, *running) == (0, "")
    found, expected = answers(bucket.contents("run")), answers(contents(local / "run"))
    assert {name for name in found if name.startswith("decisions")} == {
        name for name in expected if name.startswith("decisions")
    }
    for path in [path for path in expected if path.startswith("tables/")]:
        assert found[path] == expected[path]


@pytest.mark.long
def test_an_export_that_cannot_go_on(
    bucket: Bucket, local: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decide(bucket.put_folder(local / "store", "store"), bucket.url("run"))
    exporting = ("export", "--run", bucket.url("run"), "--county", "ALAMEDA", "--out", tmp_path / "out", "--quiet")
    for hits in (always("GET", "run/decisions/"), always("GET", "store/records/")):
        bucket.fail(Faults("cut", hits))
        code, said = command(capsys, *exporting)
        assert bucket.heal()
        assert code == 1
        assert ".parquet: cannot be read (its answer was cut short; run the same command again)" in said
        assert not (tmp_path / "out").exists() or contents(tmp_path / "out") == {}
    assert command(capsys, *exporting) == (0, "")
    expected = (local / "files/All_Results.csv").read_bytes()
    assert (tmp_path / "out/All_Results.csv").read_bytes() == expected
