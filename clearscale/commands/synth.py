"""The command `clearscale synth`."""

from dataclasses import asdict
from functools import partial
from typing import Annotated

import typer

import clearscale

from .options import Cluster, Insecure, Json, PerformanceReport, Quiet, Wait, watched
from .terminal import print_result, working

app = typer.Typer()


@app.command(
    epilog="Example: `clearscale synth --out extracts --counties 3 --people 5000 --seed 1`, or the whole state: "
    "`clearscale synth --state --scale 0.1 --out extracts --cluster local`"
)
def synth(  # noqa: PLR0913 - an option each
    out: Annotated[str, typer.Option(help="Folder or URL for the extracts.")],
    counties: Annotated[
        int | None,
        typer.Option(
            min=1, max=58, metavar="N", help="How many counties, the most populous first.", show_default="3"
        ),
    ] = None,
    people: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="How many people in the whole state.", show_default="1000"),
    ] = None,
    state: Annotated[
        bool, typer.Option("--state", help="All counties, each as large as its published figures.")
    ] = False,
    scale: Annotated[
        float | None,
        typer.Option(help="With --state: so many times the people; above 0.", show_default="1.0"),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="A file of charges in this format instead, such as il-cook-clerk; with --state as large as was "
            "published.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="The same seed gives the same bytes.")] = 1,
    compress: Annotated[bool, typer.Option("--compress", help="Compress each extract with zstd.")] = False,
    cluster: Cluster = None,
    insecure: Insecure = False,
    wait: Wait = None,
    performance_report: PerformanceReport = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Fabricate extracts: the form and proportions of real ones, and nobody's data."""
    from clearscale.synth import fabricate, fabricate_state
    from clearscale_cluster import Label, open_cluster

    from . import show

    if state and (counties is not None or people is not None):
        raise typer.BadParameter("--state is all counties and their people: leave out --counties and --people")
    if scale is not None and not state:
        raise typer.BadParameter("--scale goes with --state; otherwise --people says how many")
    if form is not None:
        if counties is not None or compress:
            raise typer.BadParameter("--format makes one file: leave out --counties and --compress")
        _charges(out, form, people, (1.0 if scale is None else scale) if state else None, seed, quiet, as_json)
        return
    if state:
        write = partial(fabricate_state, scale=1.0 if scale is None else scale)
    else:
        write = partial(fabricate, counties=counties or 3, people=people or 1000)
    with (
        working(quiet) as progress,
        open_cluster(cluster, insecure=insecure, wait=wait) as opened,
        watched(opened, performance_report, quiet=quiet),
    ):
        try:
            made = write(
                out,
                seed=seed,
                compress=compress,
                cluster=opened,
                progress=lambda done, total: progress(done, total, Label("fabricate extracts", "people")),
            )
        except ValueError as error:
            raise clearscale.ClearscaleError(str(error)) from None
    print_result(quiet, as_json, [asdict(extract) for extract in made], lambda: show.fabricated(made))


def _charges(
    out: str, form: str, people: int | None, scale: float | None, seed: int, quiet: bool, as_json: bool
) -> None:
    """Fabricate a file of charges: of so many people, or so many times those that were published."""
    from clearscale.formats import load_map
    from clearscale.synth import fabricate_charges
    from clearscale.synth.charge_files import recipe_for
    from clearscale_cluster import Label

    from . import show

    stated = load_map(form)
    if scale is not None:
        if scale <= 0:
            raise typer.BadParameter("--scale must be above 0")
        people = max(1, round(scale * int(recipe_for(stated).stated["people"])))
    with working(quiet) as progress:
        made = fabricate_charges(
            out,
            stated,
            people=people or 1000,
            seed=seed,
            progress=lambda done, total: progress(done, total, Label("fabricate charges", "people")),
        )
    print_result(quiet, as_json, asdict(made), lambda: show.fabricated_charges(made))
