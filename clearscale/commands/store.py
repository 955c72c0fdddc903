"""The commands `clearscale store info` and `clearscale store snapshots`."""

from typing import Annotated

import typer

import clearscale

from .options import Json
from .terminal import print_result

app = typer.Typer(no_args_is_help=True, help="Stores: what one holds now, and its snapshots.")

Named = Annotated[str, typer.Argument(metavar="STORE", help="Path or URL of the store.")]


@app.command(epilog="Example: `clearscale store info store`")
def info(store: Named, as_json: Json = False) -> None:
    """Show what a store holds: its snapshot in force, and each extract or file of charges."""
    found = clearscale.store_info(store)
    from . import show_store

    print_result(False, as_json, found, lambda: show_store.info(found))


@app.command(epilog="Example: `clearscale store snapshots store`")
def snapshots(store: Named, as_json: Json = False) -> None:
    """List a store's snapshots, the one in force last."""
    found = clearscale.snapshots(store)
    from . import show_store

    print_result(False, as_json, found, lambda: show_store.snapshots(store, found))
