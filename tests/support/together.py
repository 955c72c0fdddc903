"""Two commands at the same time: in two threads of this process, or in two processes."""

import json
import multiprocessing
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clearscale
from clearscale.commands import main
from clearscale.errors import ClearscaleError
from clearscale.runs.run import run as run_policy
from clearscale_cluster.places.embedded import EmbeddedCluster

from .samples import AS_OF, OPTIONS, POLICY, contents, ingest, policy_file
from .waiting import PATIENCE


@dataclass(frozen=True)
class Outcome:
    """How a command ended: "done", "told" with its message, or "failed" with a traceback."""

    kind: str
    message: str = ""


def _run(folder: Path, out: Path, as_of: str) -> None:
    run_policy(str(folder / "store"), POLICY, as_of, str(out / "run"), EmbeddedCluster(1))


def _ingest(folder: Path, out: Path, name: str, quarantine: str = "") -> None:
    ingest(str(folder / name), folder / "store", quarantine=bool(quarantine), cluster=EmbeddedCluster(1))


def _export(folder: Path, out: Path, run: str, county: str) -> None:
    clearscale.export(folder / run, county, out / "files", cluster=EmbeddedCluster(1))


def _sweep(folder: Path, out: Path, ages: str) -> None:
    vary = {"subjectAgeThreshold": [0, *map(int, ages.split(","))]}
    clearscale.sweep(folder / "store", "ca-bear-default", AS_OF, vary, out / "sweep", cluster=EmbeddedCluster(1))


def _gogen(folder: Path, out: Path, name: str, county: str) -> None:
    words = {
        "input-doj": folder / name,
        "outputs": out / "gogen",
        "county": county,
        "eligibility-options": folder / "policy.json",
        "compute-at": AS_OF,
    }
    try:
        main.main(["gogen", "run", *(f"--{word}={value}" for word, value in words.items())])
    except SystemExit as left:
        if left.code:
            raise ClearscaleError(f"exit code {left.code}") from None


def _tables(folder: Path, out: Path, run: str) -> None:
    clearscale.tables(folder / run, out / "tables")


def _diff(folder: Path, out: Path, before: str, after: str) -> None:
    clearscale.diff(folder / before, folder / after, out=out / "diff", cluster=EmbeddedCluster(1))


def _check(folder: Path, out: Path) -> None:
    clearscale.check(folder / "store", out=out / "checks", cluster=EmbeddedCluster(1))


def _verify(folder: Path, out: Path) -> None:
    found = clearscale.verify(folder / "store", cluster=EmbeddedCluster(1))
    assert not found.damaged, found.damaged


def _read(folder: Path, out: Path) -> None:
    store = clearscale.open_store(folder / "store")
    assert store.table("people").num_rows == store.manifest.counts["histories"]
    stored = sum(table.num_rows for entry in store.manifest.extracts for table in store.records(entry))
    assert stored == store.manifest.counts["rows"]


COMMANDS: Mapping[str, Callable[..., None]] = {
    "run": _run,
    "ingest": _ingest,
    "export": _export,
    "sweep": _sweep,
    "gogen": _gogen,
    "tables": _tables,
    "diff": _diff,
    "check": _check,
    "verify": _verify,
    "read": _read,
}


def outcome(name: str, *arguments: Any) -> Outcome:
    """Do a command; say how it ended."""
    try:
        COMMANDS[name](*arguments)
    except ClearscaleError as error:
        return Outcome("told", str(error))
    except BaseException:
        return Outcome("failed", traceback.format_exc())
    return Outcome("done")


def in_threads(first: tuple[Any, ...], second: tuple[Any, ...]) -> list[Outcome]:
    """Do two commands at once in this process."""
    start, found = threading.Barrier(2), [Outcome("failed", "did not end")] * 2

    def work(place: int, command: tuple[Any, ...]) -> None:
        start.wait(PATIENCE)
        found[place] = outcome(*command)

    threads = [
        threading.Thread(target=work, args=(place, command)) for place, command in enumerate((first, second))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return found


def _serve(start: Any, end: Any, command: tuple[Any, ...]) -> None:
    start.wait(PATIENCE)
    found = outcome(*command)
    end.send((found.kind, found.message))


class Processes:
    """Does two commands at once in two processes, which are forked from one that has imported all."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.support.together"])

    def __call__(self, first: tuple[Any, ...], second: tuple[Any, ...]) -> list[Outcome]:
        start, found = self._context.Barrier(2), []
        work = []
        for command in (first, second):
            ours, theirs = self._context.Pipe()
            process = self._context.Process(target=_serve, args=(start, theirs, command))
            process.start()
            theirs.close()
            work.append((process, ours))
        for process, ours in work:
            try:
                found.append(Outcome(*ours.recv()) if ours.poll(PATIENCE) else Outcome("failed", "did not end"))
            except EOFError:
                found.append(Outcome("failed", "ended without an answer"))
            process.join(PATIENCE)
            if process.is_alive():
                process.kill()
        return found


def written(folder: Path) -> dict[str, bytes]:
    """What a command wrote, without what differs each time."""
    found = contents(folder)
    for name in ("run/run.json", "sweep/sweep.json", "files/gogen.json", "gogen/gogen.json", "diff/diff.json"):
        if name in found:
            own = ("at", "seconds", "work", "digest", "processingTimeInSeconds", "store", "before", "after")
            kept = {key: value for key, value in json.loads(found[name]).items() if key not in own}
            found[name] = json.dumps(kept).encode()
    return found


def prepared(folder: Path) -> None:
    """What `uses.prepare` leaves, and extracts that are to come; `bad.csv` has a record that cannot be used."""
    from .samples import extract, put
    from .uses import prepare

    prepare(folder)
    policy_file(folder, OPTIONS)
    put(folder, "bad.csv", extract("KERN", 5, 20) + b"not a record\n")
    put(folder, "fresno.csv", extract("FRESNO", 3, 20))
    put(folder, "solano.csv", extract("SOLANO", 4, 20))
