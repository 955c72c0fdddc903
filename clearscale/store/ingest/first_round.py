"""First round of an ingest: the blocks of all extracts read, stored and encoded, group by group.

Extracts are scanned quickly at first, as if none had malformed records (see `scanning`). One that turns out to have
some is scanned exactly and read anew.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from clearscale.extract import changed
from clearscale.io.claims import Claims
from clearscale.io.far import both
from clearscale.io.files import Folder
from clearscale.store.layout import QUARANTINE, STAGING, Staging
from clearscale_cluster import Cluster, Label, ProgressCallback
from clearscale_cluster.label import BYTES

from .block_groups import texts_in, texts_part
from .blocks import BOUNDS, MALFORMED, SUBJECTS, ReadTask, finished, read_block_groups, read_each
from .bundles import bundled, each_of
from .markers import SEALS
from .refusals import Refusals
from .scanning import Scan, scan_exactly
from .tidying import discard_unused
from .unpacking import Unpacking

MOST_GROUPS = 128
"""Block groups that a state's blocks are joined in, more where extracts have few blocks each. A task reads one, so
they bound how many workers have work; but every bucket opens every group, and buckets grow with the rows."""

MOST_BLOCKS = 32
"""At most so many blocks in a group, since a task holds their encoded rows: some 50 MB."""


@dataclass(frozen=True)
class Reading:
    """How extracts are read into a store.

    group_blocks: blocks in a group, None to derive it from the number of blocks. claims: of the ingest; those of
    the extracts that it reads are held. keep: whether anything is written; if not, every block is read, and markers
    hold the texts and subjects. refusals: of extracts that are refused, which are left out then.
    """

    root: Folder
    block_bytes: int
    group_blocks: int | None
    quarantine: bool
    claims: Claims
    keep: bool
    unpacking: Unpacking | None = None
    refusals: Refusals = field(default_factory=Refusals)


@dataclass(frozen=True)
class FirstRound:
    """Extracts whose block groups wait in staging. markers: of each extract, by group number."""

    staging: Staging
    scans: list[Scan]
    markers: list[dict[int, dict[str, Any]]]

    def texts(self) -> list[list[pa.RecordBatch]]:
        """Texts and subjects of each extract's block groups in file order, but for groups that were not staged.

        All are read in one call.
        """
        parts, groups = [], []
        for scan, markers in zip(self.scans, self.markers, strict=True):
            for number, marker in sorted(markers.items()):
                if SUBJECTS not in marker and SEALS in marker:
                    parts.append(texts_part(self.staging, scan.id, number, marker[BOUNDS]))
        read = iter(self.staging.store.read_parts(parts))
        for markers in self.markers:
            of_extract = [marker for _, marker in sorted(markers.items())]
            contents = [
                pa.py_buffer(marker[SUBJECTS]) if SUBJECTS in marker else next(read)
                for marker in of_extract
                if SUBJECTS in marker or SEALS in marker
            ]
            groups.append([texts_in(content) for content in contents])
        return groups


def read_extracts(
    reading: Reading,
    scans: list[Scan],
    buckets_for: Callable[[int], int],
    cluster: Cluster,
    progress: ProgressCallback | None,
) -> FirstRound:
    """Read every block group that is not finished yet. buckets_for: number of buckets for a number of records.

    An extract with malformed records without quarantine is refused, and nothing of it stored.
    """
    root, quarantine = reading.root, reading.quarantine
    # Blocks with malformed records that an earlier ingest stored were cut exactly, and those after them too.
    set_aside, begun = both(root, lambda: set(root.folder(QUARANTINE).names()), lambda: _begun(reading))
    doubtful = [
        scan
        for scan in scans
        if not scan.exact and scan.id in set_aside and root.folder(f"{QUARANTINE}/{scan.id}").names()
    ]
    while True:
        scans = _scanned_exactly(scans, doubtful, None if quarantine else reading.refusals, cluster, progress)
        buckets = buckets_for(sum(scan.records for scan in scans))
        blocks = sum(len(scan.spans) for scan in scans)
        staging = Staging(root, buckets, reading.block_bytes, reading.group_blocks or blocks_per_group(blocks))
        markers = _read_block_groups(staging, scans, reading, begun, cluster, progress)
        doubtful = [
            scan
            for scan, found in zip(scans, markers, strict=True)
            if any(MALFORMED in marker for marker in found.values())
        ]
        if not doubtful:
            return FirstRound(staging, scans, markers)
        # No snapshot holds them, or their malformed records would be in quarantine.
        if reading.keep:
            discard_unused(root, [scan.id for scan in doubtful], reading.claims)
            begun = _begun(reading)


def _begun(reading: Reading) -> set[str]:
    """Extracts that may have staged block groups."""
    return set(reading.root.folder(STAGING).names()) if reading.keep else set()


def _scanned_exactly(
    scans: list[Scan],
    doubtful: list[Scan],
    refusals: Refusals | None,
    cluster: Cluster,
    progress: ProgressCallback | None,
) -> list[Scan]:
    """Replace doubtful scans by exact ones. refusals: if malformed records refuse an extract, which is left out."""
    tasks = [(scan.source, scan.block_bytes) for scan in doubtful]
    again = (
        cluster.gather(scan_exactly, tasks, label=Label("scan extracts", "extracts"), progress=progress)
        if tasks
        else []
    )
    for scan, exact in zip(doubtful, again, strict=True):
        if exact.digest != scan.digest:
            raise changed(scan.source)
    exactly = {
        exact.digest: replace(exact, purges=scan.purges) for scan, exact in zip(doubtful, again, strict=True)
    }
    scans = [exactly.get(scan.digest, scan) for scan in scans]
    if refusals is None:
        return scans
    told = [
        scan.aside.refusal(scan.source.name) if scan.aside is not None and scan.aside.unusable else scan
        for scan in scans
    ]
    return refusals.kept(told)


def blocks_per_group(blocks: int) -> int:
    """How many blocks a group has among `blocks` in all. Nothing else matters, so a repeated ingest resumes."""
    return max(1, min(-(-blocks // MOST_GROUPS), MOST_BLOCKS))


def _read_block_groups(
    staging: Staging,
    scans: list[Scan],
    reading: Reading,
    begun: Container[str],
    cluster: Cluster,
    progress: ProgressCallback | None,
) -> list[dict[int, dict[str, Any]]]:
    """Encode the block groups that are not finished yet; return each extract's markers by group number."""
    markers = [finished(staging.of(scan.id), staging.store) if scan.id in begun else {} for scan in scans]
    tasks: list[ReadTask] = []
    owners: list[int] = []
    for place, scan in enumerate(scans):
        of_scan = read_tasks(staging, scan, reading, markers[place])
        tasks += of_scan
        owners += [place] * len(of_scan)
    far = not staging.store.is_local or any(not task.source.is_local for task in tasks)
    sizes = [sum(span.length for _, spans in task.groups for span in spans) for task in tasks]
    bundles = bundled(
        list(zip(owners, tasks, sizes, strict=True)),
        sizes,
        reading.block_bytes,
        cluster.workers if far else len(tasks),
    )
    # The longest first: what is short fills the gaps at the end.
    bundles.sort(key=_length, reverse=True)
    work = [tuple(task for _, task, _ in bundle) for bundle in bundles]
    label = Label("read extracts", BYTES, [_length(bundle) for bundle in bundles])
    for position, results in cluster.map(read_together, work, label=label, progress=progress):
        for (owner, _, _), found in zip(bundles[position], results, strict=True):
            for marker in found:
                markers[owner][marker["group"]] = marker
    return markers


def _length(bundle: tuple[tuple[int, ReadTask, int], ...]) -> int:
    """Bytes of the blocks of a bundle of (owner, task, bytes)."""
    return sum(size for _, _, size in bundle)


def read_together(tasks: Sequence[ReadTask]) -> list[list[dict[str, Any]]]:
    """Read the block groups of each task; see `read_block_groups`."""
    if len(tasks) > 1 and all(task.is_short for task in tasks):
        return read_each(tasks)
    return each_of(read_block_groups, tasks)


def read_tasks(staging: Staging, scan: Scan, reading: Reading, done: Container[int] = ()) -> list[ReadTask]:
    """Tasks that read a file's block groups, but for those that are done: one each, or one for all of them.

    One for all, if it can only be read from its beginning and its blocks were not kept.
    """
    size = staging.group_blocks
    groups = [
        (number, scan.spans[number * size : (number + 1) * size])
        for number in range(staging.groups(len(scan.spans)))
        if number not in done
    ]
    at_once = 1 if scan.source.from_anywhere or scan.unpacked else max(len(groups), 1)
    how = (reading.quarantine, scan.exact, reading.keep, scan.stamp, scan.unpacked)
    return [
        ReadTask(staging, scan.source, scan.id, scan.form, tuple(groups[first : first + at_once]), *how)
        for first in range(0, len(groups), at_once)
    ]
