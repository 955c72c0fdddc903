"""What clearscale raises when it cannot go on: what was wrong, where, and what to do. Never a person's data."""

import difflib
from collections.abc import Iterable

from clearscale_cluster.shown import shown


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
        return "\n".join(self.args)


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
