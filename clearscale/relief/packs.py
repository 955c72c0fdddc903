"""Policies over charges by their names or files; packs need no file."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from clearscale.errors import PolicyError
from clearscale.law.charge_policies import charge_policies
from clearscale.policy.locating import read_content
from clearscale.policy.parameters import nearest

from .language import ChargePolicy, Document
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


def load_policy(reference: str, parameters: Mapping[str, Any] | None = None) -> ChargePolicy:
    """Return a policy over charges.

    Parameters
    ----------
    reference
        Name of a pack, or path or URL of a policy file.
    parameters
        Values of some parameters; the others have their defaults.

    Returns
    -------
    ChargePolicy
        With the values in place.

    Raises
    ------
    PolicyError
        If there is no such policy, or something is wrong with it or its parameters.
    """
    if reference in names():
        return pack(reference).policy(parameters)
    return read_policy(read_content(reference), reference).policy(parameters)
