"""What clearscale raises when it cannot go on: what was wrong, where, and what to do. Never a person's data."""

import difflib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from clearscale_cluster.shown import shown

_SHELL: list[None] = []
"""Not empty while a command runs, whose user knows options such as `--store` and no arguments."""

_LISTED = re.compile(r"--(accept|allow) ([\w-]+)((?: --\1 [\w-]+)*)")
_PLACE = r"[A-Z]+(?:,[A-Z]+)*\b"
_VALUED = re.compile(
    rf"--(on-bad-record) (quarantine)\b|--(quarantine-days|keep|frontier) ({_PLACE})|--([a-z-]+) (\d+)\b"
)
_OPTION = re.compile(r"(?<![\w-])--([a-z][a-z-]+)")
_NAMES = {"format": "format_name", "add": "add=True"}
"""Arguments that are written in another way than the option."""


@contextmanager
def said_in_shell() -> Iterator[None]:
    """Have messages name options as a command takes them, not arguments of Python's."""
    _SHELL.append(None)
    try:
        yield
    finally:
        _SHELL.pop()


def in_python(text: str) -> str:
    """Write options in a message as the arguments that they are in Python. A whole command in backquotes stays one.

    Examples
    --------
    >>> in_python("name it with --county, or pass it: --accept bad-records --accept zero-bytes")
    'name it with county, or pass it: accept=["bad-records", "zero-bytes"]'
    >>> in_python("say so with --on-bad-record quarantine, or `clearscale purge --file X`")
    'say so with on_bad_record="quarantine", or `clearscale purge --file X`'
    """
    parts = text.split("`")
    for place in range(0, len(parts), 2):
        part = _LISTED.sub(_as_list, parts[place])
        part = _VALUED.sub(_with_value, part)
        parts[place] = _OPTION.sub(lambda found: _argument(found[1]), part)
    return "`".join(parts)


def _argument(option: str) -> str:
    return _NAMES.get(option) or option.replace("-", "_")


def _as_list(found: re.Match[str]) -> str:
    names = [found[2], *(word for word in found[3].split() if not word.startswith("--"))]
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"{found[1]}=[{quoted}]"


def _with_value(found: re.Match[str]) -> str:
    option, value = (group for group in found.groups() if group is not None)
    written = f'"{value}"' if value.islower() else value
    return f"{_argument(option)}={written}"


class ClearscaleError(Exception):
    """Base of all errors that a user can mend; the command line prints the message and exits with 1.

    Parameters
    ----------
    lines : str
        The message, each line made fit to be shown (`clearscale_cluster.shown`): a line feed in a file's name makes
        no other line.
    """

    def __init__(self, *lines: str) -> None:
        super().__init__(*map(shown, lines))

    def __str__(self) -> str:
        text = "\n".join(self.args)
        return text if _SHELL else in_python(text)


class ExtractError(ClearscaleError):
    """An extract cannot be read or holds records that cannot be used."""


class StoreError(ClearscaleError):
    """A store is missing, of another version, or does not hold what was asked for."""


class PolicyError(ClearscaleError):
    """A policy or its options are wrong."""


class RunError(ClearscaleError):
    """A run is missing, unfinished, or does not match what was asked for."""


class StorageError(ClearscaleError):
    """An object storage refuses, cannot be reached, or failed again and again."""


def closest(word: str, words: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the one of `words` that is most like `word`, None if none is like it.

    One of the same letters in another order, such as 11357 for 11375, is nearer than any other. cutoff: as of
    `difflib.get_close_matches`.
    """
    near = difflib.get_close_matches(word, list(words), n=5, cutoff=cutoff)
    swapped = (match for match in near if sorted(match) == sorted(word))
    return next(swapped, near[0] if near else None)


def nearest(word: str, words: Iterable[str], otherwise: str | None = None) -> str:
    """Say of a word that is none of these which is the nearest one, in any case.

    otherwise: what is said where none is near; all of them are listed without it.
    """
    known = list(words)
    folded = {name.casefold(): name for name in reversed(known)}
    near = closest(word.strip().casefold(), folded)
    if near:
        return f"did you mean '{folded[near]}'?"
    return otherwise or f"there are: {', '.join(known) or 'none'}"
