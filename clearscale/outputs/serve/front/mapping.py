"""Column maps on a front page: drafted from files, read, changed; and people of files without a key of people."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from clearscale.errors import ClearscaleError
from clearscale.formats import ColumnMap, load_map, maps
from clearscale.formats.drafts import draft
from clearscale.linking.linker import link_files
from clearscale.outputs.county_files import file_name
from clearscale_cluster import ProgressCallback

from .folder import MAPS, PEOPLE, ServedFolder
from .given import chosen_files, text


def format_of(folder: ServedFolder, name: str) -> tuple[str, ColumnMap]:
    """Return a format as `ingest_charges` takes it, and its map. Raises ClearscaleError if there is none."""
    if name in maps():
        return name, load_map(name)
    if name not in folder.maps():
        raise ClearscaleError("choose what kind of files they are: a format, or a column map of the folder")
    path = str(folder.inside(name))
    return path, load_map(path)


class MapWork:
    """The work on column maps, in a folder."""

    def __init__(self, folder: ServedFolder) -> None:
        self._folder = folder

    def draft(self, given: dict[str, Any], progress: ProgressCallback) -> dict[str, Any]:
        """Write a first map of files. The first names it; a map of that name stays."""
        del progress  # only the begin of a file is looked at
        files = chosen_files(self._folder, given)
        lines = draft(files, given.get("show_values") is True)
        stem = file_name(Path(files[0]).name.partition(".")[0]) or "map"
        taken = {*self._folder.maps()}
        names = (f"{stem}{number}.toml" for number in ("", *(f"-{count}" for count in range(2, len(taken) + 3))))
        name = next(name for name in names if f"{MAPS}/{name}" not in taken)
        content = "\n".join([*lines, ""]).encode()
        return {"map": self._folder.receive(MAPS, name, len(content), [content])}

    def link(self, given: dict[str, Any], progress: ProgressCallback) -> dict[str, Any]:
        """Find out which records of files are of one person."""
        _, stated = format_of(self._folder, text(given.get("format")))
        out = self._folder.new(PEOPLE, file_name(stated.name))
        progress(0, 1, "compare people")
        found = link_files(chosen_files(self._folder, given), stated, str(out))
        progress(1, 1, "compare people")
        doubtful = f"{found.people_with_doubtful:,} if doubtful pairs are one person each"
        said = (
            f"{found.records:,} records are of {found.people:,} people, or of {doubtful}; pairs: {found.pairs:,}."
        )
        return {"people": self._folder.name_of(out), "words": said}

    def text(self, name: str) -> str:
        """Return the text of a map: of the folder, or of one that needs no file. Raises ClearscaleError if none."""
        if name in maps():
            return maps()[name].read_text("utf-8")
        if name not in self._folder.maps():
            raise ClearscaleError("there is no such column map")
        return self._folder.inside(name).read_text("utf-8", "replace")

    def save(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a map, and say what is wrong with it. A map of that name among those that were uploaded is replaced.

        Raises ClearscaleError for a name that is none.
        """
        content = text(given.get("text")).encode()
        name = self._folder.receive(MAPS, text(given.get("name")), len(content), [content], replace=True)
        try:
            load_map(str(self._folder.inside(name)))
        except ClearscaleError as error:
            return {"name": name, "wrong": str(error).replace(f"{self._folder.root}/", "").split("\n")}
        return {"name": name, "wrong": []}


def has_linking() -> bool:
    """Tell whether the extra `link` is there."""
    return find_spec("splink") is not None
