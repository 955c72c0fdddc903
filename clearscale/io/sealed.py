"""Folders whose files are believed only if they are what was written, such as stores, runs and sweeps.

A file is compared with its seal when a process opens it for the first time, and again if it was written since. What
differs is an error that names the file and says what to do.
"""

import contextlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NoReturn, Protocol

import pyarrow as pa

from clearscale.errors import ClearscaleError, StorageError

from .documents import json_bytes
from .files import Folder
from .parts import ShorterError
from .row_groups import OtherContentError, RowGroups
from .seals import Seal, Seals, is_whole, read_seals, seal_of, seals_document, with_digest
from .urls import absolute


class Check(Protocol):
    """Looks at a table that was read from a file of this path; raises ValueError with what is wrong."""

    def __call__(self, path: str, table: pa.Table, *, part: bool) -> None:
        """Look. part: whether the table is not all of the file's rows."""


_UNREADABLE = (pa.ArrowException, OSError, ValueError, KeyError, TypeError, EOFError)
"""What libraries raise for content that is no Parquet, Arrow or JSON."""

_known_whole: dict[str, tuple[int, ...]] = {}
"""Local files that this process has compared with their seals: length, checksum and state when it did so."""


@dataclass(frozen=True)
class Guard:
    """What to raise for damage.

    what: the thing that has files, such as "run". remedy: what a person can do, after "PATH: is damaged (...); ".
    """

    error: type[ClearscaleError]
    what: str
    remedy: str

    def told(self, message: str) -> tuple[str, str]:
        """Split the message of an error that this raised: the file, and what is wrong with it."""
        file, _, what = message.removesuffix(f"; {self.remedy}").rpartition(": is ")
        return file, what

    def damaged(self, url: str, what: str) -> NoReturn:
        """Raise the error for a damaged file."""
        raise self.error(f"{url}: is damaged ({what}); {self.remedy}") from None

    def missing(self, url: str) -> NoReturn:
        """Raise the error for a file that is not there."""
        raise self.error(f"{url}: is missing; {self.remedy}") from None


@dataclass(frozen=True)
class SealedFolder(Folder):
    """A folder whose files have seals. below: where it lies below the folder whose paths the seals have."""

    seals: Seals = field(repr=False)
    guard: Guard
    check: Check | None = field(default=None, repr=False)
    below: str = ""

    def __reduce__(self) -> Any:
        """Pickle the absolute path, so that it means the same place in another process."""
        known = (absolute(self.url), dict(self.seals), self.guard, self.check, self.below)
        return partial(SealedFolder, encryption=self.encryption), known

    def folder(self, name: str) -> "SealedFolder":
        """A folder inside this one."""
        return replace(self, url=self._url(name), below=self._sealed(name))

    def names(self) -> list[str]:
        """The files directly inside, sorted: those that were written, whether or not they are still there."""
        start = f"{self.below}/" if self.below else ""
        inside = (path.removeprefix(start) for path in self.seals if path.startswith(start))
        return sorted(name for name in inside if "/" not in name)

    def read(self, name: str) -> bytes:
        """Read a file. Raises the guard's error if it is not what was written, as all that reads does."""
        content: bytes = self._content(name).to_pybytes()
        return content

    def read_json(self, name: str) -> Any:
        """Read and parse a JSON file."""
        return self._understood(name, super().read_json)

    def read_parquet(
        self, name: str, columns: list[str] | None = None, spans: Sequence[tuple[int, int]] | None = None
    ) -> pa.Table:
        """Read a Parquet file, or only the named columns. spans: of rows, in order, for those only."""
        read = partial(super().read_parquet, columns=columns, spans=spans)
        return self._checked(name, self._understood(name, read), part=spans is not None)

    def row_groups(self, name: str, seal: Seal | None = None) -> RowGroups:
        """A Parquet file, to be read a row group at a time; as `some_row_groups` where its seal is given."""
        found: RowGroups = self._understood(name, partial(super().row_groups, seal=seal))
        return replace(found, within=lambda read: self._understood(name, lambda _: read()))

    def some_row_groups(self, name: str) -> RowGroups:
        """The same, where few of many are read: of what is far, or encrypted, only these are looked at."""
        return self.row_groups(name, self.seals.get(self._sealed(name)))

    def read_arrow(self, name: str) -> pa.Table:
        """Read an Arrow file. A local one is mapped: only what is used is read."""
        return self._checked(name, self._understood(name, super().read_arrow))

    def rows(self, name: str) -> int:
        """How many rows a Parquet or Arrow file has."""
        if name.endswith(".arrow"):
            return int(self.read_arrow(name).num_rows)
        return int(self.read_parquet(name, []).num_rows)

    def compare(self, name: str) -> None:
        """Compare a file with its seal, whatever this process knows of it. Raises the guard's error."""
        _known_whole.pop(self._path(name)[1], None)
        self._content(name)

    def _sealed(self, name: str) -> str:
        return f"{self.below}/{name}" if self.below else name

    def _understood(self, name: str, read: Callable[[str], Any]) -> Any:
        try:
            return read(name)
        except ShorterError:
            self.guard.damaged(self._url(name), "it is shorter than it was written")
        except OtherContentError:
            self.guard.damaged(self._url(name), "its content is not what was written")
        except ClearscaleError:
            raise
        except FileNotFoundError:
            self.guard.missing(self._url(name))
        except _UNREADABLE as error:
            self.guard.damaged(self._url(name), f"it cannot be read: {type(error).__name__}")

    def _checked(self, name: str, table: pa.Table, *, part: bool = False) -> pa.Table:
        if self.check is not None:
            try:
                self.check(self._sealed(name), table, part=part)
            except (ValueError, KeyError, TypeError) as error:
                self.guard.damaged(self._url(name), str(error) or type(error).__name__)
        return table

    def _content(self, name: str) -> pa.Buffer:
        url, seal = self._url(name), self.seals.get(self._sealed(name))
        if seal is None:
            self.guard.damaged(url, "it is not among the files that were written")
        state = None
        try:
            if self.is_local:
                found = os.stat(self._path(name)[1])  # noqa: PTH116
                state = (*seal, found.st_ino, found.st_size, found.st_mtime_ns)
                if found.st_size != (length := self.stored_length(seal.length)):
                    self.guard.damaged(url, f"{found.st_size:,} bytes where {length:,} were written")
            content = super()._content(name)
        except (FileNotFoundError, NotADirectoryError):
            self.guard.missing(url)
        except OSError as error:
            self.guard.damaged(url, f"it cannot be read: {error.strerror or type(error).__name__}")
        path = self._path(name)[1]
        if state is not None and _known_whole.get(path) == state:
            return content
        if (actual := seal_of(content)) != seal:
            if actual.length != seal.length:
                self.guard.damaged(url, f"{actual.length:,} bytes where {seal.length:,} were written")
            self.guard.damaged(url, "its content is not what was written")
        if state is not None:
            _known_whole[path] = state
        return content


def read_document(
    folder: Folder, name: str, guard: Guard, *, sealed: Callable[[dict[str, Any]], bool] = lambda _: True
) -> dict[str, Any]:
    """Read a JSON document that has its own digest; see `seals.with_digest`. Raises the guard's error.

    sealed: whether a document must have one; one of another version may not.
    """
    return document_in(read_content(folder, name, guard), folder.folder(name).url, guard, sealed=sealed)


def read_content(folder: Folder, name: str, guard: Guard) -> bytes:
    """Read the bytes of a document. Raises the guard's error."""
    content = content_if_there(folder, name, guard)
    if content is None:
        guard.missing(folder.folder(name).url)
    return content


def content_if_there(folder: Folder, name: str, guard: Guard) -> bytes | None:
    """The bytes of a document, None if it is not there. Raises the guard's error if it cannot be read."""
    try:
        return folder.read(name)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        guard.damaged(folder.folder(name).url, f"it cannot be read: {error.strerror or type(error).__name__}")


def document_in(
    content: bytes, url: str, guard: Guard, *, sealed: Callable[[dict[str, Any]], bool] = lambda _: True
) -> dict[str, Any]:
    """The document in the bytes of a file; as `read_document`."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        guard.damaged(url, "it is no whole JSON")
    if not isinstance(document, dict) or (sealed(document) and not is_whole(document)):
        guard.damaged(url, "its content is not what was written")
    return document


FILES = "files"
"""The key under which the document that finishes a folder has the seals of its files."""


def open_finished(folder: Folder, name: str, guard: Guard, absent: Callable[[], str]) -> dict[str, Any]:
    """Read the document that is written last, such as `run.json`. Raises the guard's error, if it is absent too.

    absent: makes what is said then.
    """
    content = content_if_there(folder, name, guard)
    if content is None:
        raise guard.error(absent())
    return document_in(content, folder.folder(name).url, guard)


def finish(
    folder: Folder, name: str, document: dict[str, Any], files: Seals, *, own: bool = False
) -> dict[str, Any]:
    """Write the document that finishes a folder, after its files are on disk; return it as who reads it finds it.

    files: their seals. own: whether this process wrote all of them, so that an object store has answered for each.

    Raises StorageError if one is not there: whoever wrote it may not share the folder with this process.
    """
    with contextlib.suppress(FileNotFoundError):  # told below
        folder.flush(files)
    if not (own and not folder.is_local) and (missing := folder.missing(files)):
        raise StorageError(
            f"{folder.folder(missing[0]).url}: was written by a worker and is not there ({len(missing)} of "
            f"{len(files)} files); let all machines reach the same folder by the same path, and run again"
        )
    content = json_bytes(with_digest({**document, FILES: seals_document(files)}))
    folder.write(name, content, lasting=True)
    found: dict[str, Any] = json.loads(content)
    return found


def sealed(folder: Folder, name: str, document: dict[str, Any], guard: Guard) -> SealedFolder:
    """The files of a finished folder. document: as `finish` wrote it, in the file of this name."""
    try:
        return SealedFolder(folder.url, read_seals(document[FILES]), guard, encryption=folder.encryption)
    except (AttributeError, KeyError, TypeError, ValueError):
        guard.damaged(folder.folder(name).url, "it does not list files")


def holds(folder: Folder, name: str, key: str, guard: Guard) -> bool:
    """Whether a folder holds the finished result with this key, and all of it is as it was written.

    Raises the guard's error if it holds another. One that is damaged can be made anew.
    """
    try:
        found = folder.read_json(name)
    except (FileNotFoundError, ValueError, RecursionError):
        return False
    if not isinstance(found, dict):
        return False
    if found.get("key", key) != key:
        url, what = folder.folder(name).url, guard.what
        why = f"holds another {what}" if is_whole(found) else f"{url} is damaged, and may be of another {what}"
        raise guard.error(f"{folder.url}: {why}; choose another folder for --out, or remove this one")
    try:
        files = sealed(folder, name, read_document(folder, name, guard), guard)
        for path in files.seals:
            files.compare(path)
    except guard.error:
        return False
    return True
