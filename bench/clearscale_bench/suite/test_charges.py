"""Files of charges into a store, beside DuckDB copying the same file as it is."""

import shutil
from pathlib import Path

import duckdb

import clearscale
from clearscale_bench.comparing import Bench
from clearscale_bench.data import Data
from clearscale_bench.measure import process

PEER = "duckdb COPY (FROM read_csv) TO parquet, zstd"
COPY = (
    "import duckdb, sys; duckdb.sql(f\"COPY (FROM read_csv('{sys.argv[1]}', all_varchar = true)) "
    "TO '{sys.argv[2]}' (FORMAT parquet, COMPRESSION zstd)\")"
)
INGEST = (
    "import sys; from clearscale_bench import work; "
    "work.command('ingest', sys.argv[1], '--format', 'generic-charges', '--store', sys.argv[2], '--quiet')"
)


def test_charges(bench: Bench, data: Data, county_rows: int, scratch: Path) -> None:
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
    bench.compare("ingest of charges", f"{rows:,} charges, {mb:,.0f} MB", ours, [peer], rows=rows, mb=mb)
