"""Files of charges into a store, beside DuckDB and beside extracts; runs and forecasts over a store of charges."""

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb

import clearscale
from clearscale_bench import work
from clearscale_bench.charge_peers import (
    AS_OF,
    MONTHS,
    POLICY,
    ChargesInMemory,
    forecast_totals,
    months_of_decisions,
    run_totals,
    write_decisions,
)
from clearscale_bench.comparing import Bench
from clearscale_bench.data import Data
from clearscale_bench.measure import Program, first_and_again, process
from clearscale_bench.report import Goal

from .test_ingest import ingest_process

PEER = "duckdb COPY (FROM read_csv) TO parquet, zstd"
COPY = (
    "import duckdb, sys; duckdb.sql(f\"COPY (FROM read_csv('{sys.argv[1]}', all_varchar = true)) "
    "TO '{sys.argv[2]}' (FORMAT parquet, COMPRESSION zstd)\")"
)
INGEST = (
    "import sys; from clearscale_bench import work; "
    "work.command('ingest', sys.argv[1], '--format', 'generic-charges', '--store', sys.argv[2], '--quiet')"
)
TWICE = 2
"""A charge of any format may take so many times what a record of California's extracts takes."""


def test_charges(
    bench: Bench, data: Data, county_rows: int, scales: list[float], sizes_of_county: list[int], scratch: Path
) -> None:
    """A file of the generic form: read by its map, coded, put in order by people and cases."""
    file, rows = data.charges(county_rows)
    store, copy, mb = scratch / "store", scratch / "copy.parquet", file.stat().st_size / 1e6
    ours = process(
        "clearscale ingest --format",
        INGEST,
        str(file),
        str(store),
        prepare=lambda: shutil.rmtree(store, ignore_errors=True),
        totals=lambda _: clearscale.open_charges(str(store)).manifest.counts["charges"],
    )
    peer = process(
        PEER,
        COPY,
        str(file),
        str(copy),
        prepare=lambda: copy.unlink(missing_ok=True),
        totals=lambda _: duckdb.read_parquet(str(copy)).shape[0],
    )
    scale = scales[min(sizes_of_county.index(county_rows), len(scales) - 1)]
    state, of_extracts = data.state(scale), f"clearscale ingest of extracts, {scale:g} of the state"
    extracts = ingest_process(of_extracts, state.folder, scratch / "extracts")
    bench.compare(
        "ingest of charges",
        f"{rows:,} charges, {mb:,.0f} MB",
        ours,
        [peer, replace(extracts, totals=None, same_work=False)],
        rows=rows,
        mb=mb,
        peer_rows={of_extracts: state.rows},
        goals=[Goal("x peer", TWICE, of_extracts)],
    )


def test_read_charges(bench: Bench, data: Data, county_rows: int) -> None:
    """Reading alone, beside reading an extract: neither writes, both on one core."""
    file, rows = data.charges(county_rows)
    extracts, mb = data.county(county_rows), file.stat().st_size / 1e6
    (extract,) = map(str, extracts.paths)
    peer = "reading of an extract, one core"
    bench.compare(
        "read charges only, one core",
        f"{rows:,} charges, {mb:,.0f} MB",
        Program("clearscale.formats", work.read_charges(str(file)), totals=lambda read: read == rows),
        [Program(peer, work.encode(extract, 1), totals=lambda read: read[0] == extracts.rows, same_work=False)],
        rows=rows,
        mb=mb,
        peer_rows={peer: extracts.rows},
        goals=[Goal("x peer", TWICE, peer)],
    )


def test_charge_run(bench: Bench, data: Data, scale: float, scratch: Path) -> None:
    store, out = data.charge_store(scale), scratch / "run"
    opened = clearscale.open_charges(store)
    peer, charges = ChargesInMemory(opened), opened.manifest.counts["charges"]
    name = "duckdb, counts from the same charges in memory"
    bench.compare(
        "run over charges: decisions, summary, tables",
        f"{scale:g} of the state, {charges:,} charges, {POLICY}",
        Program(
            "clearscale.run_charges",
            work.charge_run(str(store), POLICY, AS_OF, str(out)),
            run_totals,
            prepare=lambda: shutil.rmtree(out, ignore_errors=True),
        ),
        [Program(name, peer.totals, totals=dict)],
        rows=charges,
        quick=scale < 1,
        child=first_and_again("charge_run", str(store), POLICY, AS_OF, str(scratch / "child")),
        goals=[Goal("seconds", 0.5), Goal("x peer", 0.5, name)],
    )


def test_forecast(bench: Bench, data: Data, scale: float, scratch: Path) -> None:
    store = data.charge_store(scale)
    run = work.charge_run(str(store), POLICY, AS_OF, str(scratch / "run"))()
    charges = run.summary["charges"]
    decisions = write_decisions(run, scratch / "decisions")
    bench.compare(
        f"forecast of {MONTHS} months, resident",
        f"{scale:g} of the state, {charges:,} charges, {POLICY}",
        Program("clearscale.forecast", work.forecast(str(store), POLICY, AS_OF, str(MONTHS)), forecast_totals),
        [
            # What the answer is held against: it does not decide.
            Program(
                "duckdb, counts of a finished run's decisions",
                lambda: months_of_decisions(decisions),
                totals=dict,
                same_work=False,
            )
        ],
        rows=charges,
        quick=scale < 1,
        child=first_and_again("forecast", str(store), POLICY, AS_OF, str(MONTHS)),
        goals=[Goal("seconds", 5)],
    )
