"""The word that somebody meant."""

import difflib
from collections.abc import Iterable


def closest(word: str, words: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The one of `words` that is most like `word`, None if none is like it.

    One of the same letters in another order, such as 11357 for 11375, is nearer than any other. cutoff: as of
    `difflib.get_close_matches`.
    """
    near = difflib.get_close_matches(word, list(words), n=5, cutoff=cutoff)
    swapped = (each for each in near if sorted(each) == sorted(word))
    return next(swapped, near[0] if near else None)
