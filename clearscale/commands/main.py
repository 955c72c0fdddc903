"""The command line: the apps of the commands' files, joined, and what ends a command.

Each command imports what it needs when it runs, so that `--help` answers at once.
"""

import errno
import gc
import os
import re
import sys
import threading
from collections.abc import Sequence
from typing import Annotated

import typer

import clearscale
from clearscale.errors import said_in_shell
from clearscale_cluster.setup.memory import leave_no_memory
from clearscale_cluster.shown import say, shown

from . import (
    bench,
    check,
    cluster,
    decisions,
    demo,
    encryption,
    export,
    forecast,
    formats,
    gogen,
    ingest,
    log,
    packet,
    policies,
    purge,
    report,
    run,
    serve,
    store,
    synth,
    tables,
    verify,
    warm_up,
    whatif,
    work,
)
from .options import SAME_AS_CLUSTER
from .terminal import complain

_ELSEWHERE = "; name a path that you may read and write, or ask whoever owns this one"
_REMEDIES = {
    errno.EACCES: _ELSEWHERE,
    errno.EPERM: _ELSEWHERE,
    errno.EROFS: _ELSEWHERE,
    errno.ENOSPC: "; make room there, or name a path on another disk",
}
"""What to do about an error that the system names well."""

app = typer.Typer(
    name="clearscale",
    help="Clear old marijuana convictions statewide: extracts in, decisions and totals out.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
for _commands in (
    ingest,
    run,
    check,
    verify,
    work,
    purge,
    log,
    decisions,
    export,
    packet,
    tables,
    synth,
    demo,
    whatif,
    forecast,
    report,
    serve,
    warm_up,
    bench,
):
    app.add_typer(_commands.app)
app.add_typer(store.app, name="store")
app.add_typer(policies.app, name="policies")
app.add_typer(formats.app, name="formats")
app.add_typer(cluster.app, name="cluster")
app.add_typer(gogen.app, name="gogen")
app.add_typer(encryption.app, name="encryption")


def _version(wanted: bool) -> None:
    if wanted:
        say(clearscale.__version__)
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
    words = [os.fspath(word) for word in (sys.argv[1:] if arguments is None else arguments)]
    if arguments is not None:
        sys.exit(_exit_code(words))
    # What a library writes beside results is not for others either, nor is what worker processes do.
    os.umask(os.umask(0o077) | 0o027)
    # The process is this command's. Its imports make hundreds of thousands of objects that stay: looking for
    # garbage among them, while they are made and once more at the end, takes a tenth of a short command's time.
    gc.set_threshold(100_000)
    # Nothing here multiplies matrices: NumPy's library for it need not start a thread a core when it is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    leave_no_memory()
    threading.excepthook = _in_thread
    code = _exit_code(words)
    # DuckDB, where it was used, complains of what nobody looked for.
    if "duckdb" not in sys.modules:
        gc.freeze()
    sys.exit(code)


def _exit_code(words: list[str]) -> int:
    with said_in_shell():
        return _said_exit_code([re.sub(rf"^{SAME_AS_CLUSTER}(?==|$)", "--cluster", word) for word in words])


def _said_exit_code(words: list[str]) -> int:
    try:
        code = app(words, prog_name="clearscale", standalone_mode=False)
    except typer.TyperException as error:
        return _wrong_usage(error, words)
    except SystemExit as leaving:
        code = leaving.code
    except (Exception, typer.Abort) as error:
        return _explained(error)
    return code if isinstance(code, int) else int(code is not None)


def _wrong_usage(error: typer.TyperException, words: list[str]) -> int:
    """Print what is wrong with a command's words, which may be anything, and return 2."""
    from typer.rich_utils import rich_format_error

    said = shown(error.format_message())
    error.format_message = lambda: said  # type: ignore[method-assign]
    rich_format_error(error)  # type: ignore[arg-type]
    # The counties' program exits with 1 where others say 2 for wrong usage.
    return 1 if words[:1] == ["gogen"] else error.exit_code


_OF_PATHS = {
    NotADirectoryError: "a file stands where a folder should be; choose another path",
    FileExistsError: "is there already; choose another path",
    IsADirectoryError: "is a folder, not a file; name a file",
}
"""What is said of errors of paths, since the system names no remedy."""


def _explained(error: Exception) -> int:
    """Print an error and return 1: one that a user can mend in its words, any other by its kind and place only."""
    from clearscale.io.reasons import reason
    from clearscale_cluster import ClusterError
    from clearscale_cluster.task import whereabouts

    where = [f"  {line}" for line in whereabouts(error)]
    if isinstance(error, clearscale.ClearscaleError | ClusterError):
        complain(*str(error).split("\n"), *where)
        return 1
    if isinstance(error, OSError) and error.__cause__ is None:
        path = f"{error.filename}: " if error.filename else ""
        said = _OF_PATHS.get(type(error)) or error.strerror or type(error).__name__
        complain(f"{path}{said}{_REMEDIES.get(error.errno or 0, '')}", *where)
        return 1
    if (why := reason(error)) is not None:
        complain(f"a storage failed: {why}", *where)
        return 1
    if isinstance(error, MemoryError):
        complain("there is not enough memory; use fewer workers a machine, or smaller pieces (--buckets)", *where)
        return 1
    from .unforeseen import kinds, places

    complain(
        f"failed in a way that nobody foresaw: {kinds(error)}. Nothing is half-written. Please report it with the "
        "lines below, which hold nothing of anybody's record.",
        *places(error),
    )
    return 1


def _in_thread(failed: threading.ExceptHookArgs) -> None:
    """Print what failed in a thread of its own as any other error that was not foreseen."""
    from .unforeseen import kinds, places

    if failed.exc_value is not None:
        complain(f"a thread failed: {kinds(failed.exc_value)}", *places(failed.exc_value))
