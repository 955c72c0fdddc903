"""Nobody's words leave: a marked person is looked for in all that commands print, log and leave, with faults."""

import io
import itertools
import json
import logging
import resource
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import clearscale_cluster
from clearscale.api import clusters
from clearscale.commands.main import main
from clearscale.io.files import Folder
from clearscale.io.source import Source
from clearscale.outputs.serve.server import Server
from clearscale_cluster.places.embedded import EmbeddedCluster
from clearscale_kernels.jit import stored
from tests.support.canary import NAME, NUMBER, WORDS, found_below
from tests.support.examples import long

from .commands import Place, names


def looked_at(server: Server) -> bytes:
    """What a front page says of every extract of its folder, and of all of them together."""
    origin, said = server.url.rpartition(f"/{server.token}")[0], b""
    with urllib.request.urlopen(f"{server.url}folder") as answer:
        files = [file["name"] for extract in json.load(answer)["extracts"] for file in extract["files"]]
    assert files
    for chosen in (*([file] for file in files), files):
        given = {"kind": "look", "given": {"files": chosen, "quarantine": True}}
        request = urllib.request.Request(f"{server.url}start", json.dumps(given).encode(), {"Origin": origin})
        urllib.request.urlopen(request).close()
        job = {"status": "running"}
        while job["status"] == "running":
            with urllib.request.urlopen(f"{server.url}job") as answer:
                content = answer.read()
            job = json.loads(content)
        said += content
    return said


def visited(server: Server) -> None:
    """Serve pages to somebody who looks at all of them, then go."""
    thread = threading.Thread(target=serving, args=(server,))
    thread.start()
    seen = b""
    if server.receive is not None:
        seen += looked_at(server)
    for path in ("", "folder", "figures", "figures.csv", "figures?county=ALAMEDA", "curves", "none"):
        try:
            with urllib.request.urlopen(server.url + path) as answer:
                seen += answer.read()
        except urllib.error.HTTPError as error:
            seen += error.read()
    server.shutdown()
    thread.join()
    assert b"ALAMEDA" in seen
    assert [word for word in WORDS if word in seen] == []


serving: Callable[[Server], None] = Server.serve_forever


class Listener:
    """Runs commands in this process, and keeps what they say: on both streams, and in logs of any level."""

    def __init__(self, temporary: Path) -> None:
        self._temporary = temporary

    def __call__(self, words: list[str]) -> tuple[int, set[str]]:
        """(exit code, words of the person that it said or left in temporary files)."""
        said = io.StringIO()
        handler = logging.StreamHandler(said)
        root, level = logging.getLogger(), logging.getLogger().level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            with redirect_stdout(said), redirect_stderr(said), pytest.raises(SystemExit) as left:
                main(words)
        finally:
            root.removeHandler(handler)
            root.setLevel(level)
        content = said.getvalue().encode("utf-8", "backslashreplace")
        found = {word.decode() for word in WORDS if word in content}
        for places in found_below(self._temporary).values():
            found |= places
        assert isinstance(left.value.code, int)
        return left.value.code, found


@pytest.fixture(scope="module")
def listener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listener]:
    folder = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setattr(tempfile, "tempdir", None)
        patch.setattr(Server, "serve_forever", visited)
        yield Listener(folder)


@dataclass(frozen=True)
class Called:
    """A command's words, its code and the one that it should have, what it said, and what it left in files."""

    words: list[str]
    code: int
    wanted: int
    said: set[str]
    left: dict[str, set[str]]


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory, listener: Listener) -> tuple[Place, list[Called]]:
    """A place in which every command has been called, but that nobody was purged; and what each did."""
    place = Place(tmp_path_factory.mktemp("place") / "marked")
    found = []
    for name, calls in place.calls().items():
        for words, wanted in calls if name != "purge" else calls[:1]:
            code, said = listener(words)
            found.append(Called(words, code, wanted, said, place.leaks()))
    return place, found


def test_every_command_is_called(called: tuple[Place, list[Called]]) -> None:
    assert {*called[0].calls()} == {*names()}


def test_commands_leave_no_word(called: tuple[Place, list[Called]]) -> None:
    place, calls = called
    for call in calls:
        assert (call.code, call.said, call.left) == (call.wanted, set(), {}), call.words
    assert found_below(stored.folder()) == {}
    # The search sees them where they are by purpose.
    for folder in ("in", "store", "run/decisions", "diff", "export", "gogen"):
        assert found_below(place.root / folder) != {}, folder


def test_a_purge_leaves_no_word(called: tuple[Place, list[Called]], listener: Listener, tmp_path: Path) -> None:
    place = called[0].copied(tmp_path / "place")
    for words, code in place.calls()["purge"]:
        assert listener(words) == (code, set())
    assert place.leaks() == {}


class FailingCluster(EmbeddedCluster):
    """Threads in which a task fails as a library does, with a person's values in its message."""

    def map(self, function: Any, items: Any, **options: Any) -> Iterator[tuple[int, Any]]:
        def failing(item: Any) -> Any:
            function(item)
            fail()

        yield from super().map(failing, items, **options)


def fail(*_: Any, **__: Any) -> Any:
    """Fail as a library does, with a person's values in its message and in that of what led to it."""
    try:
        int(f"{NAME} {NUMBER}")
    except ValueError as error:
        raise KeyError(f"{NAME}\n{NUMBER}") from error


def failing_tasks(patch: pytest.MonkeyPatch) -> None:
    for module in (clusters, clearscale_cluster):
        patch.setattr(module, "open_cluster", lambda *_, **__: FailingCluster(1))


def failing_files(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Folder, "exists", fail)
    patch.setattr(Folder, "read", fail)
    patch.setattr(Source, "open", fail)


def failing_writes(patch: pytest.MonkeyPatch) -> None:
    """As on a full disk: no file can have more than some bytes."""
    del patch
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


FAULTS = {"tasks": failing_tasks, "files": failing_files, "writes": failing_writes}
IN_TURN = "each in turn"


@pytest.mark.parametrize("fault", [IN_TURN, *map(long, FAULTS)])
def test_faults_leave_no_word(
    fault: str, called: tuple[Place, list[Called]], listener: Listener, tmp_path: Path
) -> None:
    place = called[0].copied(tmp_path / "place")
    failed = set()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for (name, calls), one in zip(place.calls().items(), itertools.cycle(FAULTS), strict=False):
        with pytest.MonkeyPatch.context() as patch:
            try:
                FAULTS[one if fault == IN_TURN else fault](patch)
                code, said = listener(_fresh(calls[-1][0], tmp_path))
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert said == set(), name
        failed |= {name} if code else set()
    assert place.leaks() == {}
    assert found_below(tmp_path / "fresh") == {}
    assert len(failed) > 8, failed


def _fresh(words: list[str], folder: Path) -> list[str]:
    """The same words, but that what is made is made elsewhere, so that it is not there already."""
    outs = {name for flag, name in itertools.pairwise(words) if flag == "--out"}
    made = {name: str(folder / "fresh" / Path(name).name) for name in outs}
    return [made.get(word, word) for word in words]


def test_damaged_files_leave_no_word(
    called: tuple[Place, list[Called]], listener: Listener, tmp_path: Path
) -> None:
    """Every file of store and runs is damaged in its middle, so that whatever a command reads first is told."""
    place = called[0].copied(tmp_path / "place")
    for folder in ("store", "run", "other-run", "sweep", "copy", "charges", "charge-run"):
        for path in (place.root / folder).rglob("*"):
            if path.is_file() and path.name not in ("manifest.json", "run.json", "sweep.json"):
                content = bytearray(path.read_bytes())
                middle = len(content) // 2
                content[middle : middle + 8] = bytes(byte ^ 0x5A for byte in content[middle : middle + 8])
                path.write_bytes(content)
    failed = set()
    for name, calls in place.calls().items():
        code, said = listener(_fresh(calls[-1][0], tmp_path))
        assert said == set(), name
        failed |= {name} if code else set()
    assert {
        "check",
        "verify",
        "run",
        "export",
        "tables",
        "sweep",
        "diff",
        "explain",
        "report",
        "serve",
        "forecast",
    } <= failed
