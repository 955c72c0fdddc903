"""Folders that a user names: the extracts in them, what is left out, and which one may have been meant."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from clearscale.errors import ExtractError, closest
from clearscale_cluster.shown import shown_url

from .source import Source
from .urls import versions_matching

ENDINGS = (".csv", ".txt", ".tsv", ".psv", ".dat", ".parquet")
"""How names of files of records end, but for a compression."""


@dataclass(frozen=True)
class Named:
    """Files that a user named. files: their paths, URLs and patterns. left_out: names of a folder's other files."""

    files: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def named_files(paths: Sequence[str]) -> Named:
    """List the files of folders in place of these, in the order of their names; other paths stay as they are.

    A folder is a local one, or a URL that ends with a slash. Hidden files, and folders inside, are passed over.
    Raises ExtractError for a folder without files of records.
    """
    files: list[str] = []
    left_out: list[str] = []
    for path in paths:
        if not _is_folder(path):
            files.append(path)
            continue
        found = _inside(path)
        records = [file for file in found if holds_records(_name(file))]
        if not records:
            raise ExtractError(
                f"{shown_url(path)}: is a folder without extracts: no name in it ends in {', '.join(ENDINGS)}, "
                "with or without a compression; name the files"
            )
        files += records
        left_out += [_name(file) for file in found if file not in records]
    return Named(tuple(files), tuple(left_out))


def near_folder(path: str, holding: str) -> str:
    """Return a question for a message: whether a folder beside this one was meant that holds a file of this name.

    Empty where there is none, and for URLs.
    """
    if "://" in path:
        return ""
    place = Path(path).expanduser()
    try:
        beside = [folder.name for folder in place.parent.iterdir() if (folder / holding).is_file()]
    except OSError:
        return ""
    near = closest(place.name, beside)
    return f"; did you mean {place.with_name(near)}?" if near and near != place.name else ""


_HOLDS = {
    "run.json": "a run",
    "manifest.json": "a store",
    "sweep.json": "a sweep",
    "diff.json": "a comparison of runs",
}
"""What a folder is that holds a file of this name."""


def is_another(path: str) -> str:
    """Say what a folder is that was named and is none of what was looked for, such as `a run`; empty if unknown.

    Of local folders only.
    """
    if "://" in path:
        return ""
    place = Path(path).expanduser()
    return next((said for name, said in _HOLDS.items() if (place / name).is_file()), "")


def _is_folder(path: str) -> bool:
    if "://" in path:
        return path.endswith("/") and "*" not in path
    return Path(path).expanduser().is_dir()


def _inside(folder: str) -> list[str]:
    """The files right inside a folder, sorted, without hidden ones."""
    if "://" in folder:
        return [url for url, _ in versions_matching(f"{folder}*") if not _name(url).startswith(".")]
    found = sorted(Path(folder).expanduser().iterdir())
    return [os.fspath(file) for file in found if file.is_file() and not file.name.startswith(".")]


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def holds_records(name: str) -> bool:
    """Tell whether a file holds records, by its name."""
    plain = PurePosixPath(name.lower())
    return (plain.with_suffix("") if Source(plain.name).is_compressed else plain).suffix in ENDINGS
