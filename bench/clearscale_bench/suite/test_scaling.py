"""An ingest on many workers, by how long each of its tasks takes on one: the scan, the reading, the fold."""

import time
from pathlib import Path

import clearscale
from clearscale_bench.comparing import Bench
from clearscale_bench.critical import seconds_on
from clearscale_bench.data import Data
from clearscale_bench.report import Goal, Line
from clearscale_bench.scale import Recorder

GOALS = {16: 0.85, 32: 0.75, 128: 0.5}
"""Of so many workers, how much of so many times one."""


def test_scaling(bench: Bench, data: Data, scale: float, scratch: Path) -> None:
    """Tasks are done one after the other, and then given to workers as if they were many."""
    extracts = data.state(scale)

    def lines() -> list[Line]:
        recorder = Recorder()
        began = time.perf_counter()
        done = clearscale.ingest(
            [str(path) for path in extracts.paths], str(scratch / "store"), cluster=recorder, buckets=None
        )
        whole = time.perf_counter() - began
        assert done.counts["rows"] == extracts.rows
        passes = [found.seconds for found in recorder.passes.values()]
        tasks = sum(map(sum, passes))
        size = f"{scale:g} of the state, {sum(map(len, passes))} tasks, {whole - tasks:.2f} s between them"
        return [
            Line(
                work=f"ingest on {workers} workers, by its tasks",
                size=size,
                kind="derived",
                seconds=seconds_on(workers, passes, whole - tasks),
                rows=extracts.rows,
                mb=extracts.mb,
                peer=f"one worker, its time divided by {workers}",
                peer_seconds=whole / workers,
                goals=[Goal("of N times one", goal)],
            )
            for workers, goal in GOALS.items()
        ]

    bench.note("ingest on many workers", lines)
