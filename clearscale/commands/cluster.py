"""The commands `clearscale cluster ...`: what a scheduler and workers need that are started separately."""

from typing import Annotated

import typer

from clearscale_cluster.shown import say

from .options import Json, Quiet
from .terminal import print_result

app = typer.Typer(no_args_is_help=True, help="Clusters that are started separately: certificates for TLS.")


@app.callback()
def commands() -> None:
    """Have a group of commands, even of one."""


@app.command(epilog="Example: `clearscale cluster certificates --out certificates`")
def certificates(
    out: Annotated[str, typer.Option(help="A new local folder for certificates and keys, for its owner alone.")],
    days: Annotated[int, typer.Option(help="For so long they are good.")] = 365,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Make certificates for a scheduler, its workers and its clients: who has none of them cannot connect."""
    from pathlib import Path

    from clearscale_cluster.setup.certificates import make_certificates

    files = [str(path) for path in make_certificates(Path(out), days)]
    print_result(quiet, as_json, files, lambda: say(*files))
