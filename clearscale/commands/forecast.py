"""The command `clearscale forecast`."""

from typing import TYPE_CHECKING, Annotated

import typer

import clearscale

from .options import (
    Allow,
    AsOf,
    Cluster,
    Insecure,
    Json,
    Parameters,
    PerformanceReport,
    Quiet,
    Store,
    Wait,
    parameters,
    reached,
)
from .terminal import print_result, tell_of_pictures, working

if TYPE_CHECKING:
    import pyarrow as pa

app = typer.Typer()


@app.command(
    epilog="Example: `clearscale forecast --store charges-store --policy il-minor-cannabis-2020 --as-of 2020-07-01 "
    "--months 120 --out forecast`"
)
def forecast(  # noqa: PLR0913 - an option each
    store: Store,
    policy: Annotated[str, typer.Option(help="Name of a pack over charges, or file of such a policy.")],
    as_of: AsOf,
    months: Annotated[int, typer.Option(min=1, max=1200, metavar="N", help="How many months.")] = 120,
    out: Annotated[
        str | None, typer.Option(help="Folder or URL for forecast.parquet, forecast.csv and forecast.svg.")
    ] = None,
    set_: Parameters = None,
    allow: Allow = None,
    cluster: Cluster = None,
    insecure: Insecure = False,
    wait: Wait = None,
    performance_report: PerformanceReport = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Count what charges become due in each month under a policy, if nothing changes but the date."""
    with working(quiet) as progress, reached(cluster, insecure, wait, performance_report, quiet=quiet) as there:
        table = clearscale.forecast(
            store,
            policy,
            as_of,
            months=months,
            out=out,
            parameters=parameters(set_),
            allow=allow or (),
            cluster=there,
            progress=progress,
        )
    print_result(quiet, as_json, _rows(table) if as_json else [], lambda: _show(table))
    if out is not None:
        tell_of_pictures()


def _rows(table: "pa.Table") -> list[dict[str, object]]:
    return [{**row, "month": row["month"].isoformat()[:7] if row["month"] else None} for row in table.to_pylist()]


def _show(table: "pa.Table") -> None:
    # Imported only where somebody looks: drawing tables takes long to import.
    from . import show_charges

    show_charges.forecast(table)
