"""What all commands share: progress while they work, and results on a terminal.

Nothing of this program prints but by `clearscale_cluster.shown.say`, by `print_document`, and tables by `drawn`:
names of files, counties and policies are others' texts, which a terminal must not obey.
"""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import typer

from clearscale_cluster.shown import say, shown_url

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
        print_document(document)
    elif not quiet:
        show()


def print_document(document: Any) -> None:
    """Print a JSON document; what has no shape of its own is escaped as JSON does."""
    written = json.dumps(_without_secrets(document), indent=1, ensure_ascii=False)
    say(*(line if line.isprintable() else "".join(map(_escaped, line)) for line in written.split("\n")))


def _without_secrets(document: Any) -> Any:
    if isinstance(document, str):
        return shown_url(document)
    if isinstance(document, dict):
        return {key: _without_secrets(value) for key, value in document.items()}
    return [_without_secrets(value) for value in document] if isinstance(document, list | tuple) else document


def _escaped(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1]


def tell_of_pictures() -> None:
    """Say that charts have no pictures here, if they have none."""
    from clearscale.drawing import why_not_drawn

    if (lacking := why_not_drawn()) is not None:
        complain(f"the chart has words in place of a picture, its tables are whole: {lacking}")


def complain(*lines: str) -> None:
    """Print an error, the program's name before its first line."""
    first, *others = lines
    say(f"clearscale: {first}", *others, to=sys.stderr)
