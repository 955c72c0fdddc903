"""Pipes and standard input are read once, into private files that go again; devices are refused by name."""

import contextlib
import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

import clearscale
from clearscale.errors import ExtractError
from clearscale.io.spool import Spool, readable
from tests.support.samples import ACCEPTING, AS_OF, extract, policy_file, put
from tests.support.waiting import wait_until

CONTENT = extract()
PROGRAM = [sys.executable, "-m", "clearscale"]
PATIENCE = 60


@pytest.fixture(autouse=True)
def spools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files; nothing is left there."""
    folder = tmp_path / "spools"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield folder
    assert list(folder.glob("clearscale-spool-*")) == []


def feeding(path: Path, content: bytes) -> None:
    """A named pipe into which another thread writes."""
    os.mkfifo(path)

    def feed() -> None:
        with contextlib.suppress(BrokenPipeError):  # whoever reads may stop
            path.write_bytes(content)

    threading.Thread(target=feed, daemon=True).start()


def run(*words: str, given: bytes | None = None, code: int = 0) -> tuple[str, str]:
    """(standard output, standard error) of a command that is given bytes on standard input."""
    done = subprocess.run([*PROGRAM, *words], input=given, capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == code, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    return done.stdout.decode(), done.stderr.decode()


def test_a_copy_is_private_and_gone_afterwards(tmp_path: Path, spools: Path) -> None:
    pipe = tmp_path / "july.csv"
    feeding(pipe, CONTENT)
    with readable([str(pipe), "s3://bucket/x.csv", str(tmp_path / "absent.csv")]) as (copy, url, absent):
        assert Path(copy).read_bytes() == CONTENT
        assert Path(copy).name == "july.csv"
        assert Path(copy).stat().st_mode & 0o777 == 0o600
        assert Path(copy).parent.stat().st_mode & 0o777 == 0o700
        assert spools in Path(copy).parents
        assert (url, absent) == ("s3://bucket/x.csv", str(tmp_path / "absent.csv"))
    assert not Path(copy).exists()


def test_a_copy_is_gone_after_an_interruption(tmp_path: Path) -> None:
    feeding(tmp_path / "pipe", CONTENT)
    with pytest.raises(KeyboardInterrupt), readable([str(tmp_path / "pipe")]) as (copy,):
        raise KeyboardInterrupt
    assert not Path(copy).exists()


def test_a_pipe_that_does_not_wait_is_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = os.pipe()
    os.set_blocking(ends[0], False)

    def feed() -> None:
        for at in range(0, len(CONTENT), 1000):
            os.write(ends[1], CONTENT[at : at + 1000])
            time.sleep(0.002)
        os.close(ends[1])

    with os.fdopen(ends[0]) as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        threading.Thread(target=feed, daemon=True).start()
        with readable(["-"]) as (copy,):
            assert Path(copy).read_bytes() == CONTENT


def by_pzstd(content: bytes) -> bytes:
    """As that packs it: behind a frame that holds no content, but the length of the next."""
    packed: bytes = pa.compress(content, codec="zstd", asbytes=True)
    return b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + len(packed).to_bytes(4, "little") + packed


def test_what_is_compressed_has_its_ending(tmp_path: Path) -> None:
    feeding(tmp_path / "pipe", gzip.compress(CONTENT))
    feeding(tmp_path / "july.csv.gz", gzip.compress(CONTENT))
    feeding(tmp_path / "other", by_pzstd(CONTENT))
    with readable([str(tmp_path / name) for name in ("pipe", "july.csv.gz", "other")]) as copies:
        assert [Path(copy).name for copy in copies] == ["pipe.csv.gz", "july.csv.gz", "other.csv.zst"]


def test_what_is_no_file_and_no_pipe_is_refused_by_name(tmp_path: Path) -> None:
    server = socket.socket(socket.AF_UNIX)
    os.chdir(tmp_path)  # names of sockets are short
    server.bind("plug")
    for path, kind in (
        ("/dev/zero", "a device"),
        ("/dev/null", "a device"),
        (str(tmp_path), "a folder"),
        ("plug", "a socket"),
    ):
        with pytest.raises(ExtractError, match=f"is {kind}, not an extract"), readable([path]):
            pass
    server.close()


def test_a_pipe_given_twice_is_refused(tmp_path: Path) -> None:
    feeding(tmp_path / "pipe", CONTENT)
    twice = [str(tmp_path / "pipe"), f"{tmp_path}/./pipe"]
    with pytest.raises(ExtractError, match="can be read once only, and is given twice"), readable(twice):
        pass


def test_no_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    feeding(tmp_path / "pipe", b"x" * 2**21)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    monkeypatch.setattr(signal, "SIGXFSZ", signal.SIGXFSZ)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, hard))
    try:
        with pytest.raises(ExtractError, match="set TMPDIR to a folder with more room"), Spool() as spool:
            spool.path_of(str(tmp_path / "pipe"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def ingested(store: Path) -> tuple[str, dict[str, int]]:
    opened = clearscale.open_store(store)
    (entry,) = opened.manifest.extracts
    return entry.digest, dict(opened.manifest.counts)


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, int]]:
    """What an ingest of the file itself leaves."""
    folder = tmp_path_factory.mktemp("wanted")
    clearscale.ingest(put(folder, "a.csv", CONTENT), folder / "store", county="ALAMEDA", accept=ACCEPTING[1::2])
    return ingested(folder / "store")


def test_an_ingest_of_a_named_pipe(tmp_path: Path, wanted: tuple[str, dict[str, int]]) -> None:
    feeding(tmp_path / "a.csv", CONTENT)
    report = clearscale.ingest(tmp_path / "a.csv", tmp_path / "store", county="ALAMEDA", accept=ACCEPTING[1::2])
    assert report.added == ("a.csv",)
    assert ingested(tmp_path / "store") == wanted


@pytest.mark.parametrize(
    ("path", "content"),
    [("-", CONTENT), ("/dev/stdin", CONTENT), ("-", gzip.compress(CONTENT)), ("-", by_pzstd(CONTENT))],
    ids=["dash", "device", "gz", "zst"],
)
def test_an_ingest_of_standard_input(
    path: str, content: bytes, tmp_path: Path, wanted: tuple[str, dict[str, int]]
) -> None:
    words = ("ingest", path, "--store", str(tmp_path / "store"), "--county=ALAMEDA", "--json", *ACCEPTING)
    output, _ = run(*words, given=content)
    assert json.loads(output)["added"][0].startswith("standard-input.csv")
    assert ingested(tmp_path / "store") == wanted


def test_a_redirected_file_is_read_where_it_lies(tmp_path: Path, wanted: tuple[str, dict[str, int]]) -> None:
    path = put(tmp_path, "a.csv", CONTENT)
    words = [
        *PROGRAM,
        "ingest",
        "/dev/stdin",
        "--store",
        str(tmp_path / "store"),
        "--county=ALAMEDA",
        "--json",
        *ACCEPTING,
    ]
    with Path(path).open("rb") as file:
        done = subprocess.run(words, stdin=file, capture_output=True, timeout=PATIENCE, check=True)
    assert json.loads(done.stdout)["added"] == ["a.csv"]
    assert ingested(tmp_path / "store") == wanted


@pytest.mark.long
def test_workers_read_the_copy(tmp_path: Path, wanted: tuple[str, dict[str, int]]) -> None:
    store = str(tmp_path / "store")
    run(
        "ingest",
        "-",
        "--store",
        store,
        "--county=ALAMEDA",
        "--cluster",
        "local:1",
        "--quiet",
        *ACCEPTING,
        given=CONTENT,
    )
    assert ingested(tmp_path / "store") == wanted


@pytest.mark.long
def test_gogen_run_of_pipes(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", CONTENT)
    feeding(tmp_path / "pipe.csv", CONTENT)
    given = [f"--eligibility-options={policy_file(tmp_path)}", f"--compute-at={AS_OF}", "-c=ALAMEDA"]
    run("gogen", "run", f"--input-doj={path}", f"--outputs={tmp_path}/plain", *given)
    _, said = run(
        "gogen", "run", f"--input-doj={tmp_path}/pipe.csv,-", f"--outputs={tmp_path}/o", *given, given=CONTENT
    )
    assert f"warning: -: holds the same as {tmp_path}/pipe.csv; all in it counts twice" in said.splitlines()
    for name in ("All_Results", "All_Results_Condensed", "Prop64_Results"):
        for number in (1, 2):
            plain = (tmp_path / f"plain/{name}.csv").read_bytes()
            assert (tmp_path / f"o/{name}_{number}.csv").read_bytes() == plain
    _, said = run("gogen", "run", f"--input-doj=/dev/zero,{tmp_path}", f"--outputs={tmp_path}/x", *given, code=1)
    assert "/dev/zero: /dev/zero: is a device, not an extract; name a file or a pipe" in said.splitlines()
    assert f"{tmp_path}: read {tmp_path}: is a directory" in said.splitlines()


@pytest.mark.long
def test_process_substitution(tmp_path: Path, wanted: tuple[str, dict[str, int]]) -> None:
    path, store = put(tmp_path, "a.csv", CONTENT), tmp_path / "store"
    given = f"--store {store} --county ALAMEDA --quiet {' '.join(ACCEPTING)}"
    command = f"{sys.executable} -m clearscale ingest <(cat {path}) {given}"
    subprocess.run(["bash", "-c", command], capture_output=True, timeout=PATIENCE, check=True)
    assert ingested(store) == wanted


def test_ctrl_c_while_a_pipe_is_read_leaves_nothing(tmp_path: Path, spools: Path) -> None:
    # A shell lets what it starts in the background ignore Ctrl-C.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from clearscale.commands.main import main; main()"
    )
    words = [sys.executable, "-c", code, "ingest", "-", "--store", str(tmp_path / "store")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as command:
        assert command.stdin is not None
        assert command.stderr is not None
        command.stdin.write(CONTENT * (2**21 // len(CONTENT)))
        command.stdin.flush()
        wait_until(lambda: any(spools.glob("clearscale-spool-*/*/*")), command)
        command.send_signal(signal.SIGINT)
        command.wait(PATIENCE)
        said = command.stderr.read().decode()
    assert command.returncode == 130
    assert "interrupted" in said
    assert not (tmp_path / "store").exists()


def test_standard_input_that_is_closed(tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m clearscale ingest - --store {tmp_path}/store <&-"],
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert b"clearscale: standard input is closed; name a file, or pipe an extract into the command" in done.stderr


def test_names_with_two_colons_are_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    put(tmp_path, "a::b.csv", CONTENT)
    report = clearscale.ingest("a::b.csv", "s::t", county="ALAMEDA", accept=ACCEPTING[1::2])
    assert report.added == ("a::b.csv",)
    assert (tmp_path / "s::t" / "manifest.json").exists()


def test_a_folder_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", CONTENT)
    for folder in (f"{tmp_path}/\udcff", f"{tmp_path}/\udcff/store"):
        with pytest.raises(clearscale.ClearscaleError, match="must be UTF-8"):
            clearscale.ingest(path, folder, county="ALAMEDA", accept=ACCEPTING[1::2])
        with pytest.raises(clearscale.ClearscaleError, match="must be UTF-8"):
            clearscale.open_run(folder)


def test_what_a_killed_command_left_goes_with_the_next(tmp_path: Path, spools: Path) -> None:
    words = [*PROGRAM, "ingest", "-", "--store", str(tmp_path / "store"), *ACCEPTING]
    killed = subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert killed.stdin is not None
    killed.stdin.write(CONTENT[:5000])
    killed.stdin.flush()
    wait_until(lambda: list(spools.glob("clearscale-spool-*/1/*")), killed)
    [left] = spools.iterdir()
    feeding(tmp_path / "pipe", CONTENT)
    with readable([str(tmp_path / "pipe")]):
        assert left.exists(), "it is at work"
    killed.kill()
    killed.wait()
    feeding(tmp_path / "another", CONTENT)
    with readable([str(tmp_path / "another")]) as (copy,):
        assert not left.exists()
        assert Path(copy).exists()
