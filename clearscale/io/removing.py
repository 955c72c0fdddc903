"""Removing from a storage what has just these names: `rm` of fsspec takes them for patterns.

A name with `*`, `?` or brackets would stand for other people's files there, and nobody would be told.
"""

import contextlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from clearscale.errors import StorageError

_AT_ONCE = 32
"""Files that are removed at a time where each is a request of its own."""

_OF_A_REQUEST = 1000
"""Objects that S3 removes in one request at most."""

_MAGIC = set("*?[")


def remove_files(system: Any, paths: Sequence[str]) -> None:
    """Remove files of a file system of fsspec's, in few requests where it takes several in one.

    S3 passes over those that are not there; others raise FileNotFoundError.
    """
    if hasattr(system, "call_s3"):
        _remove_objects(system, paths)
    elif getattr(system, "async_impl", False) and len(paths) > 1:
        with ThreadPoolExecutor(min(len(paths), _AT_ONCE)) as threads:
            list(threads.map(lambda path: _remove_file(system, path), paths))
    else:  # one connection, which does one thing at a time
        for path in paths:
            _remove_file(system, path)


def remove_tree(system: Any, path: str) -> None:
    """Remove a file, or a folder and its content, of a file system of fsspec's."""
    if hasattr(system, "call_s3"):
        # What has the folder's own name is no folder's content.
        remove_files(system, [*(found for found in system.find(path) if found != path), path])
        return
    found = system.find(path, withdirs=True, detail=True)
    folders = {name for name, about in found.items() if about.get("type") == "directory"}
    remove_files(system, [name for name in found if name not in folders])
    for folder in sorted(folders, key=len, reverse=True):
        # Object stores have no folders; whoever looks whether it is gone says where one could not be removed.
        with contextlib.suppress(FileNotFoundError, FileExistsError, NotImplementedError):
            system.rmdir(folder)


def _remove_objects(system: Any, paths: Sequence[str]) -> None:
    if not paths:
        return
    bucket = system.split_path(paths[0])[0]
    # Not split_path for the keys: it takes the end of some for the name of a version.
    keys = [path.removeprefix(f"{bucket}/") for path in paths]
    for begin in range(0, len(keys), _OF_A_REQUEST):
        objects = [{"Key": key} for key in keys[begin : begin + _OF_A_REQUEST]]
        system.call_s3("delete_objects", Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
    system.invalidate_cache()


def _remove_file(system: Any, path: str) -> None:
    try:
        system.rm_file(path)
    except NotImplementedError:
        if _MAGIC & set(path):
            raise StorageError(
                "names with *, ? or [ cannot be removed from a storage of this kind; choose another name"
            ) from None
        system.rm(path)
