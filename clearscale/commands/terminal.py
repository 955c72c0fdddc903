"""What all commands share: progress while they work, and results on a terminal."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from clearscale_cluster import TerminalProgress


@contextlib.contextmanager
def working(quiet: bool) -> Iterator["TerminalProgress"]:
    """Show the progress of a command's work; an interruption is reported and ends the command with 130."""
    from clearscale_cluster import TerminalProgress

    with interruptible(), TerminalProgress(quiet=quiet) as progress:
        yield progress


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Report an interruption, and end the command with 130."""
    try:
        yield
    except KeyboardInterrupt:
        complain("interrupted; nothing is half-written, and the same command again goes on from here")
        raise typer.Exit(130) from None


def print_result(quiet: bool, as_json: bool, document: Any, show: Callable[[], None]) -> None:
    """Print a result: as JSON, for people, or, if quiet, not at all."""
    if as_json:
        typer.echo(json.dumps(document, indent=1, ensure_ascii=False))
    elif not quiet:
        show()


def complain(message: str) -> None:
    """Print an error in one line."""
    print(f"clearscale: {message}", file=sys.stderr)
