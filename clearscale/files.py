"""Files wherever they are: local paths and any fsspec URL, behind the few operations that clearscale needs."""

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
from fsspec.implementations.local import LocalFileSystem

_WRITING = ".writing-"
"""Begin of the name that a file has while it is written."""


PRIVATE = 0o640
"""Mode of the files that are written: for their owner and its group, nobody else."""


def absolute(url: str) -> str:
    """A local path made absolute, so that it means the same from any folder; other URLs as they are."""
    system, path = fsspec.core.url_to_fs(url)
    return path if isinstance(system, LocalFileSystem) else url


@dataclass(frozen=True)
class Folder:
    """A folder at a path or URL. Small and picklable: tasks are given folders, not tables."""

    url: str

    def __reduce__(self) -> tuple[type["Folder"], tuple[str]]:
        """A folder that travels to another process means the same place there, whatever its current folder is."""
        return Folder, (absolute(self.url),)

    @property
    def _place(self) -> tuple[Any, str]:
        system, path = fsspec.core.url_to_fs(self.url)
        return system, path.rstrip("/")

    @property
    def is_local(self) -> bool:
        """Whether it lies on this machine's own file system."""
        return isinstance(self._place[0], LocalFileSystem)

    def _path(self, name: str) -> tuple[Any, str]:
        system, root = self._place
        return system, f"{root}/{name}" if name else root

    def folder(self, name: str) -> "Folder":
        """A folder inside this one."""
        return Folder(f"{self.url.rstrip('/')}/{name}")

    def exists(self, name: str = "") -> bool:
        """Whether the file (or this folder itself) is there."""
        system, path = self._path(name)
        system.invalidate_cache()
        return bool(system.exists(path))

    def names(self) -> list[str]:
        """Names of the files and folders directly inside, sorted; none if the folder is absent."""
        system, root = self._place
        system.invalidate_cache()
        try:
            found = system.ls(root, detail=False)
        except FileNotFoundError:
            return []
        return sorted(name for path in found if (name := path.rstrip("/").rpartition("/")[2]))

    def read(self, name: str) -> bytes:
        """The whole file."""
        system, path = self._path(name)
        return cast(bytes, system.cat_file(path))

    def read_json(self, name: str) -> Any:
        """The file, parsed as JSON."""
        return json.loads(self.read(name))

    def write(self, name: str, content: bytes | memoryview) -> None:
        """Write a file in one step: readers see the whole of it or what was there before."""
        system, path = self._path(name)
        if not self.is_local:
            system.pipe_file(path, bytes(content))
            return
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=_WRITING)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(temporary).chmod(PRIVATE)
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def write_json(self, name: str, document: Any) -> None:
        """Write a JSON file in one step, in ASCII, since texts may hold bytes that are no UTF-8."""
        self.write(name, (json.dumps(document, indent=1) + "\n").encode("ascii"))

    def write_parquet(self, name: str, table: pa.Table, **options: Any) -> None:
        """Write a Parquet file in one step, compressed with zstd."""
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd", **options)
        self.write(name, memoryview(sink.getvalue()))

    def read_parquet(self, name: str, columns: list[str] | None = None) -> pa.Table:
        """The Parquet file, or the named columns of it."""
        system, path = self._path(name)
        if self.is_local:
            return pq.ParquetFile(path, memory_map=True).read(columns, use_threads=False)
        with system.open(path, "rb") as file:
            return pq.ParquetFile(file).read(columns, use_threads=False)

    def open(self, name: str) -> Any:
        """The file, open for reading bytes at any place."""
        system, path = self._path(name)
        if self.is_local:
            return pa.memory_map(path)
        return system.open(path, "rb")

    def remove(self, name: str) -> None:
        """Remove a file or a folder with all it holds, if it is there."""
        system, path = self._path(name)
        system.invalidate_cache()
        if system.exists(path):
            system.rm(path, recursive=True)

    def tidy(self) -> None:
        """Remove what a killed process was about to write directly in this folder."""
        for name in self.names():
            if name.startswith(_WRITING):
                self.remove(name)


@dataclass(frozen=True)
class Source:
    """An extract as it was handed in: a path or URL, compressed if its name says so."""

    url: str

    def __reduce__(self) -> tuple[type["Source"], tuple[str]]:
        return Source, (absolute(self.url),)

    @property
    def name(self) -> str:
        """The file's name, for messages."""
        return self.url.rstrip("/").rpartition("/")[2]

    @property
    def is_compressed(self) -> bool:
        """Whether the name ends in .gz, .zst or another ending of a compression."""
        return fsspec.utils.infer_compression(self.url) is not None

    def open(self) -> BinaryIO:
        """The extract's bytes, decompressed, from its beginning.

        Raises FileNotFoundError and other OSErrors of the file system.
        """
        if fsspec.utils.infer_compression(self.url) == "zstd":
            from .zstd import ZstdFile

            return cast(BinaryIO, ZstdFile(fsspec.open(self.url, "rb").open()))
        return cast(BinaryIO, fsspec.open(self.url, "rb", compression="infer").open())

    def length(self) -> int | None:
        """How many bytes the extract has, None where only reading would tell."""
        if self.is_compressed:
            return None
        system, path = fsspec.core.url_to_fs(self.url)
        return cast(int | None, system.size(path))
