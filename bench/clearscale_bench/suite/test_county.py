"""One county's run, extract to result files, beside Polars only reading the same extract."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from clearscale.commands.demo import options
from clearscale_bench.comparing import Bench
from clearscale_bench.data import Data, Extracts
from clearscale_bench.measure import Program, first_and_again, process
from clearscale_bench.report import Goal
from clearscale_bench.work import county_words

POLARS = "polars.read_csv, all columns as text"
READ = (
    "import sys, polars as pl; table = pl.read_csv(sys.argv[1], infer_schema=False, encoding='utf8-lossy'); "
    "open(sys.argv[2], 'w').write(str(len(table)))"
)
RUN = "from clearscale.commands.main import main; main()"
"""What the shell starts, whose words are the arguments."""
FIRST_RUN = "import os, sys; os.environ['NUMBA_CACHE_DIR'] = sys.argv.pop(); " + RUN
"""As RUN, with a folder of compiled kernels, which the last argument names."""


def county_run(extracts: Extracts, folder: Path) -> tuple[Program, list[str]]:
    """(the run as a process, the arguments of `work.county_run`); its total is the number of records."""
    (extract,) = extracts.paths
    folder.mkdir(parents=True, exist_ok=True)
    policy, results = folder / "policy.json", folder / "results"
    policy.write_text(json.dumps(options()), "utf-8")
    county = extract.stem.replace("-", " ").upper()
    arguments = [str(extract), str(results), county, str(policy)]

    def totals(_: object) -> int:
        summary = json.loads((results / "gogen.json").read_text("utf-8"))
        # The fabrication knows what it made: its convictions of this county are the run's.
        by_section = summary["prop64ConvictionsCountInCountyByCodeSection"]
        assert sum(by_section.values()) == extracts.state["convictions"], "not the convictions that were fabricated"
        return int(summary["lineCount"])

    def forget() -> None:
        # To take the name of a file of that size from it is work that a new folder does not ask for.
        shutil.rmtree(results, ignore_errors=True)

    words = county_words(*arguments)
    return process("clearscale gogen run", RUN, *words, totals=totals, prepare=forget), arguments


@pytest.mark.every_size
def test_county_run(bench: Bench, data: Data, county_rows: int, scratch: Path) -> None:
    extracts = data.county(county_rows)
    ours, arguments = county_run(extracts, scratch)
    counted = scratch / "rows"
    peer = process(POLARS, READ, arguments[0], str(counted), totals=lambda _: int(counted.read_text()))
    most = 600 if county_rows <= 500_000 else 1000
    bench.compare(
        "county run, four files",
        f"{extracts.rows:,} records, {extracts.mb:,.0f} MB",
        ours,
        [peer],
        rows=extracts.rows,
        mb=extracts.mb,
        child=first_and_again("county_run", *arguments),
        goals=[Goal("x peer", 1, POLARS), Goal("MB", most)],
    )


def test_first_use(bench: Bench, data: Data, sizes_of_county: list[int], scratch: Path) -> None:
    """What a new machine does until its first decisions, when no kernel is compiled."""
    extracts = data.county(sizes_of_county[0])
    again, arguments = county_run(extracts, scratch)
    kernels = scratch / "kernels"
    words = [*county_words(*arguments), str(kernels)]

    def forget() -> None:
        shutil.rmtree(kernels, ignore_errors=True)
        kernels.mkdir(mode=0o700)

    bench.compare(
        "first use: county run with no compiled kernel on disk",
        f"{extracts.rows:,} records, {extracts.mb:,.0f} MB",
        process("first use", FIRST_RUN, *words, prepare=forget, totals=again.totals),
        [replace(again, name="the same with kernels on disk")],
        rows=extracts.rows,
        mb=extracts.mb,
        goals=[Goal("seconds", 3)],
    )
