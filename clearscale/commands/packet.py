"""The command `clearscale packet`."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

import clearscale
from clearscale_cluster.shown import say

from .options import Json, Quiet, StoreElsewhere, run_of
from .terminal import print_result, working

app = typer.Typer()


class Notices(StrEnum):
    """How notices lie in files."""

    together = "together"
    apart = "each"


@app.command(
    epilog='Example: `clearscale packet --run runs/july --county "LOS ANGELES" --out papers`, or the templates, to '
    "change them: `clearscale packet --templates our-papers`"
)
def packet(  # noqa: PLR0913 - an option each
    run: Annotated[str | None, typer.Option(help="The run.", show_default=False)] = None,
    out: Annotated[
        str | None,
        typer.Option(help="New folder or URL for the papers: all of them, or nothing.", show_default=False),
    ] = None,
    county: Annotated[
        str | None, typer.Option(help="The county, as its records write it.", show_default=False)
    ] = None,
    court: Annotated[
        str | None, typer.Option(help="Cases of this court only, as records name it.", show_default=False)
    ] = None,
    agency: Annotated[
        str | None,
        typer.Option(
            help="Cases of those only whom this agency arrested or charged, as records name it.", show_default=False
        ),
    ] = None,
    office: Annotated[
        str | None, typer.Option(help="File of your office (TOML); without it a made-up one.", show_default=False)
    ] = None,
    with_templates: Annotated[
        str | None, typer.Option(help="Folder with templates of your own.", show_default=False)
    ] = None,
    fonts: Annotated[
        str | None, typer.Option(help="Folder with fonts for names in other scripts.", show_default=False)
    ] = None,
    final: Annotated[
        bool, typer.Option("--final", help="No drafts: without `DRAFT` on every page; needs --office.")
    ] = False,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            help="A flag that keeps no case out of the order, since you have looked at such cases; repeat it for "
            "more.",
            show_default=False,
        ),
    ] = None,
    notices: Annotated[
        Notices, typer.Option(help="Notices of many people in a file, or a file for each person.")
    ] = Notices.together,
    templates: Annotated[
        str | None,
        typer.Option(
            help="Write the templates of papers into this new folder, to be changed, and do nothing else.",
            show_default=False,
        ),
    ] = None,
    store: StoreElsewhere = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Write papers for a court as PDF: a proposed order with its list of cases, notices, and a declaration."""
    from clearscale.runs.charges import open_either  # not at the top: help must not wait for arrays

    if templates is not None:
        if run or out:
            raise typer.BadParameter("--templates only writes templates: leave out --run and --out")
        written = clearscale.packet_templates(templates)
        print_result(quiet, as_json, written, lambda: say(*written))
        return
    if run is None or out is None:
        raise typer.BadParameter("give --run and --out, or --templates")
    with working(quiet) as progress:
        paths = clearscale.packet(
            run_of(run, store, open_either),
            out,
            county=county,
            court=court,
            agency=agency,
            office=office,
            with_templates=with_templates,
            fonts=fonts,
            final=final,
            accept=accept or (),
            notices=notices.value,
            progress=progress,
        )
    print_result(quiet, as_json, paths, lambda: _show(out, paths))


def _show(out: str, paths: Sequence[str]) -> None:
    """Name the files, of a file for each person how many there are, and say what became of what was decided."""
    from clearscale.io.files import Folder
    from clearscale.outputs.packet.folder import MANIFEST

    others = [path for path in paths if "/notices/" not in path]
    say(*others)
    if (notices := len(paths) - len(others)) > 0:
        say(f"{notices:,} notices, a file for each person, in {out.rstrip('/')}/notices")
    told = Folder(out).read_json(MANIFEST)
    counts = {fate: sum(of_fate.values()) for fate, of_fate in told["outcomes"].items()}
    ordered, nothing = counts.pop("ordered"), counts.pop("nothing")
    say(
        f"Of {told['decided']:,} decided: {ordered:,} in the order, of {told['people']:,} "
        f"{'person' if told['people'] == 1 else 'people'}; "
        f"{sum(counts.values()):,} to be looked at; {nothing:,} without relief."
    )
