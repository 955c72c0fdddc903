"""Extracts are scanned, long ones in stretches by as many workers as there are, if they are scanned at all.

A task begins with each extract. One of several blocks that the store does not seem to have is only looked at: it
is read without a scan (see `unscanned`). Of others, what is short is scanned as a whole; of what is long, the first
stretch. The other stretches of all extracts are a second round. What they tell is joined here, and comes to the
same as if one had read the extract from its beginning to its end. A long extract that can only be read from its
beginning is left to a task that does so, and keeps its blocks (see `unpacking`).
"""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from clearscale.errors import ExtractError
from clearscale.extract import Cut, Form, by_names, changed, opened
from clearscale.extract.borders import blocks_of
from clearscale.extract.digest import digest_of
from clearscale.extract.reading import OtherFramesError, first_border, form_looked_at, form_of_long
from clearscale.extract.stretches import STRETCH_BYTES, Expected, Stretch, scan_stretch
from clearscale.io.parallel_gzip import NotTakenError, least_threads, threads_of
from clearscale.io.source import Source
from clearscale_cluster import Cluster, Label, ProgressCallback
from clearscale_cluster.label import BYTES
from clearscale_cluster.setup.cores import cores

from .bundles import bundled, each_of
from .refusals import Refusals, or_refusal
from .scanning import Scan, scan_extract, unchanged
from .unpacking import Unpacked, Unpacking
from .unscanned import Unscanned

BYTES_AT_ONCE = 2**25
"""Bytes of files of an object store that a task scans at a time: those of a short one it holds all."""


@dataclass(frozen=True)
class _BeginTask:
    """An extract to begin with.

    unpacking: whether blocks can be kept, so that a long compressed one need not be scanned yet. known: as
    `scan_extracts` has it.
    """

    source: Source
    block_bytes: int
    unpacking: bool
    known: frozenset[int] | None


@dataclass(frozen=True)
class _Begun:
    """A long extract of which the first stretch was scanned. stamp, length: of the file."""

    source: Source
    block_bytes: int
    stamp: str
    length: int
    form: Form
    first: Stretch

    def rest(self) -> list["_StretchTask"]:
        """What is still to be scanned."""
        return [
            _StretchTask(
                self.source,
                self.stamp,
                start,
                min(start + STRETCH_BYTES, self.length),
                self.form.skip,
                _expected(self.block_bytes),
            )
            for start in range(STRETCH_BYTES, self.length, STRETCH_BYTES)
        ]

    def joined(self, rest: Sequence[Stretch | None]) -> Scan | None:
        """The scan, None if only who reads the extract as a whole can tell where its blocks end."""
        stretches = [self.first, *(stretch for stretch in rest if stretch is not None)]
        if len(stretches) <= len(rest):
            return None
        found = blocks_of(stretches, self.length, self.form.skip, self.block_bytes)
        if found is None:
            return None
        digest = digest_of([piece for stretch in stretches for piece in stretch.digests])
        return Scan(
            self.source, self.block_bytes, digest, self.form, found[1], self.length, found[0], None, self.stamp
        )


@dataclass(frozen=True)
class _Packed:
    """A long compressed extract, whose blocks are to be kept while it is scanned. length: of the file."""

    source: Source
    length: int


class _LongError(Exception):
    """An extract is long."""


@dataclass(frozen=True)
class _StretchTask:
    """A stretch to scan, not the first. stamp: that of the file as the first was scanned."""

    source: Source
    stamp: str
    start: int
    end: int
    first_record: int
    expected: Expected


def _expected(block_bytes: int) -> Expected:
    return Expected(first_border(block_bytes), block_bytes)


def scan_extracts(
    sources: Sequence[Source],
    block_bytes: int,
    cluster: Cluster,
    progress: ProgressCallback | None,
    refusals: Refusals,
    unpacking: Unpacking | None = None,
    known: Callable[[Source], frozenset[int] | None] = lambda _: None,
) -> list[Scan | Unscanned]:
    """Scan extracts in blocks of about the given bytes.

    unpacking: where blocks of compressed ones are to wait. known: the lengths of an extract that is to be scanned,
    None for any; of another length it is not, if it has several blocks and can be read from any place.

    One that cannot be opened or decompressed is refused and left out. Raises ExtractError if one changes meanwhile.
    """
    # Who shares no memory with this process keeps nothing: another of its kind may be the one that reads it next.
    keeping = [replace(source, keeps=cluster.shares_memory) for source in sources]
    tasks = [_BeginTask(source, block_bytes, unpacking is not None, known(source)) for source in keeping]
    workers = cluster.workers if any(not source.is_local for source in sources) else len(tasks)
    sizes = [_length_told(source) for source in sources]
    bundles = bundled(tasks, sizes, BYTES_AT_ONCE, workers)
    label = Label("scan extracts", "extracts", list(map(len, bundles)))
    looked_at = cluster.gather(_begin_each, bundles, label=label, progress=progress)
    found = refusals.kept([*chain.from_iterable(looked_at)])
    long = [scan for scan in found if isinstance(scan, _Packed)]
    every = sum(scan.length for scan in long)
    packed = [
        (scan.source, block_bytes, unpacking.of(scan.source), scan.length / every if every else 0)
        for scan in long
        if unpacking is not None
    ]
    label = Label("unpack long extracts", "extracts")
    scan_packed = partial(or_refusal, _scan_and_keep)
    kept = iter(cluster.gather(scan_packed, packed, label=label, progress=progress) if packed else ())
    found = refusals.kept([next(kept) if isinstance(scan, _Packed) else scan for scan in found])
    begun = [scan for scan in found if isinstance(scan, _Begun)]
    if not begun:
        return [scan for scan in found if isinstance(scan, Scan | Unscanned)]
    rest = [scan.rest() for scan in begun]
    stretches = [task for of_extract in rest for task in of_extract]
    label = Label("scan long extracts", BYTES, [task.end - task.start for task in stretches])
    scanned = iter(cluster.gather(_scan_stretch, stretches, label=label, progress=progress))
    joined: list[Scan | None] = []
    whole: list[tuple[Source, int]] = []
    for scan, of_extract in zip(begun, rest, strict=True):
        told = [next(scanned) for _ in of_extract]
        joined.append(scan.joined(told))
        if joined[-1] is None:
            source = replace(scan.source, frames=None) if None in told else scan.source
            whole.append((source, block_bytes))
    label = Label("scan extracts", "extracts")
    anew = iter(cluster.gather(scan_extract, whole, label=label, progress=progress) if whole else ())
    of_begun = iter([scan or next(anew) for scan in joined])
    return [scan if isinstance(scan, Scan | Unscanned) else next(of_begun) for scan in found]


def _length_told(source: Source) -> int:
    """How long an extract is, as far as is known without asking; some at a time if it is not."""
    return int(source.version["size"]) if source.version is not None else BYTES_AT_ONCE // 8


def read_alone(scans: Iterable[Scan]) -> tuple[str, ...]:
    """Names of long extracts that one task decompressed alone, since they cannot be read from any place."""
    return tuple(
        scan.source.name
        for scan in scans
        if not scan.source.from_anywhere and scan.spans and scan.spans[-1].offset >= STRETCH_BYTES
    )


def _begin_each(tasks: Sequence[_BeginTask]) -> list[Scan | Unscanned | _Begun | _Packed | ExtractError]:
    return each_of(partial(or_refusal, _begin), tasks)


def _begin(task: _BeginTask) -> Scan | Unscanned | _Begun | _Packed:
    """Look at an extract that needs no scan, scan another, or the first stretch of a long one."""
    source, block_bytes = task.source, task.block_bytes
    with unchanged(source) as (held, stamp, length):
        source = replace(source, version=held.version)
        read, reading = source, held
        with contextlib.suppress(OtherFramesError):
            if length is None:
                read = reading = source.in_frames()
                length = read.frames.length if read.frames else None
            scanned = task.known is None or length is None or length in task.known
            if length is not None and length > first_border(block_bytes) and not scanned:
                form = form_looked_at(read, by_names)
                if form is not None:
                    return Unscanned(read, block_bytes, stamp, length, form, read.written(stamp))
            if length is not None and length > max(STRETCH_BYTES, first_border(block_bytes)):
                with opened(reading) as file:
                    form = form_of_long(file, read, by_names)
                    if form is not None:
                        first = scan_stretch(file, read, 0, STRETCH_BYTES, form.skip, _expected(block_bytes))
                        return _Begun(read, block_bytes, stamp, length, form, first)
        keeping = task.unpacking and not read.from_anywhere
        try:
            scan = scan_extract((held, block_bytes), _only_short if keeping else None)
        except _LongError:
            return _Packed(source, held.packed_length())
        return replace(scan, source=source)


def _only_short(cut: Cut) -> None:
    if cut.span.offset >= STRETCH_BYTES:
        raise _LongError


def _scan_and_keep(task: tuple[Source, int, Unpacked, float]) -> Scan:
    """Scan a long compressed extract and keep its blocks, unless records are malformed: then they may be others.

    The last of the task: the extract's part of the bytes of all that are to be unpacked, and so of the cores here.
    Those of other machines, where tasks of the same round may be, are not counted on.
    """
    source, block_bytes, unpacked, share = task
    threaded = replace(source, threads=threads_of(share, cores(), least_threads()))
    try:
        scan = scan_extract((threaded, block_bytes), unpacked.keep)
    except NotTakenError:
        scan = scan_extract((source, block_bytes), unpacked.keep)
    return replace(scan, source=replace(scan.source, threads=0), unpacked=None if scan.exact else unpacked)


def _scan_stretch(task: _StretchTask) -> Stretch | None:
    """Scan a stretch; None if frames of a compressed extract are not as long as they were taken for."""
    with unchanged(task.source) as (held, stamp, _):
        if stamp != task.stamp:
            raise changed(task.source)
        with opened(held) as file, contextlib.suppress(OtherFramesError):
            return scan_stretch(file, task.source, task.start, task.end, task.first_record, task.expected)
    return None
