"""The packs: policies that need no file, each known by its name and read once."""

from functools import lru_cache

from clearscale.errors import PolicyError, nearest

from .language import Document
from .locating import PACKS, read_content
from .model import Policy
from .reading import read_policy


@lru_cache(maxsize=32)
def pack(name: str) -> Document:
    """Return a pack's document. Raises PolicyError if there is no such pack."""
    if name not in PACKS:
        raise PolicyError(f"there is no pack '{name}'; {nearest(name, PACKS)}")
    return read_policy(read_content(name), name)


@lru_cache(maxsize=32)
def unchanged(name: str) -> Policy:
    """Return a pack's policy, every parameter at its default."""
    return pack(name).policy()


DISMISS_ALL = unchanged("ca-dismiss-all")
DISMISS_ALL_AND_RELATED = unchanged("ca-dismiss-all-and-related")
"""Policies that are counted beside every other."""
