"""Keys that name nobody: words and filler that stand where a key was not known."""

from functools import lru_cache

from clearscale.law import state

_VALUES = state().values


@lru_cache(2**16)
def names_nobody(key: bytes) -> bool:
    """Whether a key says that nobody knew it. A blank one says nothing."""
    return _VALUES.names_nobody(key)
