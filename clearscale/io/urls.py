"""What paths and URLs name: a file's name, the files that one with * stands for, the same place from any folder."""

import contextlib
import re
from typing import Any

from clearscale_cluster.shown import shown, without_query

from .kinds import is_local, is_s3
from .object_store import is_this_machine, located, version_in
from .patterns import escaped, matches
from .reasons import explained

_KEYS = re.compile(r"(?:s3a?|gs|gcs)://", re.IGNORECASE)
"""Storages in whose names of files a question mark has no meaning."""

_OF_VERSION = re.compile(r"(?:versionId|generation)=")

_WEB = re.compile(r"https?://", re.IGNORECASE)


def file_name(url: str) -> str:
    """The name of the file at a path or URL: of what is read first in a chain of URLs, and without a query."""
    parts = [url] if is_local(url) or is_s3(url) else [part for part in url.split("::") if "/" in part]
    first = parts[0] if parts else url
    return (_key(first) if _KEYS.match(first) else without_query(first)).rstrip("/").rpartition("/")[2]


def _key(url: str) -> str:
    """A URL of an object without what is no part of its key: a version, or what opens an account."""
    begin, _, rest = url.partition("?")
    return begin if _OF_VERSION.match(rest) or shown(rest) != rest else url


def absolute(url: str) -> str:
    """Make a local path absolute, so that it means the same from any folder; return other URLs as they are."""
    system, path = located(url)
    return path if is_this_machine(system) else url


def matching(pattern: str) -> list[str]:
    """List the files that a path or URL with * names, sorted; see `patterns`."""
    return [url for url, _ in versions_matching(pattern)]


def versions_matching(pattern: str) -> list[tuple[str, dict[str, Any] | None]]:
    """List the files that a path or URL with * names, sorted, and the version of each, where a listing tells it."""
    system, path = located(pattern)
    if is_this_machine(system):
        return [(match, None) for match in system.glob(path)]
    folder, _, name = path.rpartition("/")
    begin = len(folder) + 1
    with explained(pattern, "listed"):
        if not is_s3(pattern) or not folder or "*" in folder or "**" in name:
            # On the web a question mark begins a query, for fsspec's patterns too.
            known = escaped(path, "[" if _WEB.match(pattern) else "?[")
            beneath = "" if is_s3(pattern) else _beneath(pattern)
            return sorted((f"{system.unstrip_protocol(match)}{beneath}", None) for match in system.glob(known))
        found: list[dict[str, Any]] = []
        with contextlib.suppress(FileNotFoundError):  # one listing, where s3fs looks for the folder first
            found = system.ls(folder, detail=True)
        versions = {about["name"]: version_in(about) for about in found}
        # Object storages may hold an empty object that stands for the folder itself.
        return [
            (system.unstrip_protocol(file), versions[file])
            for file in sorted(versions)
            if file[begin:] and matches(file[begin:], name)
        ]


def _beneath(url: str) -> str:
    """What the first URL of a chain is read from, such as the archive around it; empty for one that is alone."""
    parts = url.split("::")
    first = next(place for place, part in enumerate(parts) if "://" in part)
    return "".join(f"::{part}" for part in parts[first + 1 :])
