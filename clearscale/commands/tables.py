"""The command `clearscale tables`."""

from typing import Annotated

import typer

import clearscale
from clearscale_cluster.shown import say

from .options import Json, Quiet, Run
from .terminal import print_result, working

app = typer.Typer()


@app.command(epilog="Example: `clearscale tables --run runs/july --out tables`")
def tables(
    run: Run,
    out: Annotated[str, typer.Option(help="Folder or URL for the files.")],
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Write a run's count tables, convictions or charges and people, as CSV files for a spreadsheet."""
    with working(quiet):
        names = [f"{out.rstrip('/')}/{name}" for name in clearscale.tables(run, out)]
    print_result(quiet, as_json, names, lambda: say(*names))
