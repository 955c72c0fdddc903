"""Extracts are scanned, long ones in stretches by as many workers as there are.

A task begins with each extract. What is short it scans as a whole; of what is long, the first stretch. The other
stretches of all extracts are a second round. What they tell is joined here, and comes to the same as if one had
read the extract from its beginning to its end. A long extract that can only be read from its beginning is left to a
task that does so, and keeps its blocks (see `unpacking`).
"""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from clearscale.errors import ExtractError
from clearscale.extract import Cut, Form, by_names, changed, opened
from clearscale.extract.borders import blocks_of, records_of
from clearscale.extract.digest import digest_of
from clearscale.extract.reading import OtherFramesError, form_of_long, opening_bytes
from clearscale.extract.stretches import STRETCH_BYTES, Expected, Stretch, scan_stretch
from clearscale.io.source import Source
from clearscale_cluster import Cluster, Label, ProgressCallback
from clearscale_cluster.label import BYTES

from .bundles import bundled, each_of
from .refusals import Refusals, or_refusal
from .scanning import Scan, scan_extract, unchanged
from .unpacking import Unpacked, Unpacking

BYTES_AT_ONCE = 2**25
"""Bytes of files of an object store that a task scans at a time: those of a short one it holds all."""

_GUESSED_RECORD = 4096
"""Bytes of a record, generously, before any was seen."""

_LONGER = 2
"""Blocks end so many mean records before they are full, or fewer; about half of it is what to expect."""


@dataclass(frozen=True)
class _Begun:
    """A long extract of which the first stretch was scanned. stamp, length: of the file."""

    source: Source
    block_bytes: int
    stamp: str
    length: int
    form: Form
    first: Stretch

    def expected(self) -> Expected:
        """Where its blocks may end."""
        records = max(records_of([self.first], self.form.skip), 1)
        return _expected(self.form, self.block_bytes, _LONGER * STRETCH_BYTES // records)

    def rest(self) -> list["_StretchTask"]:
        """What is still to be scanned."""
        return [
            _StretchTask(
                self.source,
                self.stamp,
                start,
                min(start + STRETCH_BYTES, self.length),
                self.form.skip,
                self.expected(),
            )
            for start in range(STRETCH_BYTES, self.length, STRETCH_BYTES)
        ]

    def joined(self, rest: Sequence[Stretch | None]) -> Scan | None:
        """The scan, None if only who reads the extract as a whole can tell where its blocks end."""
        stretches = [self.first, *(stretch for stretch in rest if stretch is not None)]
        if len(stretches) <= len(rest):
            return None
        found = blocks_of(stretches, self.length, self.form.skip, opening_bytes(self.block_bytes), self.block_bytes)
        if found is None:
            return None
        digest = digest_of([piece for stretch in stretches for piece in stretch.digests])
        return Scan(self.source, self.block_bytes, digest, self.form, found[1], found[0], None, self.stamp)


@dataclass(frozen=True)
class _Packed:
    """A long compressed extract, whose blocks are to be kept while it is scanned."""

    source: Source


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


def _expected(form: Form, block_bytes: int, drift: int) -> Expected:
    return Expected(max(opening_bytes(block_bytes), form.skip + block_bytes), block_bytes, drift)


def scan_extracts(
    sources: Sequence[Source],
    block_bytes: int,
    cluster: Cluster,
    progress: ProgressCallback | None,
    refusals: Refusals,
    unpacking: Unpacking | None = None,
) -> list[Scan]:
    """Scan extracts in blocks of about the given bytes. unpacking: where blocks of compressed ones are to wait.

    One that cannot be opened or decompressed is refused and left out. Raises ExtractError if one changes meanwhile.
    """
    # Who shares no memory with this process keeps nothing: another of its kind may be the one that reads it next.
    keeping = [replace(source, keeps=cluster.shares_memory) for source in sources]
    tasks = [(source, block_bytes, unpacking is not None) for source in keeping]
    workers = cluster.workers if any(not source.is_local for source in sources) else len(tasks)
    sizes = [_length_told(source) for source in sources]
    bundles = bundled(tasks, sizes, BYTES_AT_ONCE, workers)
    label = Label("scan extracts", "extracts", list(map(len, bundles)))
    looked_at = cluster.gather(_begin_each, bundles, label=label, progress=progress)
    found = refusals.kept([*chain.from_iterable(looked_at)])
    packed = [
        (scan.source, block_bytes, unpacking.of(scan.source))
        for scan in found
        if unpacking is not None and isinstance(scan, _Packed)
    ]
    label = Label("unpack long extracts", "extracts")
    scan_packed = partial(or_refusal, _scan_and_keep)
    kept = iter(cluster.gather(scan_packed, packed, label=label, progress=progress) if packed else ())
    found = refusals.kept([next(kept) if isinstance(scan, _Packed) else scan for scan in found])
    begun = [scan for scan in found if isinstance(scan, _Begun)]
    if not begun:
        return [scan for scan in found if isinstance(scan, Scan)]
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
    return [scan if isinstance(scan, Scan) else next(of_begun) for scan in found]


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


def _begin_each(tasks: Sequence[tuple[Source, int, bool]]) -> list[Scan | _Begun | _Packed | ExtractError]:
    return each_of(partial(or_refusal, _begin), tasks)


def _begin(task: tuple[Source, int, bool]) -> Scan | _Begun | _Packed:
    """Scan an extract, or the first stretch of a long one.

    The last of the task: whether blocks can be kept, so that a long compressed one need not be scanned yet.
    """
    source, block_bytes, keeping = task
    with unchanged(source) as (held, stamp, length):
        source = replace(source, version=held.version)
        read, reading = source, held
        with contextlib.suppress(OtherFramesError):
            if length is None:
                read = reading = source.in_frames()
                length = read.frames.length if read.frames else None
            if length is not None and length > max(STRETCH_BYTES, opening_bytes(block_bytes)):
                with opened(reading) as file:
                    form = form_of_long(file, read, by_names)
                    if form is not None:
                        expected = _expected(form, block_bytes, _GUESSED_RECORD)
                        first = scan_stretch(file, read, 0, STRETCH_BYTES, form.skip, expected)
                        return _Begun(read, block_bytes, stamp, length, form, first)
        keeping = keeping and not read.from_anywhere
        try:
            scan = scan_extract((held, block_bytes), _only_short if keeping else None)
        except _LongError:
            return _Packed(source)
        return replace(scan, source=source)


def _only_short(cut: Cut) -> None:
    if cut.span.offset >= STRETCH_BYTES:
        raise _LongError


def _scan_and_keep(task: tuple[Source, int, Unpacked]) -> Scan:
    """Scan a long compressed extract and keep its blocks, unless records are malformed: then they may be others."""
    source, block_bytes, unpacked = task
    scan = scan_extract((source, block_bytes), unpacked.keep)
    return scan if scan.exact else replace(scan, unpacked=unpacked)


def _scan_stretch(task: _StretchTask) -> Stretch | None:
    """Scan a stretch; None if frames of a compressed extract are not as long as they were taken for."""
    with unchanged(task.source) as (held, stamp, _):
        if stamp != task.stamp:
            raise changed(task.source)
        with opened(held) as file, contextlib.suppress(OtherFramesError):
            return scan_stretch(file, task.source, task.start, task.end, task.first_record, task.expected)
    return None
