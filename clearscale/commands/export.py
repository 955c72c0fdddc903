"""The command `clearscale export`."""

from typing import Annotated

import typer

import clearscale
from clearscale_cluster.shown import say

from .options import Cluster, Insecure, Json, PerformanceReport, Quiet, Run, StoreElsewhere, Wait, reached, run_of
from .terminal import print_result, working

app = typer.Typer()


@app.command(
    epilog='Example: `clearscale export --run runs/july --county "LOS ANGELES" --out for-los-angeles`, or all '
    "counties with workbooks: `clearscale export --run runs/july --all-counties --xlsx --out for-counties`"
)
def export(
    run: Run,
    out: Annotated[
        str, typer.Option(help="Local folder for the files; of all counties a folder or URL, for a folder each.")
    ],
    county: Annotated[
        str | None, typer.Option(help="The county, as its records write it.", show_default=False)
    ] = None,
    all_counties: Annotated[
        bool,
        typer.Option(
            "--all-counties", help="All counties in one pass; the same command again goes on where it was stopped."
        ),
    ] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="Write a workbook, too, Results.xlsx.")] = False,
    store: StoreElsewhere = None,
    cluster: Cluster = None,
    insecure: Insecure = False,
    wait: Wait = None,
    performance_report: PerformanceReport = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Write a county's result files: All_Results, All_Results_Condensed, Prop64_Results and gogen.json."""
    from . import show

    if (county is None) != all_counties:
        raise typer.BadParameter("name the county with --county, or write --all-counties")
    with working(quiet) as progress, reached(cluster, insecure, wait, performance_report, quiet=quiet) as there:
        source = run_of(run, store, clearscale.open_run)
        if county is None:
            folders = clearscale.export_all(source, out, xlsx=xlsx, cluster=there, progress=progress)
            print_result(quiet, as_json, folders, lambda: say(*folders))
            return
        paths = clearscale.export(source, county, out, xlsx=xlsx, cluster=there, progress=progress)
    print_result(quiet, as_json, [str(path) for path in paths], lambda: show.files(paths))
