"""The command `clearscale decisions`."""

from typing import Annotated

import typer

import clearscale

from .options import Json, Quiet, Run, StoreElsewhere, run_of
from .terminal import print_result, working

app = typer.Typer()

SHOWN = 20
"""Decisions that a terminal shows, unless told otherwise."""


def _several(what: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(help=f"{what}; repeat it for more.", show_default=False)
    return option


@app.command(
    epilog="Example: `clearscale decisions --run runs/july --outcome dismiss`, or as a workbook: "
    '`clearscale decisions --run runs/july --county "LOS ANGELES" --out list.xlsx`'
)
def decisions(  # noqa: PLR0913 - an option each
    run: Run,
    county: Annotated[list[str] | None, _several("Only this county, as records write it")] = None,
    court: Annotated[list[str] | None, _several("Only this court, as records name it")] = None,
    agency: Annotated[
        list[str] | None, _several("Only this agency, which made the arrest or brought the charge")
    ] = None,
    outcome: Annotated[
        list[str] | None, _several("Only this outcome, such as dismiss, or none where no rule decides")
    ] = None,
    flag: Annotated[list[str] | None, _several("Only decisions with this flag, such as set-aside, or any")] = None,
    case: Annotated[str | None, typer.Option(help="Only the case with this number.", show_default=False)] = None,
    record: Annotated[
        str | None,
        typer.Option(help="Only records that the extract calls so (RECORD_ID).", show_default=False),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            help="`table` (on the terminal), or of the file: `csv`, `xlsx` or `parquet`, without it as its name "
            "ends.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[str | None, typer.Option(help="File or URL for the list.", show_default=False)] = None,
    rows: Annotated[int, typer.Option(min=1, help="How many decisions a terminal shows.")] = SHOWN,
    store: StoreElsewhere = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """List decisions with names, case numbers and courts, court by court: on the terminal, or as a file."""
    from clearscale.runs.charges import open_either  # not at the top: help must not wait for arrays

    from . import show_lists

    if (format in (None, "table")) != (out is None) and not (format is None and out is not None):
        raise typer.BadParameter(
            "a list is either shown, as a table, or written: name the file with --out, such as list.csv"
        )
    with working(quiet) as progress:
        found = clearscale.decisions(
            run_of(run, store, open_either),
            county=county,
            court=court,
            agency=agency,
            outcome=outcome,
            flag=flag,
            case=case,
            record=record,
            out=out,
            format=None if format == "table" else format,
            progress=progress,
        )
        if out is None:
            shown = show_lists.first(found, None if as_json else rows)
    if found.file is not None:
        print_result(quiet, as_json, [found.file], lambda: show_lists.written(found))
    else:
        print_result(quiet, as_json, shown.document(), lambda: show_lists.decisions(shown))
