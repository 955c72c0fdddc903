"""What is handed in: files by their names, and what each of them is."""

from collections.abc import Callable, Container, Iterable, Sequence
from typing import TypeVar

from clearscale.errors import ExtractError
from clearscale.io.source import Source
from clearscale.io.urls import versions_matching
from clearscale.store.ledger import Ledger
from clearscale.store.manifest import Manifest
from clearscale_cluster import Cluster, ProgressCallback
from clearscale_cluster.shown import shown_url

from .first_round import Reading
from .long_extracts import scan_extracts
from .purged import with_purges
from .recognized import recognized
from .scanning import Scan
from .unscanned import Unscanned

File = TypeVar("File", bound=Scan | Unscanned)


def sources_of(extracts: Sequence[str]) -> list[Source]:
    """List the files that paths, URLs and patterns with * name.

    Raises ExtractError if there are none, and for a name that is no text: tables have it, which hold texts only.
    """
    sources: list[Source] = []
    for pattern in extracts:
        if "*" in pattern:
            matches = versions_matching(pattern)
            if not matches:
                raise ExtractError(f"{shown_url(pattern)}: no file matches")
            sources += [Source(url, version=version) for url, version in matches]
        else:
            sources.append(Source(pattern))
    if not sources:
        raise ExtractError("no extracts were named")
    for source in sources:
        try:
            source.name.encode()
        except UnicodeEncodeError:
            raise ExtractError(f"{source.shown}: a file's name must be UTF-8; rename it") from None
    return sources


def scanned(
    sources: list[Source],
    reading: Reading,
    current: Manifest | None,
    ledger: Ledger,
    cluster: Cluster,
    progress: ProgressCallback | None,
    scanned_first: Container[str] | None = None,
) -> tuple[list[Scan], list[Unscanned], dict[str, list[str]]]:
    """Scan files: (one of each content, in order; those that need no scan; by digest, the names of others of it).

    current, ledger: of the store that they are for. scanned_first: places of those that are scanned in any case;
    without it all are.
    """
    scans: dict[str, Scan] = {}
    twice: dict[str, list[str]] = {}
    found = scan_extracts(
        sources,
        reading.block_bytes,
        cluster,
        progress,
        refusals=reading.refusals,
        unpacking=reading.unpacking,
        known=_known(current, ledger, scanned_first),
    )
    if not found:
        reading.refusals.require_none()
    of_content = [file for file in found if isinstance(file, Scan)]
    for scan in recognized(current, ledger, of_content, cluster, progress):
        if scan.digest in scans:
            twice.setdefault(scan.digest, []).append(scan.source.name)
        else:
            scans[scan.digest] = scan
    unscanned = [file for file in found if isinstance(file, Unscanned)]
    return with_purges(ledger, scans.values()), unscanned, twice


def _known(
    current: Manifest | None, ledger: Ledger, scanned_first: Container[str] | None
) -> Callable[[Source], frozenset[int] | None]:
    """What tells the lengths of the files of a name that the store has, None for any: of another a file is new.

    Under any name a file may bring destroyed records back: not even in staging may they lie before that is known.
    """
    parts = list(current.parts()) if current else []
    destroyed = {digest for entry in ledger.entries for digest in entry["sources"]}
    if scanned_first is None or destroyed - {part.digest for part in parts}:  # nobody knows how long those were
        return lambda _: None

    def lengths_of(source: Source) -> frozenset[int] | None:
        if source.place in scanned_first:
            return None
        lengths = {part.length for part in parts if part.name == source.name or part.digest in destroyed}
        return None if 0 in lengths else frozenset(lengths)

    return lengths_of


def in_order(files: Iterable[File], sources: Sequence[Source]) -> list[File]:
    """Files in the order in which they were given first."""
    number_of: dict[str, int] = {}
    for number, source in enumerate(sources):
        number_of.setdefault(source.place, number)
    return sorted(files, key=lambda file: number_of[file.source.place])
