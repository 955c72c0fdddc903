"""The command `clearscale bench`."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from clearscale.errors import ClearscaleError
from clearscale_cluster.extras import missing
from clearscale_cluster.shown import say

from .terminal import interruptible

app = typer.Typer()

NEEDED = ("duckdb", "moto", "polars", "pytest_benchmark", "s3fs")
"""What the extra `bench` installs."""


@app.command(
    epilog="Example: `clearscale bench`, or against an earlier session: "
    "`clearscale bench --against baseline.json --tolerance 1.3`"
)
def bench(
    size: Annotated[
        str, typer.Option(help="How much is measured: `smoke`, `small`, `county` or `state`, some 30 GB of disk.")
    ] = "smoke",
    only: Annotated[
        str | None,
        typer.Option(help="Only benchmarks whose names fit, such as `county or ingest`.", show_default=False),
    ] = None,
    goals: Annotated[
        bool,
        typer.Option(
            "--goals",
            help="Only the largest of the size's sizes, a county's run at each, with a table of goals at the end.",
        ),
    ] = False,
    against: Annotated[
        Path | None,
        typer.Option(
            help="The JSON of an earlier session: exit code 1 if a ratio to a peer got worse.", show_default=False
        ),
    ] = None,
    tolerance: Annotated[
        float,
        typer.Option(min=1, help="Up to so many times the ratio of `--against`, none is worse."),
    ] = 1.2,
    clock: Annotated[
        str,
        typer.Option(help="What is compared: ratios of `processor` time, or of `seconds` on a machine left alone."),
    ] = "processor",
    out: Annotated[Path, typer.Option(help="Folder for figures: a table, and JSON.")] = Path("clearscale-bench"),
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder for fabricated data, which is kept and used again.",
            show_default="below the user's cache",
        ),
    ] = None,
    scale: Annotated[
        list[float] | None,
        typer.Option(
            help="A size of the state, 1 as it is; repeat it, in rising order.", show_default="the size's"
        ),
    ] = None,
    county_rows: Annotated[
        list[int] | None,
        typer.Option(help="Records of a county's extract; repeat it, in rising order.", show_default="the size's"),
    ] = None,
    rounds: Annotated[int | None, typer.Option(min=1, help="Rounds that count.", show_default="the size's")] = None,
) -> None:
    """Measure clearscale beside Polars, DuckDB, Arrow and NumPy, which take turns and must agree with it."""
    if lacking := [name for name in NEEDED if find_spec(name) is None]:
        raise ClearscaleError(missing("benchmarks need", ", ".join(lacking), "bench"))
    from clearscale_bench.baseline import CLOCKS, told
    from clearscale_bench.session import Wanted, default_folder, measure
    from clearscale_bench.sizes import SIZES

    for name, word, words in (("size", size, SIZES), ("clock", clock, CLOCKS)):
        if word not in words:
            raise typer.BadParameter(f"--{name} {word}: it is one of {', '.join(words)}")
    wanted = Wanted(
        data=data or default_folder(),
        out=out,
        size=size,
        scales=scale or (),
        county_rows=county_rows or (),
        rounds=rounds,
        only=only,
        goals=goals,
        against=against,
        tolerance=tolerance,
        clock=clock,
    )
    with interruptible():
        comparison = measure(wanted)
    say(f"Figures: {out}/figures.md, {out}/pytest-benchmark.json")
    if comparison is not None:
        say(*told(comparison, tolerance, clock).splitlines())
        raise typer.Exit(1 if comparison.worse else 0)
