"""The command `clearscale export`."""

from typing import Annotated

import typer

import clearscale

from .options import Cluster, Insecure, Json, PerformanceReport, Quiet, Run, StoreElsewhere, Wait, reached, run_of
from .terminal import print_result, working

app = typer.Typer()


@app.command(epilog='Example: `clearscale export --run runs/july --county "LOS ANGELES" --out for-los-angeles`')
def export(
    run: Run,
    county: Annotated[str, typer.Option(help="The county, as its records write it.")],
    out: Annotated[str, typer.Option(help="Local folder for the files.")],
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

    with working(quiet) as progress, reached(cluster, insecure, wait, performance_report, quiet=quiet) as there:
        paths = clearscale.export(
            run_of(run, store, clearscale.open_run), county, out, cluster=there, progress=progress
        )
    print_result(quiet, as_json, [str(path) for path in paths], lambda: show.files(paths))
