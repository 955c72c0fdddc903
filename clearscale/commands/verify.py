"""The command `clearscale verify`."""

from dataclasses import asdict
from typing import Annotated

import typer

import clearscale
from clearscale_cluster.shown import say

from .options import Cluster, Insecure, Json, PerformanceReport, Quiet, Wait, reached
from .terminal import complain, print_result, working

app = typer.Typer()


@app.command(
    epilog="Example: `clearscale verify --store store`, or of a run: `clearscale verify --run runs/july --json`"
)
def verify(
    store: Annotated[str | None, typer.Option(help="A store.", show_default=False)] = None,
    run: Annotated[str | None, typer.Option(help="A run or a sweep.", show_default=False)] = None,
    cluster: Cluster = None,
    insecure: Insecure = False,
    wait: Wait = None,
    performance_report: PerformanceReport = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Compare every file of a store or a run with what was written; exit code 1 if one is damaged."""
    if store is None and run is None:
        raise typer.BadParameter("say what to verify: --store STORE, or --run RUN")
    with working(quiet) as progress, reached(cluster, insecure, wait, performance_report, quiet=quiet) as there:
        found = clearscale.verify(store, run, cluster=there, progress=progress)
    print_result(
        quiet, as_json, asdict(found), lambda: say(f"{found.files:,} files, {found.bytes:,} bytes compared")
    )
    for damage in found.damaged:
        complain(f"{damage.file}: is {damage.what}; {damage.remedy}")
    if found.damaged:
        raise typer.Exit(1)
