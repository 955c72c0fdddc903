"""Ingest of the state beside DuckDB copying the same files, and encoding alone beside Arrow reading columns."""

import os
import shutil
from pathlib import Path

import duckdb
import pyarrow as pa

import clearscale
from clearscale_bench import work
from clearscale_bench.comparing import Bench
from clearscale_bench.data import Data, Extracts
from clearscale_bench.measure import Program, first_and_again, process
from clearscale_bench.peers import ALL, NEEDED, arrow_columns, arrow_totals
from clearscale_bench.report import Goal

DUCKDB = "duckdb COPY (FROM read_csv) TO parquet, zstd"
COPY = (
    "import duckdb, sys; duckdb.sql(f\"COPY (FROM read_csv('{sys.argv[1]}/*.csv*', all_varchar = true, "
    "encoding = 'latin-1')) TO '{sys.argv[2]}' (FORMAT parquet, COMPRESSION zstd)\")"
)
INGEST = (
    "import sys; from clearscale_bench import work; "
    "work.command('ingest', sys.argv[1] + '/*.csv*', '--store', sys.argv[2], '--quiet', *sys.argv[3:])"
)


QUICK_MB = 100
"""Extracts up to so many 10^6 bytes are encoded in milliseconds."""

WITHOUT = "without the gate"
INGEST_WITHOUT = INGEST.replace("import work; ", "import work; work.without_gate(); ")


def ingest_process(name: str, extracts: Path, store: Path, *more: str) -> Program:
    """An ingest into a new store as a process; its total is the number of records that were stored."""
    return process(
        name,
        INGEST,
        str(extracts),
        str(store),
        *more,
        prepare=lambda: shutil.rmtree(store, ignore_errors=True),
        totals=lambda _: clearscale.open_store(str(store)).manifest.counts["rows"],
    )


def test_ingest(bench: Bench, data: Data, scale: float, scratch: Path) -> None:
    extracts, store, copy = data.state(scale), data.store_path(scale), scratch / "copy.parquet"
    peer = process(
        DUCKDB,
        COPY,
        str(extracts.folder),
        str(copy),
        totals=lambda _: duckdb.read_parquet(str(copy)).shape[0],
        prepare=lambda: copy.unlink(missing_ok=True),
    )
    child = first_and_again("ingest", str(extracts.folder), str(scratch / "stores"))
    shutil.rmtree(scratch / "stores")
    bench.compare(
        "ingest",
        f"{scale:g} of the state, {extracts.mb:,.0f} MB",
        # The last round's store stays for the runs.
        ingest_process("clearscale ingest", extracts.folder, store),
        [peer],
        rows=extracts.rows,
        mb=extracts.mb,
        child=child,
        goals=[Goal("x peer", 0.18, DUCKDB), Goal("MB", 800)],
    )


def test_gate(bench: Bench, data: Data, county_rows: int, scratch: Path) -> None:
    """What it costs to compare values with what the format says: a large file."""
    extracts = data.county(county_rows)
    compare_gate(bench, extracts, f"{extracts.rows:,} records, {extracts.mb:,.0f} MB", scratch)


def test_gate_of_many_files(bench: Bench, data: Data, scale: float, scratch: Path) -> None:
    """The same of many files, each with what it costs to look at however few records."""
    extracts = data.state(scale)
    size = f"{scale:g} of the state, {len(extracts.paths)} files, {extracts.rows:,} records, {extracts.mb:,.0f} MB"
    compare_gate(bench, extracts, size, scratch)


def compare_gate(bench: Bench, extracts: Extracts, size: str, scratch: Path) -> None:
    """Measure an ingest beside one that looks at no values."""
    store = scratch / "store"
    ours, peer = (
        process(
            name,
            program,
            str(extracts.folder),
            str(store),
            prepare=lambda: shutil.rmtree(store, ignore_errors=True),
            totals=lambda _: clearscale.open_store(str(store)).manifest.counts["rows"],
        )
        for name, program in (("clearscale ingest", INGEST), (WITHOUT, INGEST_WITHOUT))
    )
    bench.compare(
        "ingest, the gate",
        size,
        ours,
        [peer],
        rows=extracts.rows,
        mb=extracts.mb,
        goals=[Goal("x peer", 1.1, WITHOUT)],
    )


def test_encode(bench: Bench, data: Data, county_rows: int) -> None:
    extracts = data.county(county_rows)
    (extract,) = map(str, extracts.paths)
    pa.set_cpu_count(os.cpu_count() or 1)  # opening a cluster leaves Arrow one thread
    needed, every = f"pyarrow.csv, the needed {len(NEEDED)} columns", f"pyarrow.csv, all {len(ALL)} columns"
    bench.compare(
        "encode only, no records",
        f"{extracts.rows:,} records, {extracts.mb:,.0f} MB",
        Program("clearscale", work.encode(extract), totals=tuple),
        [
            Program(needed, lambda: arrow_columns(extract, NEEDED), totals=arrow_totals),
            Program(every, lambda: arrow_columns(extract, ALL), totals=arrow_totals),
        ],
        rows=extracts.rows,
        mb=extracts.mb,
        child=first_and_again("encode", extract),
        quick=extracts.mb < QUICK_MB,
        goals=[Goal("x peer", 1, needed)],
    )
    pa.default_memory_pool().release_unused()  # gigabytes of the peer, while other processes are measured
