"""First round of an ingest: the blocks of all extracts read, stored and encoded, group by group.

Extracts are scanned quickly at first, as if none had malformed records (see `scanning`), or not at all (see
`unscanned`). One that turns out to have some is scanned exactly and read anew, and so is one whose records only who
reads it from its beginning can tell apart.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pyarrow as pa

from clearscale.errors import ExtractError
from clearscale.extract import changed
from clearscale.io.claims import Claims
from clearscale.io.far import both, each
from clearscale.io.files import Folder
from clearscale.io.source import Source
from clearscale.store.layout import QUARANTINE, STAGING, Staging, snapshot_path
from clearscale_cluster import Cluster, Label, ProgressCallback
from clearscale_cluster.label import BYTES

from .block_groups import texts_in, texts_part, with_lines_behind
from .blocks import BOUNDS, MALFORMED, SUBJECTS, ReadTask, finished, read_block_groups
from .bundles import bundled, each_of
from .filing import BEFORE
from .markers import SEALS
from .reading_regions import RegionTask, read_region
from .refusals import Refusals
from .scanning import Scan, scan_exactly
from .short_extracts import read_each
from .tidying import discard_unused
from .unpacking import Unpacking
from .unscanned import Marker, Unscanned, settled

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

    @contextmanager
    def discarded_if_refused(self, extracts: Sequence[str], snapshot: str = "") -> Iterator[None]:
        """Remove what was stored for extracts if they are refused, and the snapshot that was made with them."""
        try:
            yield
        except ExtractError:
            if self.keep:
                discard_unused(self.root, extracts, self.claims)
                if snapshot:
                    self.root.remove(snapshot_path(snapshot))
            raise


@dataclass(frozen=True)
class FirstRound:
    """Extracts whose block groups wait in staging. markers: of each extract, by group number."""

    staging: Staging
    scans: list[Scan]
    markers: list[dict[int, Marker]]

    def texts(self) -> list[list[pa.RecordBatch]]:
        """Texts and subjects of each extract's block groups in file order, but for groups that were not staged.

        All are read in one call.
        """
        parts, groups = [], []
        for scan, markers in zip(self.scans, self.markers, strict=True):
            for number, marker in sorted(markers.items()):
                if SUBJECTS not in marker and SEALS in marker:
                    parts.append(texts_part(self.staging, scan.staged, number, marker[BOUNDS]))
        read = iter(self.staging.store.read_parts(parts))
        for markers in self.markers:
            of_extract = [marker for _, marker in sorted(markers.items())]
            kept = [marker for marker in of_extract if SUBJECTS in marker or SEALS in marker]
            contents = [pa.py_buffer(marker[SUBJECTS]) if SUBJECTS in marker else next(read) for marker in kept]
            groups.append([_texts_of(*found) for found in zip(kept, contents, strict=True)])
        return groups


def _texts_of(marker: Marker, content: pa.Buffer) -> pa.RecordBatch:
    """The texts of a block group, with lines of the file."""
    texts = texts_in(content)
    return with_lines_behind(texts, marker[BEFORE][1]) if BEFORE in marker else texts


def read_extracts(
    reading: Reading,
    found: Sequence[Scan | Unscanned],
    buckets_for: Callable[[int], int],
    require_new: Callable[[Sequence[Scan]], None],
    cluster: Cluster,
    progress: ProgressCallback | None,
) -> FirstRound:
    """Read every block group that is not finished yet.

    buckets_for: number of buckets for a number of bytes. require_new: called with what unscanned extracts turned
    out to be, before anything is written under their ids.

    An extract with malformed records without quarantine is refused, and nothing of it stored.
    """
    root = reading.root
    scans = [file for file in found if isinstance(file, Scan)]
    unscanned = [file for file in found if isinstance(file, Unscanned)]
    set_aside, begun = both(root, lambda: set(root.folder(QUARANTINE).names()), lambda: _begun(reading))
    # Blocks with malformed records that an earlier ingest stored were cut exactly, and those after them too.
    doubtful = [
        scan
        for scan in scans
        if not scan.exact and scan.id in set_aside and root.folder(f"{QUARANTINE}/{scan.id}").names()
    ]
    lost = [file for file in unscanned if file.staged in begun and root.exists(_mark_of(file))]
    staging: Staging | None = None
    while True:
        scans = _scanned_exactly(scans, doubtful, reading, cluster, progress)
        after_all = _exactly([_again(file) for file in lost], cluster, progress)
        require_new(after_all)
        after_all = _usable(after_all, reading)
        scans, unscanned = [*scans, *after_all], [file for file in unscanned if file not in lost]
        staging = staging or _staging(reading, [*scans, *unscanned], buckets_for)
        markers = _read_block_groups(staging, [*scans, *unscanned], reading, begun, cluster, progress)
        doubtful = [
            scan
            for scan, of_scan in zip(scans, markers, strict=False)
            if any(MALFORMED in marker for marker in of_scan.values())
        ]
        told = [
            settled(file, file.regions(staging.group_blocks), of_file)
            for file, of_file in zip(unscanned, markers[len(scans) :], strict=True)
        ]
        lost = [file for file, is_told in zip(unscanned, told, strict=True) if is_told is None]
        if not doubtful and not lost:
            whole = [one for one in told if one is not None]
            require_new([scan for scan, _ in whole])
            return _first_round(staging, found, [*zip(scans, markers, strict=False), *whole])
        # No snapshot holds them, or their malformed records would be in quarantine.
        if reading.keep:
            unsure = [*(scan.staged for scan in doubtful), *(file.staged for file in lost)]
            discard_unused(root, unsure, reading.claims)
            each(root, lambda file: root.write(_mark_of(file), b""), lost)
            begun = _begun(reading)


def _mark_of(file: Unscanned) -> str:
    """What says that an extract is to be scanned, though it was not: an interrupted ingest found out."""
    return f"{STAGING}/{file.staged}/to-be-scanned"


def _first_round(
    staging: Staging, found: Sequence[Scan | Unscanned], read: list[tuple[Scan, dict[int, Marker]]]
) -> FirstRound:
    """What was read, in the order in which it was given."""
    number_of = {file.source.place: number for number, file in enumerate(found)}
    read.sort(key=lambda one: number_of[one[0].source.place])
    return FirstRound(staging, [scan for scan, _ in read], [markers for _, markers in read])


def _staging(reading: Reading, files: Sequence[Scan | Unscanned], buckets_for: Callable[[int], int]) -> Staging:
    """Where the block groups of these files wait. Nothing else matters, so a repeated ingest resumes."""
    buckets = buckets_for(sum(file.length for file in files))
    group_blocks = reading.group_blocks or blocks_per_group(sum(file.blocks for file in files))
    return Staging(reading.root, buckets, reading.block_bytes, group_blocks)


def _again(file: Unscanned) -> tuple[Source, int]:
    """An extract to be scanned from its beginning: its frames may not be as long as they were taken for."""
    return replace(file.source, frames=None), file.block_bytes


def _begun(reading: Reading) -> set[str]:
    """Extracts that may have staged block groups."""
    return set(reading.root.folder(STAGING).names()) if reading.keep else set()


def _scanned_exactly(
    scans: list[Scan], doubtful: list[Scan], reading: Reading, cluster: Cluster, progress: ProgressCallback | None
) -> list[Scan]:
    """Replace doubtful scans by exact ones."""
    again = _exactly([(scan.source, scan.block_bytes) for scan in doubtful], cluster, progress)
    for scan, exact in zip(doubtful, again, strict=True):
        if exact.digest != scan.digest:
            raise changed(scan.source)
    exactly = {
        exact.digest: replace(exact, purges=scan.purges) for scan, exact in zip(doubtful, again, strict=True)
    }
    return _usable([exactly.get(scan.digest, scan) for scan in scans], reading)


def _exactly(
    tasks: Sequence[tuple[Source, int]], cluster: Cluster, progress: ProgressCallback | None
) -> list[Scan]:
    """Scan extracts exactly."""
    label = Label("scan extracts", "extracts")
    return cluster.gather(scan_exactly, tasks, label=label, progress=progress) if tasks else []


def _usable(scans: list[Scan], reading: Reading) -> list[Scan]:
    """Those that malformed records do not refuse."""
    if reading.quarantine:
        return scans
    told = [
        scan.aside.refusal(scan.source.name) if scan.aside is not None and scan.aside.unusable else scan
        for scan in scans
    ]
    return reading.refusals.kept(told)


def blocks_per_group(blocks: int) -> int:
    """How many blocks a group has among `blocks` in all. Nothing else matters, so a repeated ingest resumes."""
    return max(1, min(-(-blocks // MOST_GROUPS), MOST_BLOCKS))


def _read_block_groups(
    staging: Staging,
    files: Sequence[Scan | Unscanned],
    reading: Reading,
    begun: Container[str],
    cluster: Cluster,
    progress: ProgressCallback | None,
) -> list[dict[int, Marker]]:
    """Encode the block groups that are not finished yet; return each extract's markers by group number."""
    markers = [finished(staging.of(file.staged), staging.store) if file.staged in begun else {} for file in files]
    tasks: list[ReadTask | RegionTask] = []
    owners: list[int] = []
    for place, file in enumerate(files):
        of_file: Sequence[ReadTask | RegionTask] = (
            read_tasks(staging, file, reading, markers[place])
            if isinstance(file, Scan)
            else region_tasks(staging, file, reading, markers[place])
        )
        tasks += of_file
        owners += [place] * len(of_file)
    far = not staging.store.is_local or any(not task.source.is_local for task in tasks)
    sizes = [task.size for task in tasks]
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


def _length(bundle: tuple[tuple[int, ReadTask | RegionTask, int], ...]) -> int:
    """Bytes of the blocks of a bundle of (owner, task, bytes)."""
    return sum(size for _, _, size in bundle)


def read_together(tasks: Sequence[ReadTask | RegionTask]) -> list[list[Marker]]:
    """Read the block groups of each task; see `read_block_groups` and `read_region`."""
    short = [task for task in tasks if isinstance(task, ReadTask) and task.is_short]
    if len(tasks) > 1 and len(short) == len(tasks):
        return read_each(short)
    return each_of(_read_task, tasks)


def _read_task(task: ReadTask | RegionTask) -> list[Marker]:
    return [read_region(task)] if isinstance(task, RegionTask) else read_block_groups(task)


def region_tasks(staging: Staging, file: Unscanned, reading: Reading, done: Container[int]) -> list[RegionTask]:
    """Tasks that read a file's regions, but for those that are done."""
    about = (reading.quarantine, False, reading.keep, file.stamp, None, None)
    how = ReadTask(staging, file.source, file.staged, file.form, (), *about, counts_anew=True)
    return [
        RegionTask(how, number, region, file.length)
        for number, region in enumerate(file.regions(staging.group_blocks))
        if number not in done
    ]


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
    part = scan.id if staging.groups(len(scan.spans)) == 1 else None
    how = (reading.quarantine, scan.exact, reading.keep, scan.stamp, scan.unpacked, part)
    return [
        ReadTask(staging, scan.source, scan.id, scan.form, tuple(groups[first : first + at_once]), *how)
        for first in range(0, len(groups), at_once)
    ]
