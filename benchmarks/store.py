"""Ingest and run over the state's counties, beside DuckDB and Polars doing part of the same on the same files."""

import json
import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import clearscale
from clearscale.demo import AS_OF, POLICY
from clearscale.synth import fabricate_state
from clearscale.warm import warm_up

from .measure import Measured, alternate, python
from .peers import Totals, duckdb_totals, polars_totals

INGEST = (
    "import shutil, sys; from clearscale.cli import main; shutil.rmtree(sys.argv[2], ignore_errors=True); "
    "main(['ingest', sys.argv[1] + '/*.csv', '--store', sys.argv[2], '--quiet'])"
)
DUCKDB_COPY = (
    "import duckdb, sys; duckdb.sql(f\"COPY (FROM read_csv('{sys.argv[1]}/*.csv', all_varchar = true, "
    "encoding = 'latin-1')) TO '{sys.argv[2]}' (FORMAT parquet, COMPRESSION zstd)\")"
)
RUN = (
    "import shutil, sys; from clearscale.cli import main; shutil.rmtree(sys.argv[3], ignore_errors=True); "
    "main(['run', '--store', sys.argv[1], '--policy', sys.argv[2], '--as-of', sys.argv[4], '--out', sys.argv[3], "
    "'--quiet'])"
)


def bench_store(folder: Path, scale: float, rounds: int) -> dict[str, list[dict[str, object]]]:
    """Fabricate the state, `scale` times as large as it is, ingest its 58 counties and run the demo's policy.

    Raises AssertionError if a peer's totals are not the run's.
    """
    place = folder / f"state-{scale}"
    extracts, store = place / "extracts", place / "store"
    made = fabricate_state(str(extracts), scale=scale, seed=1)
    records = sum(each.rows for each in made)
    size = sum(Path(each.path).stat().st_size for each in made) / 1e6
    policy = place / "policy.json"
    policy.write_text(json.dumps(POLICY), "utf-8")
    ingested = alternate(
        {
            "clearscale ingest": python(INGEST, str(extracts), str(store)),
            "duckdb COPY (FROM read_csv) TO parquet, zstd": python(
                DUCKDB_COPY, str(extracts), str(place / "copy.parquet")
            ),
        },
        rounds,
    )
    peer = ingested["duckdb COPY (FROM read_csv) TO parquet, zstd"].seconds
    results = {
        f"Ingest, {records:,} records": [
            {"program": name, **_rates(each, records, size), "x duckdb": round(each.seconds / peer, 2)}
            for name, each in ingested.items()
        ],
        f"Run, {records:,} records": _bench_run(place, store, policy, rounds),
    }
    shutil.rmtree(place)
    return results


def _rates(measured: Measured, records: int, size: float) -> dict[str, object]:
    return {
        "seconds": round(measured.seconds, 2),
        "rows/s": round(records / measured.seconds),
        "MB/s": round(size / measured.seconds),
        "peak MB": round(measured.peak_mb),
    }


def _bench_run(place: Path, store: Path, policy: Path, rounds: int) -> list[dict[str, object]]:
    """The run from the shell and resident, and the peers resident; each peer's totals are the run's."""
    opened = clearscale.open_store(str(store))
    out = place / "run"
    warm_up()

    def ours() -> Totals:
        shutil.rmtree(out, ignore_errors=True)
        return _totals(clearscale.run(str(store), str(policy), AS_OF, str(out)))

    programs: dict[str, Callable[[], Totals]] = {
        "clearscale run, decisions and tables written": ours,
        "duckdb, one table of counts from convictions": lambda: duckdb_totals(opened),
        "duckdb, one table of counts from histories": lambda: duckdb_totals(opened, histories=True),
        "polars, one table of counts from convictions": lambda: polars_totals(opened),
    }
    expected = ours()
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds + 1):
        for name, program in programs.items():
            began = time.perf_counter()
            totals = program()
            seconds[name].append(time.perf_counter() - began)
            assert totals == expected, f"{name}: other totals"
    shell = alternate({"run": python(RUN, str(store), str(policy), str(place / "shell"), AS_OF)}, rounds)["run"]
    return [
        *({"program": name, "ms": round(1000 * statistics.median(each[1:]), 1)} for name, each in seconds.items()),
        {"program": "clearscale run, from the shell", "ms": round(1000 * shell.seconds)},
    ]


def _totals(run: clearscale.Run) -> Totals:
    totals: Totals = {}
    for row in run.table("convictions").to_pylist():
        if row["scope"] == "state":
            key = (row["section"], row["reason"])
            totals[key] = totals.get(key, 0) + row["convictions"]
    return totals
