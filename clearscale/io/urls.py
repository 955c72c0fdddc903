"""What paths and URLs name: a file's name, the files that one with * stands for, the same place from any folder."""

import contextlib
from fnmatch import fnmatchcase
from typing import Any

from clearscale_cluster.shown import without_query

from .kinds import is_local, is_s3
from .object_store import is_this_machine, located, version_in
from .reasons import explained


def file_name(url: str) -> str:
    """The name of the file at a path or URL: of what is read first in a chain of URLs, and without a query."""
    parts = [url] if is_local(url) else [part for part in url.split("::") if "/" in part]
    return without_query(parts[0] if parts else url).rstrip("/").rpartition("/")[2]


def absolute(url: str) -> str:
    """Make a local path absolute, so that it means the same from any folder; return other URLs as they are."""
    system, path = located(url)
    return path if is_this_machine(system) else url


def matching(pattern: str) -> list[str]:
    """List the files that a path or URL with * names, sorted."""
    return [url for url, _ in versions_matching(pattern)]


def versions_matching(pattern: str) -> list[tuple[str, dict[str, Any] | None]]:
    """List the files that a path or URL with * names, sorted, and the version of each, where a listing tells it."""
    system, path = located(pattern)
    folder, _, name = path.rpartition("/")
    begin = len(folder) + 1
    with explained(pattern, "listed"):
        if not is_s3(pattern) or not folder or set("*?[") & set(folder) or "**" in name:
            return sorted((system.unstrip_protocol(match), None) for match in system.glob(path))
        found: list[dict[str, Any]] = []
        with contextlib.suppress(FileNotFoundError):  # one listing, where s3fs looks for the folder first
            found = system.ls(folder, detail=True)
        versions = {about["name"]: version_in(about) for about in found}
        # Object storages may hold an empty object that stands for the folder itself.
        return [
            (system.unstrip_protocol(file), versions[file])
            for file in sorted(versions)
            if file[begin:] and fnmatchcase(file[begin:], name)
        ]
