"""Markers: small files that say that a piece of an ingest is finished, and what its files are."""

from collections.abc import Mapping
from typing import Any

from clearscale.io.files import Folder
from clearscale.io.seals import Seal, is_whole, with_digest
from clearscale.store.layout import STAGING

SEALS = "files"
"""The key under which a marker holds the seals of the piece's files, by their paths below the store."""


def write_marker(folder: Folder, name: str, marker: dict[str, Any]) -> None:
    """Write a marker, after the files that it tells of."""
    folder.write_json(name, with_digest(marker))


def read_marker(folder: Folder, name: str) -> dict[str, Any] | None:
    """Read a marker; None if it is missing, damaged, or of a version that listed no files."""
    try:
        found = folder.read_json(name)
    except (FileNotFoundError, ValueError, RecursionError):
        return None
    return found if is_whole(found) and SEALS in found else None


def seals_of(markers: Mapping[int, Mapping[str, Any]]) -> dict[str, Seal]:
    """The seals of what an extract's block groups stored, without those of staged files."""
    return {
        path: Seal(*seal)
        for marker in markers.values()
        for path, seal in marker[SEALS].items()
        if not path.startswith(f"{STAGING}/")
    }
