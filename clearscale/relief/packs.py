"""The packs: policies over charges that need no file, in the folders of the states whose law they are."""

from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable

import clearscale.law
from clearscale.errors import PolicyError
from clearscale.policy.parameters import nearest

from .language import Document
from .reading import read_policy


@lru_cache(maxsize=1)
def _files() -> dict[str, Traversable]:
    """Files of packs by their names, sorted."""
    states = [folder for folder in resources.files(clearscale.law).iterdir() if folder.is_dir()]
    folders = [state.joinpath("relief") for state in states if state.joinpath("relief").is_dir()]
    files = [file for folder in folders for file in folder.iterdir() if file.name.endswith(".toml")]
    return {file.name.removesuffix(".toml"): file for file in sorted(files, key=lambda file: file.name)}


def names() -> tuple[str, ...]:
    """Names of all packs, sorted."""
    return tuple(_files())


def text(name: str) -> str:
    """Return a pack's file. Raises PolicyError if there is none of that name."""
    if name not in _files():
        raise PolicyError(f"there is no pack '{name}'; {nearest(name, _files())}")
    return _files()[name].read_text("utf-8")


@lru_cache(maxsize=32)
def pack(name: str) -> Document:
    """Return a pack. Raises PolicyError if there is none of that name."""
    return read_policy(text(name), name)


def packs() -> dict[str, Document]:
    """Return all packs by their names."""
    return {name: pack(name) for name in names()}
