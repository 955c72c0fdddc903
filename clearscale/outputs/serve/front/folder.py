"""The folder that a front page works in: what lies in it, and no way out of it."""

import os
import shutil
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from clearscale.errors import ClearscaleError, ExtractError, StorageError
from clearscale.io.folders import ENDINGS, holds_records, named_files
from clearscale.io.private import WRITING, make_folder, new_file, remove_left
from clearscale.linking.people import ABOUT
from clearscale.runs.finished import INFO
from clearscale.store.layout import MANIFEST
from clearscale_cluster.shown import shown_url

UPLOADS, POLICIES, MAPS, STORES, RUNS, FILES = "uploads", "policies", "maps", "stores", "runs", "files"
PEOPLE, OFFICES = "people", "offices"
"""Folders that the front page makes: of uploads, stores, runs, files of runs, people of files, and offices."""

UPLOADED = (UPLOADS, POLICIES, MAPS, OFFICES)
"""Those of what was uploaded: files of records, policies, column maps, and who makes papers, with their seals."""

_FORMS_OF_POLICIES = (".json", ".toml")
_FORM_OF_MAPS = ".toml"
_FORMS_OF_OFFICES = (".toml", ".svg", ".png", ".jpg", ".jpeg")
_DEEPEST = 3
_MOST = 500
"""Files of a folder that are listed."""
_MOST_FOLDERS = 5000
"""Folders that are looked into, those that the front page made first."""
_LONGEST_NAME = 150
_SPARE = 2**28
"""Bytes that an upload leaves free."""


@dataclass(frozen=True)
class ServedFolder:
    """A folder of this machine. root: without links. Names in it are relative, with slashes."""

    root: Path

    @classmethod
    def at(cls, folder: str) -> "ServedFolder":
        """Make it if it is not there, and tidy what an interrupted upload left.

        Raises ClearscaleError if it cannot be had.
        """
        if "://" in folder:
            raise ClearscaleError(f"--folder {shown_url(folder)}: is a URL; name a folder of this machine")
        path = Path(folder).expanduser()
        try:
            make_folder(path)
        except StorageError as error:
            raise ClearscaleError(f"--folder {error}") from None
        except OSError as error:
            raise ClearscaleError(f"--folder {folder}: cannot be used ({error.strerror}); name another") from None
        found = cls(path.resolve())
        for name, what in ((MANIFEST, "store"), (INFO, "run")):
            if (found.root / name).is_file():
                raise ClearscaleError(f"--folder {folder}: is a {what}; name the folder that it lies in")
        for name in UPLOADED:
            remove_left(found.root / name)
        return found

    def inside(self, name: str) -> Path:
        """Return the path of a name, of something that is there. Raises ClearscaleError for any other."""
        parts = PurePosixPath(name).parts
        if name and "\0" not in name and not PurePosixPath(name).is_absolute() and ".." not in parts:
            path = (self.root / name).resolve()
            if path.is_relative_to(self.root) and path != self.root and path.exists():
                return path
        raise ClearscaleError("there is no such file or folder below the served folder")

    def name_of(self, path: Path) -> str:
        """Return the name of a path in this folder."""
        return path.relative_to(self.root).as_posix()

    def new(self, *parts: str) -> Path:
        """Return where something new goes, by names that the program made."""
        return self.root.joinpath(*parts)

    def extracts(self) -> list[dict[str, Any]]:
        """List folders with files of records, the uploads first, each with its files, their sizes in bytes."""
        found = []
        for folder in self._folders():
            files = _records_in(folder)
            if files:
                listed = [{"name": self.name_of(file), "size": file.stat().st_size} for file in files[:_MOST]]
                found.append(
                    {"name": self.name_of(folder) or ".", "files": listed, "more": len(files) - len(listed)}
                )
        return sorted(found, key=lambda entry: (entry["name"] != UPLOADS, entry["name"]))

    def stores(self) -> list[str]:
        """List stores."""
        return sorted(self.name_of(folder) for folder in self._below() if (folder / MANIFEST).is_file())

    def runs(self) -> list[str]:
        """List finished runs, the latest first."""
        found = [folder for folder in self._below() if (folder / INFO).is_file()]
        return [self.name_of(folder) for folder in sorted(found, key=lambda run: -(run / INFO).stat().st_mtime)]

    def policies(self) -> list[str]:
        """List policy files that were uploaded."""
        folder = self.root / POLICIES
        return sorted(self.name_of(file) for file in _files(folder) if file.suffix in _FORMS_OF_POLICIES)

    def offices(self) -> list[str]:
        """List files of offices that were uploaded, without their images."""
        return sorted(self.name_of(file) for file in _files(self.root / OFFICES) if file.suffix == ".toml")

    def maps(self) -> list[str]:
        """List files that may be column maps, by their names; those that were uploaded first."""
        found = [file for folder in (self.root / MAPS, *self._folders()) for file in _files(folder)]
        return [self.name_of(file) for file in found if file.suffix == _FORM_OF_MAPS][:_MOST]

    def people(self) -> list[str]:
        """List folders with people that were found in files without a key of people."""
        return sorted(self.name_of(folder) for folder in self._below() if (folder / ABOUT).is_file())

    def files_of(self, name: str) -> list[Path]:
        """List all files below a folder of results."""
        folder = self.inside(name)
        if not self.name_of(folder).startswith(f"{FILES}/"):
            raise ClearscaleError("there is no such file or folder below the served folder")
        return sorted(
            path for path in folder.rglob("*") if path.is_file() and not path.is_symlink() and path.name[0] != "."
        )

    def expected(self, kind: str, name: str, length: int, *, replace: bool = False) -> Path:
        """Return where an upload would be kept.

        kind: one of UPLOADED. Raises ClearscaleError for a name that is none, is there already, or is none of
        records, policies, column maps or offices, and if it would fill the disk.
        """
        plain = _plain(name)
        if kind == POLICIES and not plain.endswith(_FORMS_OF_POLICIES):
            raise ClearscaleError(f"{plain}: is no policy file by its name; these end in .toml or .json")
        if kind == MAPS and not plain.endswith(_FORM_OF_MAPS):
            raise ClearscaleError(f"{plain}: is no column map by its name; these end in {_FORM_OF_MAPS}")
        if kind == OFFICES and not plain.lower().endswith(_FORMS_OF_OFFICES):
            raise ClearscaleError(
                f"{plain}: is neither an office's file nor its seal by its name; these end in .toml, and in .svg, "
                ".png or .jpg"
            )
        if kind == UPLOADS and not holds_records(plain):
            endings = f"{', '.join(ENDINGS)}, compressed or not"
            raise ClearscaleError(f"{plain}: is no file of records by its name; these end in {endings}")
        if (self.root / kind / plain).exists() and not replace:
            raise ClearscaleError(f"{plain}: was uploaded already; remove that one first, or rename the file")
        if length + _SPARE > shutil.disk_usage(self.root).free:
            raise ClearscaleError(f"{plain}: the disk has too little room; free some, or serve another folder")
        return self.root / kind / plain

    def receive(self, kind: str, name: str, length: int, pieces: Iterable[bytes], *, replace: bool = False) -> str:
        """Keep an upload for this user alone, a piece at a time, and return its name in this folder.

        replace: it may take the place of one of its name. Raises ClearscaleError as `expected`.
        """
        target = self.expected(kind, name, length, replace=replace)
        make_folder(target.parent)
        target.parent.chmod(0o700)
        handle, path = new_file(target.parent)
        try:
            os.fchmod(handle, 0o600)
            with open(handle, "wb", closefd=True) as file:  # noqa: PTH123 - a handle
                for piece in pieces:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
                path.replace(target)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return self.name_of(target)

    def remove(self, name: str) -> None:
        """Remove an upload. Raises ClearscaleError for anything else."""
        path = self.inside(name)
        if path.parent not in [self.root / name for name in UPLOADED] or not path.is_file():
            raise ClearscaleError("only what was uploaded can be removed here")
        path.unlink()

    def _folders(self) -> Iterator[Path]:
        """Yield folders that a person may have put extracts into."""
        made = (STORES, RUNS, FILES, POLICIES, MAPS, PEOPLE, OFFICES)
        for folder in self._walk():
            if self.name_of(folder).partition("/")[0] not in made:
                yield folder

    def _below(self) -> Iterator[Path]:
        """Yield folders in this one."""
        return (folder for folder in self._walk() if folder != self.root)

    def _walk(self) -> Iterator[Path]:
        """Yield this folder and those in it, the nearest first.

        What lies in a store or run, links, and hidden folders are passed over.
        """
        waiting, seen = deque([(self.root, 0)]), 0
        while waiting and seen < _MOST_FOLDERS:
            here, depth = waiting.popleft()
            seen += 1
            yield here
            if depth < _DEEPEST and not (here / MANIFEST).is_file() and not (here / INFO).is_file():
                waiting.extend((folder, depth + 1) for folder in _inner(here))


def _inner(folder: Path) -> list[Path]:
    """Return the folders in one, those that the front page makes first."""
    made = (UPLOADS, STORES, RUNS, FILES, POLICIES, MAPS, PEOPLE, OFFICES)
    try:
        found = [inner for inner in folder.iterdir() if inner.is_dir() and not inner.is_symlink()]
    except OSError:
        return []
    return sorted(
        (inner for inner in found if not inner.name.startswith(".")),
        key=lambda inner: (inner.name not in made, inner.name),
    )


def _plain(name: str) -> str:
    """Return the name of an upload. Raises ClearscaleError if it could be a path, hidden, or trouble a shell."""
    plain = "".join(c if c.isalnum() or c in " ._()+-" else "-" for c in name.strip())
    if not plain or plain.startswith((".", "-", WRITING)) or len(plain.encode()) > _LONGEST_NAME:
        raise ClearscaleError("the file's name is too long, or begins with a dot; rename it")
    return plain


def _files(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_file() and not path.is_symlink()]
    except OSError:
        return []


def _records_in(folder: Path) -> list[Path]:
    if (folder / MANIFEST).is_file() or (folder / INFO).is_file():
        return []
    try:
        named = named_files([os.fspath(folder)]).files
    except (ExtractError, OSError):
        return []
    return [Path(path) for path in named if not Path(path).is_symlink()]
