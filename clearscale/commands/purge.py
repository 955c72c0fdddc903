"""The commands `clearscale purge` and `clearscale prune`."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer

import clearscale

from .options import Json, Quiet, Store
from .terminal import interruptible, print_result

app = typer.Typer()

STANDARD_INPUT = "-"

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be destroyed; destroy nothing.")]


@app.command(
    epilog="Example: `clearscale purge --store store --cii - --made runs/july < numbers`, or of a file: "
    "`clearscale purge --store store --extract orange.csv --dry-run`"
)
def purge(
    store: Store,
    subject: Annotated[
        list[str] | None,
        typer.Option(
            help="ID of a subject, or - for a line each on standard input; may be repeated.", show_default=False
        ),
    ] = None,
    cii: Annotated[
        list[str] | None,
        typer.Option(
            help="Number of a person, or - for a line each on standard input; may be repeated.",
            show_default=False,
        ),
    ] = None,
    extract: Annotated[
        str | None, typer.Option(help="Id or file name of an extract; with --subject, the one that it is of.")
    ] = None,
    snapshot: Annotated[str | None, typer.Option(help="Name of an earlier snapshot.")] = None,
    quarantine: Annotated[bool, typer.Option("--quarantine", help="All records in quarantine.")] = False,
    person: Annotated[
        list[str] | None,
        typer.Option(
            help="Of a store of charges: a person's key as its files have it, or - for a line each on standard "
            "input; may be repeated.",
            show_default=False,
        ),
    ] = None,
    file: Annotated[str | None, typer.Option(help="Of a store of charges: id or name of a file.")] = None,
    made: Annotated[
        list[str] | None,
        typer.Option(
            help="A run, sweep or export that was made from it, to be destroyed, too; repeat it for more."
        ),
    ] = None,
    dry_run: DryRun = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Destroy records of people, of a file, a snapshot or quarantine, in every file of a store that holds them."""
    from . import show_purge

    with interruptible():
        report = clearscale.purge(
            store,
            subject=_named(subject),
            cii=_named(cii),
            extract=extract,
            snapshot=snapshot,
            quarantine=quarantine,
            person=_named(person),
            file=file,
            made=made or (),
            dry_run=dry_run,
        )
    print_result(quiet, as_json, asdict(report), lambda: show_purge.purge(report, store))


@app.command(
    epilog="Example: `clearscale prune --store store --keep 3 --quarantine-days 90 --save`, and from then on: "
    "`clearscale prune --store store`"
)
def prune(
    store: Store,
    keep: Annotated[
        int | None, typer.Option(min=1, help="How many of the newest snapshots stay.", show_default="as saved")
    ] = None,
    quarantine_days: Annotated[
        int | None, typer.Option(min=0, help="For how many days quarantine stays.", show_default="as saved")
    ] = None,
    save: Annotated[bool, typer.Option("--save", help="Make this the store's setting.")] = False,
    dry_run: DryRun = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Remove what a store need not keep: earlier snapshots and what only they have, and old quarantine."""
    from . import show_purge

    with interruptible():
        report = clearscale.prune(store, keep=keep, quarantine_days=quarantine_days, save=save, dry_run=dry_run)
    print_result(quiet, as_json, asdict(report), lambda: show_purge.prune(report, store))


def _named(given: list[str] | None) -> list[str]:
    """Names as they were given; those of standard input stand in no shell's history and no list of processes."""
    found = []
    for name in given or ():
        if name == STANDARD_INPUT:
            found += [line.rstrip("\r\n") for line in sys.stdin]
        else:
            found.append(name)
    return found
