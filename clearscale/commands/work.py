"""The command `clearscale work`."""

from typing import Annotated

import typer

import clearscale

from .options import Json, Quiet
from .terminal import print_result

app = typer.Typer()


@app.command(
    epilog="Example: `clearscale work --run runs/july`, or of the last ingest: `clearscale work --store store`"
)
def work(
    store: Annotated[str | None, typer.Option(help="A store: its last ingest.", show_default=False)] = None,
    run: Annotated[str | None, typer.Option(help="A run.", show_default=False)] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Show how the work of a run or an ingest went: passes, workers, bytes, memory, and what became of workers."""
    if (store is None) == (run is None):
        raise typer.BadParameter("say whose work to show: --run RUN, or --store STORE for its last ingest")
    found = clearscale.work(store, run)
    from . import show_work

    print_result(quiet, as_json, found, lambda: show_work.work(found))
