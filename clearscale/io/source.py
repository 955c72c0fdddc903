"""Extracts as they are handed in: paths and URLs of files, read from beginning to end and decompressed."""

import contextlib
import io
import secrets
from ast import literal_eval
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, cast

from clearscale.errors import StorageError
from clearscale_cluster.shown import shown_url

from .compressed import open_compressed, open_zstd
from .frames import Frames, frames_of, open_frames
from .kept import kept, taken
from .kinds import is_local
from .magic import kind_of
from .object_store import (
    VERSION,
    details_of,
    is_this_machine,
    located,
    open_stored,
    pins_versions,
    version_in,
)
from .parallel_gzip import open_gzip
from .reasons import explained
from .streams import OF_STREAMS, open_streams
from .urls import absolute, file_name
from .zipped import open_zipped

_FAR_AHEAD = 8 * 2**20
"""Bytes to read ahead in a stored file that is read from beginning to end."""

_TOLD_BY = 1024
"""First bytes that tell what a file is."""

_STAMPS = ("size", "ETag", "etag", "LastModified", "VersionId", "mtime", "last_modified", "created")
"""What storages say of a file that changes with it."""

_NOT_COMPRESSED = (".csv", ".json", ".toml")
"""Endings that settle it without asking fsspec."""


@dataclass(frozen=True)
class Source:
    """An extract as it was handed in: a path or URL, compressed if its name says so.

    frames: of a zstd file, if it is to be read from any place. version: what its storage said of the one that is
    read, if it pins versions and has said so; then no other is. keeps: whether one that is short is kept in memory
    for who reads it next in this process. threads: of rapidgzip, if that is to decompress a gzip file, which
    is read from its beginning to its end then, or has to be opened anew without (see `open_gzip`).
    """

    url: str
    frames: Frames | None = None
    version: Mapping[str, Any] | None = field(default=None, compare=False)
    keeps: bool = field(default=False, compare=False)
    threads: int = field(default=0, compare=False)
    _held: BinaryIO | None = field(default=None, init=False, repr=False, compare=False)

    def __reduce__(self) -> tuple[type["Source"], tuple[str, Frames | None, Mapping[str, Any] | None]]:
        return Source, (absolute(self.url), self.frames, self.version)

    @property
    def name(self) -> str:
        """The file's name, for messages and manifests: that of what is read first, of a chain of URLs."""
        return file_name(self.url)

    @property
    def place(self) -> str:
        """The path or URL, the same in whichever process: what comes from another has no relative path."""
        return absolute(self.url)

    @property
    def shown(self) -> str:
        """The path or URL as messages name it."""
        return shown_url(self.url)

    @property
    def _compression(self) -> str | None:
        """How the bytes are compressed, by the name's ending."""
        name = self.name.lower()
        if name.endswith(_NOT_COMPRESSED):
            return None
        if name.endswith(".zst"):  # fsspec knows it only where another package for zstd is installed
            return "zstd"
        from fsspec.utils import infer_compression

        found: str | None = infer_compression(name)
        return found

    @property
    def is_compressed(self) -> bool:
        """Whether the name ends in .gz, .zst or another ending of a compression."""
        return self._compression is not None

    @property
    def from_anywhere(self) -> bool:
        """Whether it can be read from any place without reading all before it."""
        return self.frames is not None or not self.is_compressed

    def in_frames(self) -> "Source":
        """The same with its frames, if it has several, and its storage gives parts of files."""
        if self._compression == "zstd":
            with contextlib.suppress(
                OSError, StorageError
            ):  # whoever reads it from its beginning says what is wrong
                found = frames_of(self._open_beneath)
                if found is not None and not self.is_local:
                    with self._open_beneath() as file:  # some servers only give files from their beginning
                        file.seek(found.begins[-2])
                        file.read(1)
                return replace(self, frames=found)
        return self

    def open(self) -> BinaryIO:
        """Open the extract's bytes, decompressed.

        Raises FileNotFoundError and other OSErrors of the file system, and ExtractError for an archive that does
        not hold just one extract. A damaged archive raises DecompressionError, and so does reading what is not of
        the compression; EOFError where it ends within it; with frames, UnevenFramesError where they are others.
        """
        compression = self._compression
        if self.frames is not None:
            return open_frames(self._open_beneath, self.frames)
        if compression is None:
            return self._open_beneath()
        if compression == "zstd":
            return open_zstd(self._open_beneath)
        if compression == "zip":
            return open_zipped(self._open_beneath(), self.name)
        if compression == "gzip":
            return open_gzip(self._open_beneath, self.threads)
        if compression in OF_STREAMS:
            return open_streams(self._open_beneath(), compression)
        return open_compressed(self._open_beneath(), compression)

    def _open_beneath(self) -> BinaryIO:
        """The file as it is, still compressed."""
        if self._held is not None and not self._held.closed:
            self._held.seek(0)
            return self._held
        if self.version is not None and (content := taken(self.url, self.version)) is not None:
            return io.BytesIO(content)
        system, path = located(self.url)
        return (
            cast(BinaryIO, system.open(path, "rb"))
            if is_this_machine(system)
            else open_stored(self.url, _FAR_AHEAD, None, self.version)
        )

    def open_until(self, end: int) -> BinaryIO:
        """Open the extract's bytes before `end`, of which there are so many. Raises as `open`.

        It is for long pieces. Of S3 the version is not asked for: if it is not known, who reads must look at the
        `stamp` afterwards.
        """
        if self.is_pinned and not self.is_compressed:
            if self.version is not None and (content := taken(self.url, self.version)) is not None:
                return io.BytesIO(content)
            version = {**self.version, "size": end} if self.version is not None else None
            return open_stored(self.url, _FAR_AHEAD, end, version)
        return self.open()

    @contextlib.contextmanager
    def held(self) -> Iterator["Source"]:
        """The same, asked about once where its storage pins what is open: it is open for who reads it first.

        Its version is known then. Raises as `stamp`.
        """
        if not self.is_pinned or self._held is not None:
            yield self
            return
        with open_stored(self.url, _FAR_AHEAD, None, self.version) as file:
            found = replace(self, version=self.version or version_in(details_of(file)))
            content = kept(self.url, found.version, file) if self.keeps and found.version is not None else None
            object.__setattr__(found, "_held", file if content is None else io.BytesIO(content))
            yield found

    def misnamed(self) -> str:
        """What the file's first bytes are, where they are not those of the compression that its name promises."""
        with self._open_beneath() as file:
            begin = file.read(_TOLD_BY)
        if not begin:
            return "empty"
        kind = kind_of(begin)
        is_older_xz = self._compression == "lzma"
        if kind is not None:
            return "" if kind.compression == ("xz" if is_older_xz else self._compression) else kind.what
        return "" if is_older_xz else "not compressed"  # files of the older format begin with no certain bytes

    def stamp(self) -> str:
        """What changes when the file does: its size and time, or what its storage says of it. Nothing is read.

        Raises FileNotFoundError and other OSErrors of the file system.
        """
        return self.stamp_and_length()[0]

    def stamp_and_length(self) -> tuple[str, int | None]:
        """(`stamp`; how many bytes the extract has, None if it is compressed or its storage does not say).

        Both are asked for at once. Raises as `stamp`.
        """
        system, path = located(self.url)
        length: int | None
        if is_this_machine(system):
            stamp, length = system.stamp(path), system.size(path)
        else:
            if self._held is not None and self.version is not None:
                info = {**self.version}
            elif self._held is not None:
                info = details_of(self._held)
            else:
                with explained(self.url, "read"):
                    system.invalidate_cache()
                    info = system.info(path)
            stamps = VERSION if self.is_pinned else _STAMPS
            stamp, length = repr({name: str(info[name]) for name in stamps if name in info}), info.get("size")
        if self.is_compressed:
            length = self.frames.length if self.frames else None
        return stamp, length

    def written(self, stamp: str) -> str:
        """What tells a file from what it was at any other time, though its size and its times may be the same.

        stamp: its `stamp`. Where nobody can tell, it is another one each time. Raises as `stamp`.
        """
        system, path = located(self.url)
        if is_this_machine(system):
            return cast(str, system.written(path))
        return stamp if literal_eval(stamp).keys() - {"size"} else f"{stamp} {secrets.token_hex(8)}"

    def packed_length(self) -> int:
        """How many bytes the file has as it is, 0 if its storage does not say."""
        if self.version is not None:
            return int(self.version["size"])
        system, path = located(self.url)
        with explained(self.url, "read"):
            return int(system.size(path) or 0)

    @property
    def is_local(self) -> bool:
        """Whether it lies on this machine's file system."""
        return is_local(self.url)

    @property
    def is_pinned(self) -> bool:
        """Whether all that is read of the file once it is open is of one version, or reading fails."""
        return pins_versions(self.url)

    def length(self) -> int | None:
        """How many bytes the extract has, None if it is compressed."""
        if self.is_compressed:
            return None
        system, path = located(self.url)
        with explained(self.url, "read"):
            return cast(int | None, system.size(path))
