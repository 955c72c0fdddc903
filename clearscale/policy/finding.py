"""Where a policy's text is found: among the packs, which need no file, or in a file at a path or URL."""

import tomllib

from clearscale.errors import PolicyError, closest
from clearscale.io.files import Source
from clearscale.law import state

PACKS = state().policies.names
"""Policies that need no file."""


def read_content(reference: str) -> bytes:
    """Read the text of a pack, or of the file at a path or URL. Raises PolicyError if there is none."""
    if reference in PACKS:
        return state().policies.read(reference)
    try:
        with Source(reference).open() as file:
            return file.read()
    except (FileNotFoundError, IsADirectoryError):
        near = closest(reference, PACKS)
        hint = f"a pack; did you mean '{near}'?" if near else f"one of {', '.join(PACKS)}"
        raise PolicyError(f"there is no policy '{reference}': it is neither a file nor {hint}") from None


def is_map(content: bytes) -> bool:
    """Tell whether a TOML file is meant as a policy map: it has a default or tables of counties, and no rules."""
    try:
        tables = tomllib.loads(content.decode("utf-8", "replace"))
    except tomllib.TOMLDecodeError:
        return False
    return "rule" not in tables and any(isinstance(tables.get(key), dict) for key in ("default", "counties"))


def beside(reference: str, where: str) -> str:
    """Find a file that another names: beside it, unless its path or URL is whole."""
    if reference in PACKS or "://" in reference or reference.startswith("/"):
        return reference
    folder = where.rpartition("/")[0]
    return f"{folder}/{reference}" if folder else reference
