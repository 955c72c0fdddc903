"""Folders wherever they are: local paths and any fsspec URL, behind the few operations that clearscale needs."""

import contextlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from clearscale.errors import StorageError
from clearscale_cluster.watching.process import count_read, count_written

from .documents import json_bytes
from .encryption import ENCRYPTION, Encryption
from .encryption.cipher import encrypted_length
from .expected import taken
from .local import flush, name_too, write_whole
from .object_store import (
    is_this_machine,
    located,
    put_if,
    require_no_secrets,
)
from .parts import FilePart, read_parts
from .private import WRITING, no_folder
from .reasons import explained
from .removing import remove_files, remove_tree
from .row_groups import MOST_WHOLE, RowGroups, fetched_row_groups, rows_of, whole_row_groups
from .seals import Seal, seal_of
from .urls import absolute


def _write_arrow(sink: Any, table: pa.Table) -> None:
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


@dataclass(frozen=True)
class Folder:
    """A folder at a path or URL. Small and picklable: tasks are given folders, not tables.

    encryption: how its files are encrypted, None if they are not; see `rooted`.
    """

    url: str
    encryption: Encryption | None = field(default=None, kw_only=True)

    @classmethod
    def rooted(cls, url: str) -> "Folder":
        """A folder whose files are encrypted if it says so.

        Raises StorageError if what it says is damaged, or a file is where the folder should be.
        """
        plain = Folder(url)
        plain._require_text(plain.local_path)
        try:
            document = plain.read_json(ENCRYPTION)
        except FileNotFoundError:
            return plain
        except NotADirectoryError:
            raise no_folder(plain.local_path) from None
        except ValueError:
            document = None
        return replace(plain, encryption=Encryption.read(document, plain.folder(ENCRYPTION).url))

    def like(self, found: "Folder") -> "Folder":
        """Another folder, encrypted as it says itself, else to be encrypted as this one."""
        return found if found.encryption else replace(found, encryption=self.encryption)

    def declare(self) -> None:
        """Have this folder say how it is encrypted, if it is and does not yet say so."""
        plain = replace(self, encryption=None)
        if self.encryption is not None and not plain.exists(ENCRYPTION):
            plain.write_json(ENCRYPTION, self.encryption.document(), lasting=True)

    def __post_init__(self) -> None:
        """Raise StorageError for a URL with what opens an account."""
        require_no_secrets(self.url)

    def __reduce__(self) -> Any:
        """Pickle the absolute path, so that it means the same place in another process."""
        return partial(Folder, encryption=self.encryption), (absolute(self.url),)

    @property
    def _place(self) -> tuple[Any, str]:
        system, path = located(self.url)
        return system, path.rstrip("/")

    @property
    def is_local(self) -> bool:
        """Whether it lies on this machine's file system."""
        return is_this_machine(self._place[0])

    @property
    def local_path(self) -> str:
        """Where it lies, if it is on this machine."""
        return str(self._place[1])

    def _path(self, name: str) -> tuple[Any, str]:
        system, root = self._place
        return system, f"{root}/{name}" if name else root

    def _url(self, name: str) -> str:
        return f"{self.url.rstrip('/')}/{name}" if name else self.url

    def folder(self, name: str) -> "Folder":
        """A folder inside this one."""
        return Folder(self._url(name), encryption=self.encryption)

    def exists(self, name: str = "") -> bool:
        """Whether the file (or this folder itself) is there.

        Raises StorageError for a name that is no text, which libraries that read files do not take.
        """
        system, path = self._path(name)
        self._require_text(path)
        system.invalidate_cache()
        with explained(self._url(name), "looked for"):
            return bool(system.exists(path))

    def _require_text(self, path: str) -> None:
        try:
            path.encode()
        except UnicodeEncodeError:
            raise StorageError(f"{self.url}: a folder's name must be UTF-8; choose another") from None

    def names(self) -> list[str]:
        """List the files and folders directly inside, sorted; none if the folder is absent."""
        system, root = self._place
        system.invalidate_cache()
        try:
            with explained(self.url, "listed"):
                found = [path.rstrip("/") for path in system.ls(root, detail=False)]
        except FileNotFoundError:
            return []
        # Object storages may hold an empty object that stands for the folder itself.
        return sorted(name for path in found if path != root and (name := path.rpartition("/")[2]))

    def paths(self, name: str = "") -> list[str]:
        """List the files inside, or inside a folder in it, however deep, by their paths below this one, sorted."""
        system, path = self._path(name)
        root = self._place[1]
        system.invalidate_cache()
        with explained(self._url(name), "listed"):
            found = [str(file).removeprefix(f"{root}/") for file in system.find(path)]
        # Object storages may hold an empty object that stands for a folder.
        return sorted(file for file in found if file and not file.endswith("/"))

    def modified(self, name: str) -> datetime:
        """When a file was written."""
        system, path = self._path(name)
        with explained(self._url(name), "looked for"):
            return cast(datetime, system.modified(path))

    def stamp(self, name: str) -> str:
        """What changes when a local file does, or goes. Nothing of an object store: it would have to be asked."""
        system, path = self._path(name)
        try:
            return str(system.stamp(path)) if self.is_local else ""
        except OSError:
            return ""

    def read(self, name: str) -> bytes:
        """Read a file."""
        system, path = self._path(name)
        with explained(self._url(name), "read"):
            ahead = None if self.is_local else taken(self._url(name))
            content = cast(bytes, system.cat_file(path)) if ahead is None else ahead
        count_read(len(content))
        return content if self.encryption is None else bytes(self._decrypted(name, content))

    def read_json(self, name: str) -> Any:
        """Read and parse a JSON file."""
        return json.loads(self.read(name))

    def write(self, name: str, content: bytes | memoryview, *, lasting: bool = False) -> Seal:
        """Write a file atomically: readers see all of it, or what was there before. Returns its seal.

        lasting: whether it must be on disk when this returns, whatever happens to the power; see `flush` for many.
        """
        seal, content = seal_of(content), self._as_stored(content)
        self._put(name, content, lasting)
        return seal

    def _put(self, name: str, content: bytes | memoryview, lasting: bool) -> None:
        """Write a file as it is stored."""
        system, path = self._path(name)
        count_written(len(content))
        if self.is_local:
            write_whole(Path(path), content, lasting=lasting)
            return
        with explained(self._url(name), "written"):
            system.pipe_file(path, bytes(content))

    def write_if(self, name: str, content: bytes, version: str | None) -> bool:
        """Write a file of an object store if it has still this version; see `object_store.put_if`."""
        return put_if(self._url(name), bytes(self._as_stored(content)), version)

    def _as_stored(self, content: bytes | memoryview) -> bytes | memoryview:
        return content if self.encryption is None else memoryview(self.encryption.cipher.encrypted(content))

    def flush(self, names: Iterable[str]) -> None:
        """Have files on disk, and the folders that name them, up to the one that this folder is in.

        Raises FileNotFoundError if one is not there. Object stores have on disk what they have taken.
        """
        if not self.is_local:
            return
        root = Path(self._path("")[1])
        files = [root / name for name in names]
        folders = {root.parent, root}
        for parent in {file.parent for file in files}:
            while parent not in folders and parent.is_relative_to(root):
                folders.add(parent)
                parent = parent.parent
        flush(map(str, [*files, *folders]))

    def missing(self, seals: Mapping[str, Seal]) -> list[str]:
        """Which files are not there in the length that they were written in, by their paths below this folder."""
        system, root = self._place
        if self.is_local:
            found = {name: path.stat().st_size for name in seals if (path := Path(root) / name).is_file()}
        else:
            system.invalidate_cache()
            with explained(self.url, "listed"):
                listed = system.find(root, detail=True)
            found = {str(path).removeprefix(f"{root}/"): about["size"] for path, about in listed.items()}
        return [name for name, seal in seals.items() if found.get(name) != self.stored_length(seal.length)]

    def write_json(self, name: str, document: Any, *, lasting: bool = False) -> Seal:
        """Write a JSON file atomically, in ASCII, since texts may hold bytes that are not UTF-8."""
        return self.write(name, json_bytes(document), lasting=lasting)

    def write_parquet(
        self, name: str, table: pa.Table, compression: str = "zstd", *, lasting: bool = False, **options: Any
    ) -> Seal:
        """Write a Parquet file atomically. lasting: see `write`. options: see `pyarrow.parquet.write_table`."""
        import pyarrow.parquet as pq  # with all file systems of Arrow's: a county's run writes none

        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression=compression, **options)
        return self.write(name, memoryview(sink.getvalue()), lasting=lasting)

    def read_parquet(
        self, name: str, columns: list[str] | None = None, spans: Sequence[tuple[int, int]] | None = None
    ) -> pa.Table:
        """Read a Parquet file, or only the named columns. spans: of rows, in order, for those only."""
        import pyarrow.parquet as pq

        # All of it in one request where it is not local, instead of several for its columns.
        file = pq.ParquetFile(pa.BufferReader(self._content(name)))
        return file.read(columns, use_threads=False) if spans is None else rows_of(file, columns, spans)

    def row_groups(self, name: str, seal: Seal | None = None) -> RowGroups:
        """A Parquet file, to be read a row group at a time.

        seal: of the file, if few of them are read: what else it has is not fetched then.
        """
        if seal is not None and seal.length > MOST_WHOLE and not (self.is_local and self.encryption is None):
            length = seal.length
            found = fetched_row_groups(
                lambda ranges: self.read_parts([FilePart(name, start, end, length) for start, end in ranges]), seal
            )
            if found is not None:
                return found
        return whole_row_groups(self._content(name))

    def write_arrow(self, name: str, table: pa.Table) -> Seal:
        """Write an Arrow file atomically, uncompressed, as one record batch."""
        whole, size = table.combine_chunks(), pa.MockOutputStream()
        _write_arrow(size, whole)
        # A stream that grows copies what it has again and again, which takes longer than all else.
        content = pa.allocate_buffer(size.size())
        _write_arrow(pa.FixedSizeBufferWriter(content), whole)
        return self.write(name, memoryview(content))

    def read_arrow(self, name: str) -> pa.Table:
        """Read an Arrow file. A local one is mapped: only what is used is read."""
        return pa.ipc.open_file(pa.BufferReader(self._content(name))).read_all()

    def _content(self, name: str) -> pa.Buffer:
        """The bytes of a file; a local one is mapped, if it is not encrypted."""
        if not self.is_local:
            return pa.py_buffer(Folder.read(self, name))
        mapped = pa.memory_map(self._path(name)[1]).read_buffer()
        count_read(mapped.size)
        return mapped if self.encryption is None else pa.py_buffer(self._decrypted(name, mapped))

    def read_parts(self, parts: Sequence[FilePart]) -> list[pa.Buffer]:
        """Read parts of files, as `parts.read_parts`: what is far is asked for at the same time."""
        return read_parts(self.url, parts, None if self.encryption is None else self.encryption.cipher)

    def _decrypted(self, name: str, content: Any) -> bytearray:
        assert self.encryption is not None
        try:
            return self.encryption.cipher.decrypted(content)
        except OSError as error:
            error.filename = self._url(name)
            raise

    def stored_length(self, length: int) -> int:
        """How many bytes a file has that so many were written to."""
        return length if self.encryption is None else encrypted_length(length)

    def holds(self, name: str, seal: Seal) -> bool:
        """Whether a file is there as it was written. Object stores change none, so its length tells."""
        system, path = self._path(name)
        try:
            with explained(self._url(name), "looked for"):
                same = system.size(path) == self.stored_length(seal.length)
            return same and (not self.is_local or seal_of(self._content(name)) == seal)
        except FileNotFoundError:
            return False

    def copy(self, name: str, target: str) -> None:
        """Have a file under another name, too, in place of the file that has it, if there is one.

        Where it can be helped, no content is written: the names are of one file, or the storage makes the copy.
        """
        system, path = self._path(name)
        if not self.is_local:
            with explained(self._url(target), "written"):
                system.cp_file(path, self._path(target)[1])
            return
        name_too(Path(path), Path(self._path(target)[1]))

    def remove(self, name: str) -> None:
        """Remove a file, or a folder and its content, if it exists."""
        system, path = self._path(name)
        if not self.exists(name):
            return
        with explained(self._url(name), "removed"):
            if self.is_local:
                system.rm(path, recursive=True)
            else:
                remove_tree(system, path)
        # A storage may report success although some objects remain.
        if not self.is_local and self.exists(name):
            raise StorageError(f"{self._url(name)}: cannot be removed; check that the credentials allow it")

    def remove_file(self, name: str) -> None:
        """Remove a file, if it exists."""
        if self.is_local:
            self.remove(name)
            return
        system, path = self._path(name)
        with explained(self._url(name), "removed"), contextlib.suppress(FileNotFoundError):
            system.rm_file(path)

    def remove_all(self, names: Iterable[str]) -> None:
        """Remove files, or folders and their content, of those that exist; in few requests from an object store."""
        if self.is_local:
            for name in names:
                self.remove(name)
            return
        begins = {self._path(name)[1]: name for name in names}
        if not begins:
            return
        system, root = self._place
        for last in (False, True):
            system.invalidate_cache()
            with explained(self.url, "listed"):
                within = tuple(f"{begin}/" for begin in begins)
                found = [path for path in system.find(root) if path in begins or path.startswith(within)]
            if not found:
                return
            first = self._url(found[0].removeprefix(f"{root}/"))
            if last:  # a storage may report success although some objects remain
                raise StorageError(f"{first}: cannot be removed; check that the credentials allow it")
            with explained(first, "removed"):
                remove_files(system, found)

    def remove_if_empty(self) -> None:
        """Remove this folder if nothing is in it. Object stores have no empty folders."""
        if self.is_local:
            with contextlib.suppress(OSError):
                Path(self.local_path).rmdir()

    def tidy(self) -> None:
        """Remove partly written files that a killed process left directly in this folder.

        An object store has none.
        """
        if not self.is_local:
            return
        for name in self.names():
            if name.startswith(WRITING):
                self.remove(name)
