"""Two commands at once on one store or into one folder: each is done or told, nothing is mixed."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale_cluster.places.embedded import EmbeddedCluster
from tests.support.examples import at_length, long
from tests.support.samples import extract, ingest, put
from tests.support.together import COMMANDS, Outcome, Processes, in_threads, outcome, prepared, written

INTO_ONE_FOLDER = [
    (("run", "2020-07-01"), ("run", "2020-07-01")),
    (("run", "2020-07-01"), ("run", "2020-07-02")),
    (("export", "run", "ALAMEDA"), ("export", "run", "YOLO")),
    (("export", "run", "ALAMEDA"), ("export", "other", "ALAMEDA")),
    (("sweep", "40"), ("sweep", "50,55")),
    (("gogen", "fresno.csv", "FRESNO"), ("gogen", "solano.csv", "SOLANO")),
    (("gogen", "solano.csv", "SOLANO"), ("gogen", "solano.csv", "SOLANO")),
    (("tables", "run"), ("tables", "other")),
    (("diff", "run", "other"), ("diff", "other", "run")),
    (("check",), ("check",)),
]

INTO_ONE_STORE = [
    (("ingest", "fresno.csv"), ("ingest", "solano.csv")),
    (("ingest", "fresno.csv"), ("ingest", "fresno.csv")),
    (("ingest", "bad.csv"), ("ingest", "bad.csv", "quarantine")),
    (("ingest", "fresno.csv"), ("run", "2020-07-01")),
    (("ingest", "fresno.csv"), ("export", "run", "ALAMEDA")),
    (("ingest", "solano.csv"), ("read",)),
    (("ingest", "solano.csv"), ("verify",)),
]

SAMPLE = (0, 2, 6, 10, 12, 13, 15)
"""Places of pairs that are tried each time: one of each two kinds of command."""

IN_PROCESSES = 200
"""Pairs that are tried at length."""


@pytest.fixture(scope="module")
def prepared_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("together") / "prepared"
    prepared(folder)
    return folder


@pytest.fixture(scope="module")
def alone(prepared_once: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], dict[str, bytes]]:
    """What each command that writes into a folder of its own writes there."""
    found = {}
    for pair in INTO_ONE_FOLDER:
        for name, *arguments in pair:
            if (name, *arguments) not in found:
                out = tmp_path_factory.mktemp("alone")
                COMMANDS[name](prepared_once, out, *arguments)
                found[name, *arguments] = written(out)
    return found


@pytest.fixture(scope="module")
def processes() -> Processes:
    return Processes()


def said(found: Sequence[Outcome]) -> str:
    """How commands ended, with the whole of each message, which pytest would shorten."""
    return "\n".join(f"{ending.kind}: {ending.message}" for ending in found)


def into_one_folder(together: Any, pair: Any, folder: Path, out: Path, alone: Any) -> None:
    first, second = ((name, folder, out, *arguments) for name, *arguments in pair)
    found = together(first, second)
    assert {ending.kind for ending in found} <= {"done", "told"}, said(found)
    assert "done" in {ending.kind for ending in found}, found
    done = [alone[command] for command, ending in zip(pair, found, strict=True) if ending.kind == "done"]
    assert written(out) in done, found


def into_one_store(together: Any, pair: Any, folder: Path, out: Path, alone: Any) -> None:
    commands = [(name, folder, out, *arguments) for name, *arguments in pair]
    found = together(*commands)
    assert {ending.kind for ending in found} <= {"done", "told"}, said(found)
    assert all(
        str(folder) in ending.message or "bad.csv" in ending.message for ending in found if ending.message
    ), found
    for command, (name, *arguments), ending in zip(commands, pair, found, strict=True):
        if ending.kind == "told" and (name, *arguments) != ("ingest", "bad.csv"):
            assert name == "ingest", found
            again = outcome(*command)
            assert again.kind == "done", again
        if (name, *arguments) in alone:
            assert name == "run" or written(out) == alone[name, *arguments]
    manifest = clearscale.open_store(folder / "store").manifest
    expected = {"alameda.csv", "yolo.csv", *(arguments[0] for name, *arguments in pair if name == "ingest")}
    assert {entry.name for entry in manifest.extracts} == expected
    # The next ingest clears away what those that were told have left.
    ingest(str(folder / "next.csv"), folder / "store", cluster=EmbeddedCluster(1))
    assert not (folder / "store" / "staging").exists()
    assert not clearscale.verify(folder / "store", cluster=EmbeddedCluster(1)).damaged
    records = {entry.id for entry in clearscale.open_store(folder / "store").manifest.extracts}
    assert {path.name for path in (folder / "store" / "records").iterdir()} == records


def tried(together: Any, pair: Any, prepared_once: Path, place: Path, alone: Any) -> None:
    folder = place / "folder"
    shutil.copytree(prepared_once, folder)
    if pair in INTO_ONE_FOLDER:
        into_one_folder(together, pair, folder, place / "out", alone)
    else:
        put(folder, "next.csv", extract("MARIN", 6, 5))
        into_one_store(together, pair, folder, place / "out", alone)
    shutil.rmtree(place)


@pytest.mark.parametrize(
    "pair",
    [pair if place in SAMPLE else long(pair) for place, pair in enumerate([*INTO_ONE_FOLDER, *INTO_ONE_STORE])],
    ids=str,
)
def test_two_threads(pair: Any, prepared_once: Path, alone: Any, tmp_path: Path) -> None:
    tried(in_threads, pair, prepared_once, tmp_path / "place", alone)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("number", at_length(range(IN_PROCESSES)))
def test_two_processes(
    number: int, processes: Processes, prepared_once: Path, alone: Any, tmp_path: Path, in_memory: Path
) -> None:
    pairs = [*INTO_ONE_FOLDER, *INTO_ONE_STORE]
    # A disk and memory, so that commands meet at other moments.
    place = (in_memory if number // len(pairs) % 2 else tmp_path) / "place"
    tried(processes, pairs[number % len(pairs)], prepared_once, place, alone)
