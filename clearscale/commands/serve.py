"""The command `clearscale serve`."""

import sys
from typing import Annotated

import typer

import clearscale
from clearscale_cluster.shown import say

from .options import Quiet, StoreElsewhere, run_of
from .terminal import working

app = typer.Typer()


@app.command(epilog="Example: `clearscale serve --open`, or of a run: `clearscale serve --run runs/july --open`")
def serve(
    folder: Annotated[
        str | None,
        typer.Option(
            help="Folder of the front page, for extracts, stores, runs and files.", show_default="this one"
        ),
    ] = None,
    run: Annotated[str | None, typer.Option(help="A run: the page with controls.", show_default=False)] = None,
    county: Annotated[
        str | None,
        typer.Option(help="The county picked at first, as its records write it.", show_default="all"),
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            help="A policy file that can be chosen beside the run's own policy and all packs (of charges, those of "
            "the state); repeat it for more."
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of this machine.", show_default="any free one")
    ] = 0,
    published: Annotated[
        bool,
        typer.Option(
            "--published",
            help="Of a run of eligibility options: count people in groups of eleven, so that fewer are never told "
            "apart; otherwise every count is shown, and the page says `Not for publication`.",
        ),
    ] = False,
    store: StoreElsewhere = None,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in this machine's browser.")] = False,
    quiet: Quiet = False,
) -> None:
    """Serve a page to this machine's browser: from extracts to files or, of a run, what other policies would do.

    Ctrl-C ends it.
    """
    from clearscale.runs.charges import open_either  # not at the top: help must not wait for arrays

    if run is None and (county or policy or published or store):
        raise typer.BadParameter("--county, --policy, --published and --store are of a run; name it with --run")
    if run is not None and folder is not None:
        raise typer.BadParameter("--folder is for the front page, and --run for the page of a run; leave one out")
    with working(quiet) as progress:
        if run is None:
            server = clearscale.serve_folder(folder or ".", port=port)
        else:
            server = clearscale.serve(
                run_of(run, store, open_either),
                county=county,
                policies=policy or (),
                port=port,
                published=published,
                progress=progress,
            )
    try:
        say(server.url, to=sys.stdout)
        if not quiet:
            say("Only this machine can open this address. Ctrl-C ends it.", to=sys.stderr)
        if open_:
            import webbrowser

            webbrowser.open(server.url)
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
