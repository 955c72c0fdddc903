"""`python -m clearscale_bench.scale`: what a task costs a scheduler, and how many workers it can keep busy.

First the real work is done in this process on a fabricated part of the state, in blocks and buckets of the usual
size: how long each task takes, and how many bytes it and its result have when they travel. Then a real scheduler
serves simulated workers that sleep so long, with tasks and results of these sizes, in such numbers as the state and
a hundred states have. docs/concepts/scale.md says what that shows and what it does not.
"""

import argparse
import json
import math
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from distributed.protocol.pickle import dumps

import clearscale
from clearscale.api.clusters import warm_up
from clearscale.commands.demo import AS_OF, options
from clearscale.extract import BLOCK_BYTES
from clearscale.store.ingest.bucket_count import ROWS_A_BUCKET
from clearscale.store.ingest.first_round import blocks_per_group
from clearscale.synth import fabricate_state
from clearscale_cluster import Cluster, ProgressCallback, open_cluster
from clearscale_cluster.fold import NeighborFold
from clearscale_cluster.places.served import FAN_IN, ServedCluster
from clearscale_cluster.task import Apply, Opaque

from .simulated import larger, pretend

STATE_ROWS = 17_700_000
STATES = 100
WORKERS = ((10, 1), (100, 1), (100, 10))
"""Simulated workers and the threads of each."""


@dataclass
class Pass:
    """One label's tasks as they were done. Bytes are pickled ones, seconds wall seconds in one thread."""

    task_bytes: list[int] = field(default_factory=list)
    result_bytes: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    total_bytes: int = 0
    combine_seconds: float = 0.0

    def row(self, label: str) -> dict[str, Any]:
        """The pass as a row of the table."""
        return {
            "work": label,
            "tasks": len(self.seconds),
            "bytes of a task": max(self.task_bytes),
            "bytes of a result": max(self.result_bytes),
            "bytes of the total": self.total_bytes,
            "seconds of a task, mean": round(sum(self.seconds) / len(self.seconds), 4),
            "largest": round(max(self.seconds), 4),
        }


class Recorder(Cluster):
    """Does everything in this thread, one after the other, and writes down sizes and times."""

    def __init__(self) -> None:
        self.passes: dict[str, Pass] = {}

    @property
    def workers(self) -> int:
        return 1

    def map(
        self,
        function: Callable[[Any], Any],
        items: Iterable[Any],
        *,
        label: str = "work",
        progress: ProgressCallback | None = None,
    ) -> Iterator[tuple[int, Any]]:
        noted = self.passes.setdefault(label, Pass())
        for position, item in enumerate(items):
            noted.task_bytes.append(len(dumps((Apply(function), Opaque(item)))))
            began = time.perf_counter()
            result = function(item)
            noted.seconds.append(time.perf_counter() - began)
            noted.result_bytes.append(len(pickle.dumps(result, pickle.HIGHEST_PROTOCOL)))
            yield position, result

    def reduce(
        self,
        function: Callable[[Any], Any],
        items: Iterable[Any],
        combine: Callable[[Any, Any], Any],
        *,
        label: str = "work",
        progress: ProgressCallback | None = None,
    ) -> Any:
        fold = NeighborFold(combine)
        for position, result in self.map(function, items, label=label):
            began = time.perf_counter()
            fold.add(position, result)
            self.passes[label].combine_seconds += time.perf_counter() - began
        total = fold.total()
        self.passes[label].total_bytes = len(pickle.dumps(total, pickle.HIGHEST_PROTOCOL))
        return total

    def close(self) -> None:
        """Nothing was started."""


def measure_tasks(folder: Path, scale: float) -> tuple[dict[str, Pass], int, list[int]]:
    """Ingest a part of the state and run over it; returns passes by label, rows, and the sizes of extracts."""
    made = fabricate_state(str(folder / "extracts"), scale=scale, seed=1)
    rows = sum(extract.rows for extract in made)
    policy = folder / "policy.json"
    policy.write_text(json.dumps(options()), "utf-8")
    warm_up()
    recorder = Recorder()
    store = str(folder / "store")
    buckets = max(1, round(rows / ROWS_A_BUCKET))
    clearscale.ingest([extract.path for extract in made], store, cluster=recorder, buckets=buckets)
    clearscale.run(store, str(policy), AS_OF, str(folder / "run"), cluster=recorder)
    return recorder.passes, rows, [Path(extract.path).stat().st_size for extract in made]


@contextmanager
def simulated(folder: Path, count: int, threads: int) -> Iterator[ServedCluster]:
    """A scheduler started by Dask's own command, and simulated workers."""
    file = folder / f"scheduler-{count}-{threads}.json"
    scheduler = [sys.executable, "-m", "dask", "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    with (folder / "log").open("ab") as log:
        processes = [
            subprocess.Popen(
                [*scheduler, "--dashboard-address", ":0", "--scheduler-file", str(file)], stdout=log, stderr=log
            )
        ]
        try:
            while not file.exists():
                time.sleep(0.1)
            time.sleep(0.2)
            address = json.loads(file.read_text("utf-8"))["address"]
            workers = [sys.executable, "-m", "clearscale_bench.simulated", address, str(count), str(threads)]
            processes.append(subprocess.Popen(workers, stdout=log, stderr=log))
            with open_cluster(address, timeout=120) as cluster:
                assert isinstance(cluster, ServedCluster)
                cluster.client.wait_for_workers(count, timeout=300)
                yield cluster
        finally:
            for process in reversed(processes):
                process.kill()
                process.wait()


@dataclass(frozen=True)
class Round:
    """A pass to simulate. seconds, task_bytes, result_bytes: of each task."""

    name: str
    tasks: int
    seconds: float
    task_bytes: int
    result_bytes: int


def simulate(cluster: ServedCluster, planned: Round, longest: float, cost: float | None) -> dict[str, Any]:
    """Do a pass, or as much of it as `longest` seconds need; what it cost scheduler and workers.

    cost: the scheduler's ms a task, to tell from how many threads on it is late; None while it is not known.
    """
    places = cluster.workers
    tasks = (
        planned.tasks
        if not planned.seconds
        else min(planned.tasks, max(1, int(longest / planned.seconds)) * places)
    )
    items = [bytes(planned.task_bytes)] * tasks
    one = [next(iter(cluster.client.nthreads()))]

    def used() -> tuple[float, float]:
        workers = cluster.client.run(time.process_time, workers=one)
        return cluster.client.run_on_scheduler(time.process_time), next(iter(workers.values()))

    scheduler, workers = used()
    began = time.perf_counter()
    cluster.reduce(partial(pretend, planned.seconds, planned.result_bytes), items, larger, label="pretend")
    seconds = time.perf_counter() - began
    scheduler_after, workers_after = used()
    ideal = math.ceil(tasks / places) * planned.seconds
    return {
        "pass": planned.name,
        "threads of workers": places,
        "tasks of": planned.tasks,
        "done": tasks,
        "s a task": round(planned.seconds, 3),
        "ideal s": round(ideal, 2),
        "s": round(seconds, 2),
        "ideal / s": round(ideal / seconds, 2),
        "scheduler ms a task": round(1000 * (scheduler_after - scheduler) / tasks, 2),
        "scheduler busy": round((scheduler_after - scheduler) / seconds, 2),
        "workers' process busy": round((workers_after - workers) / seconds, 2),
        "bends at threads": round(1000 * planned.seconds / cost) if cost else "",
    }


def rounds(passes: dict[str, Pass], rows: int, sizes: list[int], scale: float) -> list[Round]:
    """The passes of the state and of a hundred states, with times and sizes as measured."""
    blocks = [math.ceil(size / scale / BLOCK_BYTES) for size in sizes]
    length = blocks_per_group(sum(blocks))
    groups = sum(math.ceil(count / length) for count in blocks)
    buckets = 2 ** math.ceil(math.log2(STATE_ROWS / ROWS_A_BUCKET))
    read, fold, decide = (passes[name] for name in ("read extracts", "fold histories", "decide convictions"))
    a_bucket = STATE_ROWS / buckets / rows
    work = {
        "read": (groups, sum(read.seconds) * STATE_ROWS / rows / groups, read),
        "fold": (buckets, sum(fold.seconds) * a_bucket, fold),
        "decide": (buckets, sum(decide.seconds) * a_bucket, decide),
    }
    return [
        Round(f"{name}, {what}", tasks * times, seconds, max(one_pass.task_bytes), max(one_pass.result_bytes))
        for times, what in ((1, "state"), (STATES, f"{STATES} states"))
        for name, (tasks, seconds, one_pass) in work.items()
    ]


def table(rows: list[dict[str, Any]]) -> str:
    """Rows as Markdown."""
    lines = [list(rows[0]), ["---:" if place else "---" for place in range(len(rows[0]))]]
    lines += [[f"{value:,}" if isinstance(value, int) else str(value) for value in row.values()] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    """Measure, simulate, and write the tables."""
    parser = argparse.ArgumentParser(prog="python -m clearscale_bench.scale", description=__doc__)
    parser.add_argument("--scale", type=float, default=0.06, help="the part of the state that is really done")
    parser.add_argument("--longest", type=float, default=8.0, help="seconds of sleep in one simulated pass")
    parser.add_argument("--out", type=Path, default=Path("bench/results/scale.md"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="clearscale-scale-") as name:
        folder = Path(name)
        passes, rows, sizes = measure_tasks(folder, arguments.scale)
        measured = table([one_pass.row(label) for label, one_pass in passes.items()])
        parts = [f"## Tasks as they are, {rows:,} rows\n\n{measured}"]
        print(parts[0], flush=True)
        found = []
        for count, threads in WORKERS:
            with simulated(folder, count, threads) as cluster:
                idle = Round("nothing to do", 2000, 0.0, 1000, 1000)
                cost = None
                for planned in (idle, *rounds(passes, rows, sizes, arguments.scale)):
                    found.append(simulate(cluster, planned, arguments.longest, cost))
                    cost = cost or found[-1]["scheduler ms a task"]
                    print(found[-1], flush=True)
        depths = {count: math.ceil(math.log(count, FAN_IN)) for count in sorted({row["tasks of"] for row in found})}
        parts.append(f"## Simulated workers\n\n{table(found)}")
        parts.append(f"Levels of the reduction by number of tasks, {FAN_IN} results a combine: {depths}")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text("\n\n".join(parts) + "\n", "utf-8")


if __name__ == "__main__":
    main()
