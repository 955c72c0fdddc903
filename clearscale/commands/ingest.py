"""The command `clearscale ingest`."""

from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

import clearscale

from .options import Cluster, Insecure, Json, PerformanceReport, Quiet, Wait, reached
from .terminal import print_result, working

app = typer.Typer()


class OnBadRecord(StrEnum):
    """What becomes of records that cannot be used."""

    refuse = "refuse"
    quarantine = "quarantine"


@app.command(
    epilog="Example: `clearscale ingest extracts/*.csv --store store`, or with S3: "
    "`clearscale ingest 's3://doj/2020/*.csv.gz' --store s3://state/store --cluster local:4`"
)
def ingest(  # noqa: PLR0913 - an option each
    extracts: Annotated[list[str], typer.Argument(help="Paths, URLs, patterns or folders; .gz and .zst too.")],
    store: Annotated[str, typer.Option(help="The store: a folder or URL, made if it is not there.")],
    county: Annotated[
        list[str] | None,
        typer.Option(help="County of the extracts, or FILE=COUNTY for one of them.", show_default="what they tell"),
    ] = None,
    on_bad_record: Annotated[
        OnBadRecord,
        typer.Option(
            metavar="HOW",
            help="`refuse` an extract with records that cannot be used, or `quarantine` those records.",
        ),
    ] = OnBadRecord.refuse,
    accept: Annotated[
        list[str] | None, typer.Option(help="A finding that would refuse an extract, and that you have looked at.")
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what would be done and what is doubtful; store nothing."),
    ] = False,
    add: Annotated[
        bool,
        typer.Option("--add", help="Add the files to what the store has, instead of replacing."),
    ] = False,
    statewide: Annotated[
        bool, typer.Option("--statewide", help="The files are a state's own extract: deal them to the counties.")
    ] = False,
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="The files have one row a charge: name of a format, or a column map of your own (.toml).",
        ),
    ] = None,
    people: Annotated[
        str | None,
        typer.Option(help="With --format: folder or URL of the files' people, made by `clearscale formats link`."),
    ] = None,
    with_doubtful: Annotated[
        bool, typer.Option("--with-doubtful", help="With --people: doubtful pairs are one person each, too.")
    ] = False,
    buckets: Annotated[
        int | None, typer.Option(min=1, max=4096, metavar="N", help="Buckets of a new store, up to 4,096.")
    ] = None,
    cluster: Cluster = None,
    insecure: Insecure = False,
    wait: Wait = None,
    performance_report: PerformanceReport = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Take extracts into a store. The same command again finishes what was interrupted."""
    from . import show

    if with_doubtful and people is None:
        raise typer.BadParameter("--with-doubtful is about the table of people; name it with --people")
    if format_name is not None:
        if county or statewide:
            raise typer.BadParameter("--county and --statewide are for extracts; with --format, the map says where")
        with working(quiet) as progress, reached(cluster, insecure, wait, performance_report, quiet=quiet) as there:
            taken = clearscale.ingest_charges(
                extracts,
                store,
                format_name,
                on_bad_record=on_bad_record.value,
                accept=accept or (),
                dry_run=dry_run,
                add=add,
                buckets=buckets,
                people=people,
                with_doubtful=with_doubtful,
                cluster=there,
                progress=progress,
            )
        print_result(quiet, as_json, asdict(taken), lambda: show.charges(taken, store))
        if taken.refused:
            raise typer.Exit(1)
        return
    if people is not None:
        raise typer.BadParameter("--people is for files of charges; name their map with --format")
    with working(quiet) as progress, reached(cluster, insecure, wait, performance_report, quiet=quiet) as there:
        report = clearscale.ingest(
            extracts,
            store,
            county=_counties(county or ()),
            on_bad_record=on_bad_record.value,
            accept=accept or (),
            dry_run=dry_run,
            add=add,
            statewide=statewide,
            buckets=buckets,
            cluster=there,
            progress=progress,
        )
    print_result(quiet, as_json, asdict(report), lambda: show.ingest(report, store))
    if report.refused:
        raise typer.Exit(1)


def _counties(given: Sequence[str]) -> str | dict[str, str] | None:
    """One county for all extracts, or counties by file name."""
    named = [text.rpartition("=") for text in given]
    if all(file for file, _, _ in named):
        return {file: county for file, _, county in named} or None
    if len(given) > 1:
        raise typer.BadParameter("several counties need the file of each: --county FILE=COUNTY")
    return given[0]
