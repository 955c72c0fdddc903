"""Policies over charges by their names or files; packs need no file."""

from functools import lru_cache

from clearscale.errors import PolicyError, nearest
from clearscale.law.charge_policies import charge_policies
from clearscale.policy.locating import PACKS, read_content

from .language import Document
from .reading import read_policy


def names() -> tuple[str, ...]:
    """Names of all packs, sorted."""
    return tuple(charge_policies())


def text(name: str) -> str:
    """Return a pack's file. Raises PolicyError if there is none of that name."""
    if name not in charge_policies():
        raise PolicyError(f"there is no pack '{name}'; {nearest(name, charge_policies())}")
    return charge_policies()[name].read_text("utf-8")


@lru_cache(maxsize=32)
def pack(name: str) -> Document:
    """Return a pack. Raises PolicyError if there is none of that name."""
    return read_policy(text(name), name)


def packs() -> dict[str, Document]:
    """Return all packs by their names."""
    return {name: pack(name) for name in names()}


def load_document(reference: str) -> Document:
    """Return a policy whose parameters have no values yet: a pack, or the file at a path or URL.

    Raises PolicyError if there is none, or it cannot be read.
    """
    if reference in PACKS:
        raise PolicyError(f"'{reference}' is a policy over convictions; a store of extracts is decided by it")
    return pack(reference) if reference in names() else read_policy(read_content(reference, names()), reference)
