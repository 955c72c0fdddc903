"""An ingest on many workers, by how long each of its tasks takes on one: the scan, the reading, the fold."""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

import clearscale
from clearscale_bench.comparing import Bench
from clearscale_bench.data import Data, Extracts
from clearscale_bench.report import Goal, Line
from clearscale_bench.workers import Timing, compressed, schedule

GOALS = {16: 0.85, 32: 0.75, 128: 0.5}
"""Of so many workers, how much of so many times one."""


def test_scaling(bench: Bench, data: Data, scale: float, scratch: Path) -> None:
    extracts = data.state(scale)
    compare_scaling(bench, "ingest", scale, extracts, extracts.paths, scratch)


@pytest.mark.parametrize("how", ["zst", "gz"])
def test_scaling_compressed(bench: Bench, data: Data, how: str, scale: float, scratch: Path) -> None:
    """The same of compressed extracts: zstd's frames are read by many workers, a `.gz` by one and then by many."""
    extracts = data.state(scale)
    paths = compressed(extracts.paths, how, scratch / how)
    compare_scaling(bench, f"ingest of .{how}", scale, extracts, paths, scratch)


def compare_scaling(
    bench: Bench, work: str, scale: float, extracts: Extracts, paths: Sequence[Path], scratch: Path
) -> None:
    """Do tasks one after the other, and then give them to workers as if they were many, by processor time.

    paths: the files, plain or compressed. extracts: what is in them.
    """

    def lines() -> list[Line]:
        timing = Timing(time.process_time)
        done = clearscale.ingest([str(path) for path in paths], str(scratch / "store"), cluster=timing)
        timing.ended()
        assert done.counts["rows"] == extracts.rows
        found = {row["workers"]: row["all, s"] for row in schedule(timing.timed)}
        tasks, client = sum(len(one.tasks) for one in timing.timed), sum(one.client for one in timing.timed)
        return [
            Line(
                work=f"{work} on {workers} workers, by its tasks",
                size=f"{scale:g} of the state, {tasks} tasks, {client:.2f} s of one process",
                kind="derived",
                seconds=found[workers],
                processor=found[workers],
                rows=extracts.rows,
                mb=extracts.mb,
                peer=f"one worker, its time divided by {workers}",
                peer_seconds=found[1] / workers,
                peer_processor=found[1] / workers,
                goals=[Goal("of N times one", goal)],
            )
            for workers, goal in GOALS.items()
        ]

    bench.note(f"{work} on many workers", lines)
