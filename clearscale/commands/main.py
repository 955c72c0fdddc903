"""The command line: the apps of the commands' files, joined, and what ends a command.

Each command imports what it needs when it runs, so that `--help` answers at once.
"""

import gc
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

import clearscale

from . import (
    check,
    demo,
    encryption,
    export,
    gogen,
    ingest,
    policies,
    purge,
    report,
    run,
    serve,
    synth,
    tables,
    verify,
    warm_up,
    whatif,
)
from .terminal import complain

app = typer.Typer(
    name="clearscale",
    help="Clear old marijuana convictions statewide: extracts in, decisions and totals out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
for _commands in (ingest, run, check, verify, purge, export, tables, synth, demo, whatif, report, serve, warm_up):
    app.add_typer(_commands.app)
app.add_typer(policies.app, name="policies")
app.add_typer(gogen.app, name="gogen")
app.add_typer(encryption.app, name="encryption")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(clearscale.__version__)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of all commands."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 an error that is explained, 2 wrong usage, 130 interrupted."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if arguments is not None:
        sys.exit(_exit_code(words))
    # The process is this command's. Its imports make hundreds of thousands of objects that stay: looking for
    # garbage among them, while they are made and once more at the end, takes a tenth of a short command's time.
    gc.set_threshold(100_000)
    code = _exit_code(words)
    gc.freeze()
    sys.exit(code)


def _exit_code(words: list[str]) -> int:
    try:
        app(words, prog_name="clearscale")
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 1
        # The counties' program exits with 1 where others say 2 for wrong usage.
        return 1 if code == 2 and words[:1] == ["gogen"] else code
    except Exception as error:
        return _explained(error)
    return 0


def _explained(error: Exception) -> int:
    """Print an error that a user can mend and return 1; others go on as they are."""
    from clearscale.io.object_store import reason
    from clearscale_cluster import ClusterError

    if isinstance(error, clearscale.ClearscaleError | ClusterError):
        complain(str(error))
        return 1
    if isinstance(error, OSError) and error.__cause__ is None:
        where = f"{error.filename}: " if error.filename else ""
        complain(f"{where}{error.strerror or type(error).__name__}")
        return 1
    if (why := reason(error)) is not None:
        complain(f"a storage failed: {why}")
        return 1
    raise error
