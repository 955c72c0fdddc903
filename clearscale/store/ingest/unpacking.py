"""Long extracts that can only be read from their beginning: who scans one keeps its blocks, for others to read.

They wait in staging, compressed in a way that is fast, until the ingest ends.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from clearscale.errors import StorageError
from clearscale.extract import BlockSpan, Cut, Workspace, cut_of
from clearscale.io.claims import Claims
from clearscale.io.files import Folder
from clearscale.io.seals import Seal, seal_of
from clearscale.io.source import Source
from clearscale.store.layout import STAGING, block_file

from .tidying import take

_CODEC, _LEVEL, _ENDING = "zstd", 1, "zst"


@dataclass(frozen=True)
class Unpacked:
    """The blocks of an extract, a file each in a folder of a store. seals: of those that were kept, by number."""

    store: Folder
    path: str
    seals: dict[int, Seal] = field(default_factory=dict, compare=False, repr=False)

    def keep(self, cut: Cut) -> None:
        """Keep a block."""
        content = pa.py_buffer(cut.content)[: cut.span.length]
        packed = pa.Codec(_CODEC, compression_level=_LEVEL).compress(content)
        self.seals[cut.span.number] = self.store.write(self._file(cut.span), memoryview(packed))

    def cut(self, span: BlockSpan, workspace: Workspace) -> Cut:
        """A block, as `read_cut`. Raises StorageError if it is not what was kept."""
        try:
            packed = self.store.read(self._file(span))
        except FileNotFoundError:
            raise self._lost(span, "is missing") from None
        except OSError as error:
            raise self._lost(span, f"cannot be read ({error.strerror or type(error).__name__})") from None
        if seal_of(packed) != self.seals[span.number]:
            raise self._lost(span, "is damaged (its content is not what was written)")
        found = pa.Codec(_CODEC).decompress(packed, span.length)
        return cut_of(np.frombuffer(found, np.uint8), span, workspace)

    def _lost(self, span: BlockSpan, what: str) -> StorageError:
        return StorageError(
            f"{self.store.folder(self._file(span)).url}: {what}; it only waits there while an ingest is at work: "
            "run the same command again, which decompresses the extract anew"
        )

    def _file(self, span: BlockSpan) -> str:
        return f"{self.path}/{block_file(span.number, _ENDING)}"


@dataclass
class Unpacking:
    """Where the blocks of an ingest's extracts wait. claims: of the ingest."""

    store: Folder
    claims: Claims
    names: dict[str, str] = field(default_factory=dict)

    def of(self, source: Source) -> Unpacked:
        """Where those of an extract wait. Raises StoreError if another ingest is at work on it."""
        name = f"unpacked-{hashlib.sha256(source.place.encode(errors='surrogateescape')).hexdigest()[:12]}"
        if name not in self.names:
            take(self.claims, self.store, {name: source.name})
            self.names[name] = source.name
        return Unpacked(self.store, f"{STAGING}/{name}")


@contextmanager
def unpacking(store: Folder, claims: Claims, wanted: bool) -> Iterator[Unpacking | None]:
    """Give room for blocks as long as an ingest works, if it is wanted."""
    if not wanted:
        yield None
        return
    room = Unpacking(store, claims)
    try:
        yield room
    finally:
        if room.names:
            store.folder(STAGING).remove_all(room.names)
