"""The command `clearscale log`."""

from dataclasses import asdict
from typing import Annotated

import typer

import clearscale

from .options import Json, Quiet, Store
from .terminal import complain, print_result

app = typer.Typer()


@app.command(
    epilog="Example: `clearscale log --store store`, or with the digest that was noted last year: "
    "`clearscale log --store store --holds 4f1c... --quiet`"
)
def log(
    store: Store,
    holds: Annotated[
        str | None, typer.Option(help="A digest that was the last one once, to see that nothing was cut off.")
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Show who did what with a store; exit code 1 if the log was changed."""
    found = clearscale.log(store, holds=holds)
    from . import show_log

    print_result(quiet, as_json, asdict(found), lambda: show_log.entries(found))
    for problem in found.problems:
        complain(f"{store}: the log is not as it was written: {problem}")
    if found.problems:
        raise typer.Exit(1)
