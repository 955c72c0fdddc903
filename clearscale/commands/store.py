"""The commands `clearscale store info` and `clearscale store snapshots`."""

from typing import Annotated

import typer

import clearscale

from .options import Json
from .terminal import print_result

app = typer.Typer(no_args_is_help=True, help="Stores: what one holds now, and its snapshots.")

Named = Annotated[str | None, typer.Argument(metavar="STORE", help="Path or URL of the store.")]
AsElsewhere = Annotated[
    str | None, typer.Option("--store", help="The store, named as other commands name it.", show_default=False)
]


def _one(store: str | None, as_elsewhere: str | None) -> str:
    """The store that is named, in one of both ways. Raises BadParameter if it is named in none, or in both."""
    if store is not None and as_elsewhere is not None:
        raise typer.BadParameter("name the store once")
    named = store if as_elsewhere is None else as_elsewhere
    if named is None:
        raise typer.BadParameter("name the store, such as --store store")
    return named


@app.command(epilog="Example: `clearscale store info store`")
def info(store: Named = None, as_elsewhere: AsElsewhere = None, as_json: Json = False) -> None:
    """Show what a store holds: its snapshot in force, and each extract or file of charges."""
    found = clearscale.store_info(_one(store, as_elsewhere))
    from . import show_store

    print_result(False, as_json, found, lambda: show_store.info(found))


@app.command(epilog="Example: `clearscale store snapshots store`")
def snapshots(store: Named = None, as_elsewhere: AsElsewhere = None, as_json: Json = False) -> None:
    """List a store's snapshots, the one in force last."""
    named = _one(store, as_elsewhere)
    found = clearscale.snapshots(named)
    from . import show_store

    print_result(False, as_json, found, lambda: show_store.snapshots(named, found))
