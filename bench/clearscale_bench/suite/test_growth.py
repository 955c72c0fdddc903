"""Growth: the same work at the smallest and at the largest size, time compared row for row, memory as it is.

A goal of 1.2 x leaves room for noise: linear is 1, and a start that costs the same at any size brings it below.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from clearscale_bench.comparing import Bench
from clearscale_bench.data import Data
from clearscale_bench.measure import Program
from clearscale_bench.report import Goal

from .test_county import county_run
from .test_ingest import ingest_process
from .test_run import resident, rows_of

LINEAR = 1.2
FLAT = 1.5


Sized = tuple[Program, int]
"""A program and how many rows it handles."""


def _sized(name: str, program: Program, rows: int) -> Sized:
    """The program under another name, with a total that is the same at every size: whether it handled all rows."""
    totals = program.totals
    assert totals is not None
    return Program(name, program.run, lambda result: totals(result) == rows, program.prepare), rows


def _compare(
    bench: Bench,
    work: str,
    sizes: list[Sized],
    goals: list[Goal],
    absolute: Sequence[Goal] = (),
    quick: bool = False,
) -> None:
    """The largest size beside each smaller one. Goals of ratios are set for each of these."""
    if len(sizes) < 2:
        pytest.skip("growth takes two sizes or more")
    *smaller, (largest, rows) = sizes
    bench.compare(
        work,
        largest.name,
        largest,
        [program for program, _ in smaller],
        rows=rows,
        peer_rows={program.name: rows for program, rows in smaller},
        quick=quick,
        goals=[
            *(Goal(goal.measure, goal.limit, program.name) for program, _ in smaller for goal in goals),
            *absolute,
        ],
    )


def test_growth_of_ingest(bench: Bench, data: Data, scales: list[float], scratch: Path) -> None:
    """On two worker processes of one thread each, so that the peak is that of one worker."""
    sizes = []
    for scale in scales:
        extracts = data.state(scale)
        name, store = f"{scale:g} of the state, {extracts.rows:,} rows", scratch / f"store-{scale:g}"
        ours = ingest_process(name, extracts.folder, store, "--cluster", "local:2")
        sizes.append(_sized(name, ours, extracts.rows))
    goals = [Goal("x peer", LINEAR), Goal("x peak", FLAT)]
    _compare(bench, "growth of ingest, peak of one worker", sizes, goals, [Goal("MB", 1500)])


def test_growth_of_county_run(bench: Bench, data: Data, sizes_of_county: list[int], scratch: Path) -> None:
    sizes = []
    for rows in sizes_of_county:
        extracts = data.county(rows)
        ours, _ = county_run(extracts, scratch / str(rows))
        sizes.append(_sized(f"{extracts.rows:,} records", ours, extracts.rows))
    _compare(bench, "growth of a county's run", sizes, [Goal("x peer", LINEAR)])


def test_growth_of_run(bench: Bench, data: Data, scales: list[float], scratch: Path) -> None:
    sizes = []
    for scale in scales:
        store = data.store(scale)
        rows = rows_of(store)
        name = f"{scale:g} of the state, {rows:,} rows"
        ours = resident(name, store, scratch, lambda run: int(run.summary["lineCount"]))
        sizes.append(_sized(name, ours, rows))
    _compare(bench, "growth of run, resident", sizes, [Goal("x peer", LINEAR)], quick=True)
