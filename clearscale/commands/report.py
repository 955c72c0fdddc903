"""The command `clearscale report`."""

from typing import Annotated

import typer

import clearscale
from clearscale.small_counts import SUPPRESS_BELOW
from clearscale_cluster.shown import say

from .options import Json, Quiet, Run, StoreElsewhere, run_of, suppression
from .terminal import print_result, working

app = typer.Typer()


@app.command(
    epilog="Example: `clearscale report --run runs/july --out report`, or a county's page: "
    '`clearscale report --run runs/july --out report --county "LOS ANGELES"`'
)
def report(
    run: Run,
    out: Annotated[str, typer.Option(help="Folder or URL for the files; files of the same names are replaced.")],
    county: Annotated[
        list[str] | None,
        typer.Option(
            help="The page of this county, as its records write it; repeat it for more.", show_default=False
        ),
    ] = None,
    court: Annotated[
        list[str] | None,
        typer.Option(
            help="Of a run over charges: the page of this court, in the counties that are named or in any; repeat "
            "it for more.",
            show_default=False,
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
    with_sweep: Annotated[
        list[str] | None,
        typer.Option(
            help="A sweep whose page is published with these, judged together with them; repeat it for more.",
            show_default=False,
        ),
    ] = None,
    store: StoreElsewhere = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Write pages that a person reads, statewide, of a county or of a court, each as one HTML file and as a PDF."""
    if (county or court) and all_counties:
        raise typer.BadParameter("--all-counties has every county's page: leave out --county and --court")
    from clearscale.runs.charges import open_either  # not at the top: help must not wait for arrays

    below = suppression(suppress_below, no_suppress, "hides nothing")
    with working(quiet) as progress:
        paths = clearscale.report(
            run_of(run, store, open_either),
            out,
            county=county or None,
            court=court or None,
            all_counties=all_counties,
            suppress_below=below,
            note=note,
            with_sweep=with_sweep or (),
            progress=progress,
        )
    print_result(quiet, as_json, paths, lambda: say(*paths))
