"""The command `clearscale check`."""

from typing import TYPE_CHECKING, Annotated

import typer

import clearscale

from .options import Cluster, Insecure, Json, PerformanceReport, Quiet, Store, Wait, reached
from .terminal import print_result, working

if TYPE_CHECKING:
    import pyarrow as pa

app = typer.Typer()


@app.command(
    epilog="Example: `clearscale check --store store --out checks`, or of a store in S3: "
    "`clearscale check --store s3://state/store --json`"
)
def check(
    store: Store,
    out: Annotated[str | None, typer.Option(help="Folder or URL for the findings as a table.")] = None,
    show_values: Annotated[
        bool,
        typer.Option(
            "--show-values",
            help="Show unknown texts themselves, not only how many there are. Where columns are shifted, they are "
            "names and numbers of people.",
        ),
    ] = False,
    cluster: Cluster = None,
    insecure: Insecure = False,
    wait: Wait = None,
    performance_report: PerformanceReport = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Count what to know of a store's data: what disagrees, missing dates, unknown texts, bad records."""
    with working(quiet) as progress, reached(cluster, insecure, wait, performance_report, quiet=quiet) as there:
        table = clearscale.check(store, out=out, show_values=show_values, cluster=there, progress=progress)
    print_result(quiet, as_json, table.to_pylist(), lambda: _shown(table, out))


def _shown(table: "pa.Table", out: str | None) -> None:
    """Show the findings of either kind of store; only of charges there are files."""
    if "file" in table.column("scope").unique().to_pylist():
        from . import show_charges

        show_charges.check(table, out)
    else:
        from . import show

        show.check(table, out)
