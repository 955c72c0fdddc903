"""Where the store of a run lies now: stores and runs may be moved, apart or together."""

import posixpath
from collections.abc import Mapping
from typing import Any

from clearscale.errors import RunError, StorageError
from clearscale.io.files import Folder
from clearscale.io.paths import StrPath, path_text
from clearscale.io.urls import absolute
from clearscale.store.layout import MANIFEST, told_by
from clearscale_cluster.shown import shown_url

AT = "at"
"""In `run.json`: where the run itself lay when it was made."""


def located(folder: Folder, info: dict[str, Any], store: StrPath | None = None) -> dict[str, Any]:
    """Return what `run.json` says with `store` where the store lies now.

    That is where the caller says it is; else where it was; else, if the run was moved, where it would be if both
    were moved together.

    Raises RunError if what the caller names does not hold the snapshot that the run was made from.
    """
    if store is not None:
        named = Folder.rooted(absolute(path_text(store, "store")))
        snapshot = info["snapshot"]
        _, path = told_by(named, snapshot)
        if not named.exists(path):
            raise RunError(
                f"{shown_url(named.url)}: does not hold snapshot {snapshot}, which {folder.url} was made from"
            )
        return {**info, "store": named.url}
    beside = _beside(folder, info)
    if beside is None or holds_store(info["store"]) or not holds_store(beside):
        return info
    return {**info, "store": beside}


def _beside(folder: Folder, info: Mapping[str, Any]) -> str | None:
    """Where the store lies from here as it lay from where the run was made; None if the run was not moved."""
    here, made, store = absolute(folder.url), info.get(AT), info["store"]
    if made is None or made == here:
        return None
    root, made_at = _divided(made)
    other, store_at = _divided(store)
    begin, here_at = _divided(here)
    if root != other:
        return None
    return begin + posixpath.normpath(posixpath.join(here_at, posixpath.relpath(store_at, made_at)))


def _divided(url: str) -> tuple[str, str]:
    """What a URL begins with, its bucket included, and the path in it, which begins with a slash."""
    scheme, colon, rest = url.partition("://")
    if not colon:
        return "", url
    bucket, _, path = rest.partition("/")
    return f"{scheme}://{bucket}", f"/{path}"


def holds_store(url: str) -> bool:
    """Whether a store lies there; what cannot be reached does not say so."""
    try:
        return Folder(url).exists(MANIFEST)
    except (OSError, StorageError):
        return False
