"""The command `clearscale ingest`."""

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

import clearscale

from .options import Cluster, Json, Quiet
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
def ingest(
    extracts: Annotated[list[str], typer.Argument(help="Paths, URLs or patterns; .gz and .zst too.")],
    store: Annotated[str, typer.Option(help="The store: a folder or URL, made if it is not there.")],
    county: Annotated[str | None, typer.Option(help="County of the extracts, as their records write it.")] = None,
    on_bad_record: Annotated[
        OnBadRecord,
        typer.Option(help="Refuse an extract with records that cannot be used, or quarantine those records."),
    ] = OnBadRecord.refuse,
    accept: Annotated[
        list[str] | None, typer.Option(help="A finding that would refuse an extract, and that you have looked at.")
    ] = None,
    buckets: Annotated[int | None, typer.Option(min=1, max=4096, help="Buckets of a new store.")] = None,
    cluster: Cluster = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Take extracts into a store. The same command again finishes what was interrupted."""
    from . import show

    with working(quiet) as progress:
        report = clearscale.ingest(
            extracts,
            store,
            county=county,
            on_bad_record=on_bad_record.value,
            accept=accept or (),
            buckets=buckets,
            cluster=cluster,
            progress=progress,
        )
    print_result(quiet, as_json, asdict(report), lambda: show.ingest(report, store))
