"""Long extracts that can only be read from their beginning: who scans one keeps its blocks, for others to read.

They wait in staging, compressed in a way that is fast, until the ingest ends.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from clearscale.extract import BlockSpan, Cut, Workspace, changed, cut_of
from clearscale.io.claims import Claims
from clearscale.io.files import Folder
from clearscale.io.source import Source
from clearscale.store.layout import STAGING, block_file

from .tidying import take

_CODEC, _LEVEL, _ENDING = "zstd", 1, "zst"


@dataclass(frozen=True)
class Unpacked:
    """The blocks of an extract, a file each in a folder of a store."""

    store: Folder
    path: str

    def keep(self, cut: Cut) -> None:
        """Keep a block."""
        content = pa.py_buffer(cut.content)[: cut.span.length]
        packed = pa.Codec(_CODEC, compression_level=_LEVEL).compress(content)
        self.store.write(self._file(cut.span), memoryview(packed))

    def cut(self, source: Source, span: BlockSpan, workspace: Workspace) -> Cut:
        """A block, as `read_cut`. source: the extract, for messages."""
        try:
            packed = self.store.read(self._file(span))
            found = pa.Codec(_CODEC).decompress(packed, span.length)
        except (FileNotFoundError, pa.ArrowException):
            raise changed(source) from None
        return cut_of(np.frombuffer(found, np.uint8), span, workspace)

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
        name = f"unpacked-{hashlib.sha256(source.place.encode()).hexdigest()[:12]}"
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
