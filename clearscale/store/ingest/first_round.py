"""First round of an ingest: the blocks of all extracts read, stored and encoded, stretch by stretch.

Extracts are scanned quickly at first, as if none had malformed records (see `scanning`). One that turns out to have
some is scanned exactly and read anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clearscale.errors import ExtractError
from clearscale.io.files import Folder
from clearscale.store.layout import QUARANTINE, Staging
from clearscale_cluster import Cluster, ProgressCallback

from .blocks import MALFORMED, StretchTask, finished, read_stretches
from .scanning import Scan, scan_exactly
from .tidying import discard_unused

MOST_STRETCHES = 128
"""Stretches that a state's blocks are joined to, more where extracts have few blocks each. A bucket's work opens
each of them, and there are the more buckets the more rows there are."""

MOST_BLOCKS = 32
"""Blocks of a stretch at most, since a task holds their encoded rows: some 50 MB."""


def refusal(name: str, line: int, what: str, others: int) -> ExtractError:
    """That an extract has records that cannot be used. line: of the first, in the file. others: how many more."""
    more = f" ({others} more records cannot be used)" if others else ""
    return ExtractError(
        f"{name}, line {line}: {what}{more}. Nothing of this extract was stored. "
        "Mend the file, or keep its good records with --on-bad-record quarantine."
    )


@dataclass(frozen=True)
class FirstRound:
    """Extracts whose stretches wait in staging. markers: of each extract, by stretch."""

    staging: Staging
    scans: list[Scan]
    markers: list[dict[int, dict[str, Any]]]


def read_extracts(
    root: Folder,
    scans: list[Scan],
    buckets_for: Callable[[int], int],
    block_bytes: int,
    stretch_blocks: int | None,
    quarantine: bool,
    cluster: Cluster,
    progress: ProgressCallback | None,
) -> FirstRound:
    """Read every stretch that is not finished yet.

    buckets_for: number of buckets for a number of records. stretch_blocks: None is as many as suit the number of
    blocks.

    Raises ExtractError, having stored nothing of it, for an extract with malformed records without quarantine.
    """
    # Blocks with malformed records that an earlier ingest stored were cut exactly, and those after them too.
    doubtful = [each for each in scans if not each.exact and root.folder(f"{QUARANTINE}/{each.id}").names()]
    while True:
        scans = _scanned_exactly(scans, doubtful, quarantine, cluster, progress)
        buckets = buckets_for(sum(each.records for each in scans))
        blocks = sum(len(each.spans) for each in scans)
        staging = Staging(root, buckets, block_bytes, stretch_blocks or stretch_length(blocks))
        markers = _read_stretches(staging, scans, quarantine, cluster, progress)
        doubtful = [
            each
            for each, found in zip(scans, markers, strict=True)
            if any(MALFORMED in marker for marker in found.values())
        ]
        if not doubtful:
            return FirstRound(staging, scans, markers)
        # No snapshot holds them, or their malformed records would be in quarantine.
        discard_unused(root, [each.id for each in doubtful])


def _scanned_exactly(
    scans: list[Scan],
    doubtful: list[Scan],
    quarantine: bool,
    cluster: Cluster,
    progress: ProgressCallback | None,
) -> list[Scan]:
    """The scans, those that are doubtful made again exactly. Raises ExtractError for malformed records."""
    tasks = [(each.source, each.block_bytes) for each in doubtful]
    again = cluster.gather(scan_exactly, tasks, label="scan extracts", progress=progress) if tasks else []
    exact = {each.digest: each for each in again}
    scans = [exact.get(each.digest, each) for each in scans]
    if not quarantine:
        for each in scans:
            if each.first_bad is not None:
                raise refusal(each.source.name, *each.first_bad, each.bad - 1)
    return scans


def stretch_length(blocks: int) -> int:
    """How many blocks a stretch has if there are so many in all: the same ingest finds its stretches again."""
    return max(1, min(-(-blocks // MOST_STRETCHES), MOST_BLOCKS))


def _read_stretches(
    staging: Staging,
    scans: list[Scan],
    quarantine: bool,
    cluster: Cluster,
    progress: ProgressCallback | None,
) -> list[dict[int, dict[str, Any]]]:
    """Encode the stretches that are not finished yet; returns each extract's markers by stretch."""
    markers = [finished(staging.of(each.id)) for each in scans]
    tasks: list[StretchTask] = []
    owners: list[int] = []
    size = staging.stretch_blocks
    for place, each in enumerate(scans):
        stretches = [
            (number, each.spans[number * size : (number + 1) * size])
            for number in range(staging.stretches(len(each.spans)))
            if number not in markers[place]
        ]
        at_once = max(len(stretches), 1) if each.source.is_compressed else 1
        for first in range(0, len(stretches), at_once):
            chosen = tuple(stretches[first : first + at_once])
            tasks.append(
                StretchTask(staging, each.source, each.id, each.header_lines, chosen, quarantine, each.exact)
            )
            owners.append(place)
    for position, found in cluster.map(read_stretches, tasks, label="read extracts", progress=progress):
        for marker in found:
            markers[owners[position]][marker["stretch"]] = marker
    return markers
