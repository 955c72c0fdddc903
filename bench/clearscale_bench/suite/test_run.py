"""A run over the state's store: resident, from the shell, and on worker processes."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import clearscale
from clearscale.api.clusters import warm_up
from clearscale.commands.demo import AS_OF, options
from clearscale_bench import work
from clearscale_bench.comparing import Bench
from clearscale_bench.data import Data
from clearscale_bench.measure import Program, first_and_again, process
from clearscale_bench.peers import duckdb_totals, polars_totals, run_totals
from clearscale_bench.report import Goal
from clearscale_cluster import open_cluster

BUCKETS = 16
"""At least so many for worker processes: a store as large as the state has more."""

FROM_HISTORIES = ("polars, counts from histories", "duckdb, counts from histories")
FROM_CONVICTIONS = ("polars, counts from convictions", "duckdb, counts from convictions")
SHELL_RUN = (
    "import sys; from clearscale.commands.main import main; "
    "main(['run', '--store', sys.argv[1], '--policy', sys.argv[2], '--as-of', sys.argv[4], '--out', sys.argv[3]])"
)
SHELL_HELP = "from clearscale.commands.main import main; main(['--help'])"


def policy_file(folder: Path) -> str:
    """The demo's policy as a file; returns its path."""
    path = folder / "policy.json"
    path.write_text(json.dumps(options()), "utf-8")
    return str(path)


def rows_of(store: Path) -> int:
    """How many rows a store's histories have."""
    return int(clearscale.open_store(str(store)).manifest.counts["rows"])


def buckets_of(store: Path) -> int:
    """How many buckets a store has."""
    return int(clearscale.open_store(str(store)).manifest.buckets)


def resident(name: str, store: Path, folder: Path, totals: Callable[[Any], Any], cluster: Any = None) -> Program:
    """A run inside this process, in a folder that is cleared before each round."""
    out = folder / name.replace(" ", "-")
    return Program(
        name,
        work.run(str(store), policy_file(folder), str(out), cluster),
        totals,
        prepare=lambda: shutil.rmtree(out, ignore_errors=True),
    )


def test_run_resident(bench: Bench, data: Data, scale: float, scratch: Path) -> None:
    store = data.store(scale)
    opened = clearscale.open_store(str(store))
    peers = [
        Program(FROM_HISTORIES[0], lambda: polars_totals(opened, histories=True), totals=dict),
        Program(FROM_HISTORIES[1], lambda: duckdb_totals(opened, histories=True), totals=dict),
        Program(FROM_CONVICTIONS[0], lambda: polars_totals(opened), totals=dict),
        Program(FROM_CONVICTIONS[1], lambda: duckdb_totals(opened), totals=dict),
    ]
    bench.compare(
        "run: decisions, summaries, tables",
        f"{scale:g} of the state, {rows_of(store):,} rows",
        resident("run", store, scratch, run_totals),
        peers,
        rows=rows_of(store),
        quick=True,
        child=first_and_again("run", str(store), policy_file(scratch), str(scratch / "child")),
        goals=[
            *(Goal("x peer", 0.333, name) for name in FROM_HISTORIES),
            *(Goal("x peer", 0.5, name) for name in FROM_CONVICTIONS),
            Goal("seconds", 0.05),
        ],
    )


def test_run_from_shell(bench: Bench, data: Data, scale: float, scratch: Path) -> None:
    store, out = data.store(scale), scratch / "shell"
    bench.compare(
        "run, from the shell",
        f"{scale:g} of the state, {rows_of(store):,} rows",
        process(
            "clearscale run",
            SHELL_RUN,
            str(store),
            policy_file(scratch),
            str(out),
            AS_OF,
            prepare=lambda: shutil.rmtree(out, ignore_errors=True),
            totals=lambda _: run_totals(clearscale.open_run(str(out))),
        ),
        [
            # What the answer is held against; its seconds are those of a process that has everything imported.
            Program(
                FROM_CONVICTIONS[1] + ", resident",
                lambda: duckdb_totals(clearscale.open_store(str(store))),
                totals=dict,
            )
        ],
        rows=rows_of(store),
        goals=[Goal("seconds", 0.4)],
    )


def test_help_from_shell(bench: Bench) -> None:
    said = subprocess.run([sys.executable, "-c", SHELL_HELP], capture_output=True, check=True).stdout
    assert b"ingest" in said, "this is not the help"
    bench.compare(
        "clearscale --help, from the shell",
        "",
        process("clearscale --help", SHELL_HELP),
        [process("python -c pass", "pass")],
        rows=None,
        goals=[Goal("seconds", 1)],
    )


def answers(run: clearscale.Run) -> dict[str, str]:
    """A digest of each file that holds a run's answers: decisions, summaries and tables."""
    folder = Path(run.folder.url)
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "run.json")
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_run_on_workers(bench: Bench, data: Data, scale: float, scratch: Path) -> None:
    """The same bytes from two worker processes, open and warm, as from two threads of this process."""
    store = data.store(scale)
    buckets = buckets_of(store)
    if buckets < BUCKETS:
        store, buckets = data.store(scale, BUCKETS), BUCKETS
    one_process = "the same in one process of two threads"
    with open_cluster("local:2", warm_up) as workers, open_cluster("threads:2") as threads:
        bench.compare(
            "run on two worker processes",
            f"{scale:g} of the state, {rows_of(store):,} rows, {buckets} buckets",
            resident("workers", store, scratch, answers, workers),
            [resident(one_process, store, scratch, answers, threads)],
            rows=rows_of(store),
            quick=True,
            goals=[Goal("more", 0.1, one_process)],
        )
