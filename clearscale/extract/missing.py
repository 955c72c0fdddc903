"""Keys that name nobody, and dates that are none: words and filler that stand where something was not known."""

from functools import lru_cache

from clearscale.law import state

_VALUES = state().values


@lru_cache(2**16)
def names_nobody(key: bytes) -> bool:
    """Whether a key says that nobody knew it. A blank one says nothing."""
    return _VALUES.names_nobody(key)


@lru_cache(2**16)
def is_unreadable(date: bytes) -> bool:
    """Whether a text that is no date as dates are read says one all the same. A blank one says none."""
    return not _VALUES.has_no_date(date)
