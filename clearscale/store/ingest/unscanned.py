"""Extracts that are read without a scan: every region of one once, by itself.

How many records are before a region, and the checksum by which the extract is known, are only known when all
regions are read. So what a region leaves in staging counts rows and lines from its begin, in a folder that is named
by where the extract lies, and by what tells it from what lay there at any other time. `settled` makes of it what a
scan would have told, and what a scanned extract's block groups leave.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clearscale.extract import Form
from clearscale.extract.digest import digest_of
from clearscale.extract.regions import Region, RegionFound, borders_of, joined, regions_of
from clearscale.io.source import Source

from .aside import SetAside
from .filing import BEFORE
from .gate import NOTICED, noticed_in
from .scanning import Scan

REGION = "region"
"""Where a marker has what a region turned out to be; see `RegionFound.document`."""

Marker = dict[str, Any]


@dataclass(frozen=True)
class Unscanned:
    """An extract of which only the form is known. stamp, length: of the file. written: see `Source.written`."""

    source: Source
    block_bytes: int
    stamp: str
    length: int
    form: Form
    written: str

    @cached_property
    def staged(self) -> str:
        """Name of its folder in staging: the same for an ingest that is repeated, unless the file changed."""
        which = repr((self.source.place, self.written, self.length))
        return f"unscanned-{hashlib.sha256(which.encode()).hexdigest()[:12]}"

    @property
    def blocks(self) -> int:
        """How many blocks it has, if every one has records."""
        return len(borders_of(self.length, self.block_bytes))

    def regions(self, group_blocks: int) -> list[Region]:
        """Its block groups."""
        return regions_of(self.length, self.form.skip, self.block_bytes, group_blocks)


def settled(
    file: Unscanned, regions: Sequence[Region], markers: Mapping[int, Marker]
) -> tuple[Scan, dict[int, Marker]] | None:
    """What a scan of an extract would have told, and the markers of its block groups.

    Parameters
    ----------
    file
        The extract.
    regions
        All of it, in order.
    markers
        Of each region's block group, as they were written, by its number.

    Returns
    -------
    tuple or None
        None if only who reads the extract from its beginning can tell where its records lie.
    """
    of_regions = [markers[number] for number in range(len(regions))]
    if not all(REGION in marker for marker in of_regions):
        return None
    found = [RegionFound.of(marker[REGION]) for marker in of_regions]
    spans = joined(regions, found)
    if spans is None:
        return None
    digest = digest_of([piece for region in found for piece in region.digests])
    rows = sum(region.rows for region in found)
    scan = Scan(
        file.source,
        file.block_bytes,
        digest,
        file.form,
        rows,
        file.length,
        spans,
        None,
        file.stamp,
        waiting=file.staged,
    )
    row = line = 0
    counted = {}
    for number, (marker, region) in enumerate(zip(of_regions, found, strict=True)):
        counted[number] = _counted_from(marker, row, line)
        row, line = row + region.rows, line + region.lines
    return scan, counted


def _counted_from(marker: Marker, row: int, line: int) -> Marker:
    """A marker with lines of the file. row, line: how many are before those of the group."""
    noticed = noticed_in([marker])
    noticed.lines = {name: [found + line for found in lines] for name, lines in noticed.lines.items()}
    aside = SetAside.of([marker])
    aside.first = [[found + line, what] for found, what in aside.first]
    aside.last = [found + line for found in aside.last]
    return {**marker, **aside.document(), NOTICED: noticed.document(), BEFORE: (row, line)}
