"""First round of an ingest, of an extract that was not scanned: a region read once, as a block group.

It is left in staging as another one, but rows and lines are counted from its begin, see `unscanned`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import pyarrow as pa

from clearscale.extract import MalformedError, opened
from clearscale.extract.digest import PIECE_BYTES
from clearscale.extract.reading import OtherFramesError
from clearscale.extract.regions import LostError, Region, RegionReader

from .blocks import WORKSPACE, FoundBlock, ReadTask, left_behind, read_again, usable, write_group
from .unscanned import REGION


@dataclass(frozen=True)
class RegionTask:
    """A region to read. how: of which extract, and where it is to be left, without groups. length: of the file."""

    how: ReadTask
    number: int
    region: Region
    length: int

    @property
    def source(self) -> Any:
        """The extract."""
        return self.how.source

    @property
    def size(self) -> int:
        """Bytes of the region."""
        return self.region.end - self.region.begin


def read_region(task: RegionTask) -> dict[str, Any]:
    """Read, store and encode a region; return the marker of its block group.

    It has no REGION if records are malformed, or only who reads the extract from its beginning can tell them apart.
    """
    lost = {"group": task.number}
    # Up to the end of the last piece that begins in it.
    end = min(-(-task.region.end // PIECE_BYTES) * PIECE_BYTES, task.length)
    try:
        with opened(task.source, until=end) as file:
            return left_behind(task.how, lambda writing: _read_and_write(task, writing, file))
    except (LostError, OtherFramesError):
        return lost
    finally:
        pa.default_memory_pool().release_unused()


def _read_and_write(task: RegionTask, writing: ReadTask, file: BinaryIO) -> dict[str, Any]:
    reader = RegionReader(file, task.source, task.region, writing.form, task.length, WORKSPACE)
    marker = write_group(writing, task.number, 0, _found(reader, writing, file))
    return marker if reader.found is None else {**marker, REGION: reader.found.document()}


def _found(reader: RegionReader, task: ReadTask, file: BinaryIO) -> Iterator[FoundBlock | int]:
    """The blocks of a region."""
    try:
        for block in reader.blocks(task.columns):
            yield usable(block, task.columns) or read_again(task, file, block.span)
    except MalformedError:
        yield 1
