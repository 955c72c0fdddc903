"""The command `clearscale report`. It imports what it needs when it runs, so that `--help` answers at once."""

from typing import Annotated

import typer

import clearscale
from clearscale.outputs.small_counts import SUPPRESS_BELOW

from .terminal import Json, Quiet, tell, working


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(
        epilog="Example: `clearscale report --run runs/july --out report`, or a county's page: "
        '`clearscale report --run runs/july --out report --county "LOS ANGELES"`'
    )(report)


def report(
    run: Annotated[str, typer.Option(help="The run.")],
    out: Annotated[str, typer.Option(help="Folder or URL for the files; files of the same names are replaced.")],
    county: Annotated[
        list[str] | None,
        typer.Option(
            help="The page of this county, as its records write it; repeat it for more.", show_default=False
        ),
    ] = None,
    all_counties: Annotated[
        bool, typer.Option("--all-counties", help="The statewide page and that of every county.")
    ] = False,
    suppress_below: Annotated[
        int | None,
        typer.Option(
            min=2,
            help="Hide counts from 1 up to this, exclusively, and what they could be computed from.",
            show_default=str(SUPPRESS_BELOW),
        ),
    ] = None,
    no_suppress: Annotated[
        bool, typer.Option("--no-suppress", help="Hide nothing; every page says `Not for publication`.")
    ] = False,
    note: Annotated[str, typer.Option(help="A remark at the head of each page.", show_default=False)] = "",
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Write pages that a person reads, statewide or of a county, each as one HTML file and as a PDF."""
    if county and all_counties:
        raise typer.BadParameter("--all-counties has every county's page: leave out --county")
    if no_suppress and suppress_below is not None:
        raise typer.BadParameter("--no-suppress hides nothing: leave out --suppress-below")
    below = None if no_suppress else suppress_below or SUPPRESS_BELOW
    with working(quiet) as progress:
        paths = clearscale.report(
            run,
            out,
            county=county or None,
            all_counties=all_counties,
            suppress_below=below,
            note=note,
            progress=progress,
        )
    tell(quiet, as_json, paths, lambda: typer.echo("\n".join(paths)))
