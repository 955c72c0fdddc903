"""Ingest: extracts in, a new snapshot of the store out.

Two rounds of independent tasks: blocks are read, stored and encoded; buckets gather their rows and fold. Between
them the blocks' texts become codes of the store. What is finished stays finished: after a kill, the same command
resumes where the last one stopped, and the store serves its last snapshot until the manifest is replaced.
"""

import operator
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce

from clearscale.errors import ExtractError
from clearscale.io.encryption import ENCRYPTION
from clearscale.io.expected import expecting
from clearscale.io.far import both
from clearscale.io.files import Folder
from clearscale.io.kept import forget
from clearscale.io.seals import Seal
from clearscale.io.shared import seen_by_all
from clearscale.io.source import Source
from clearscale.law import state
from clearscale.law.findings import Finding
from clearscale.store.entry import ExtractEntry
from clearscale.store.layout import BUCKETED, MANIFEST, Staging, quarantine_folder, records_folder
from clearscale.store.ledger import LEDGER, Ledger, read_ledger
from clearscale.store.manifest import Manifest, read_manifest
from clearscale.store.opened import Store
from clearscale.store.part import Part
from clearscale.store.place import require_free
from clearscale_cluster import Cluster, ProgressCallback

from .bucket_count import bucket_count
from .committing import commit
from .county import named_counties, told_counties
from .filing import store_records
from .first_round import Reading, read_extracts
from .gate import also_found, passed
from .handed_in import in_order, scanned, sources_of
from .joining import Joining, NewExtract, announce, folders_of, set_aside_of, waiting_of
from .long_extracts import read_alone
from .newness import Newness, NotNewError
from .purged import brought_back
from .read import ReadFile, finish_reading
from .refusals import Refusals, or_refusal
from .replacement import Replacement, replacements_by, replacing
from .report import IngestReport
from .scanning import Scan
from .settings import Settings
from .snapshot import fold, next_manifest
from .tidying import claims_of, take, tidy, tidy_if_interrupted
from .together import notice_together
from .unpacking import unpacking
from .unscanned import Unscanned

_ROW_BYTES = 512
"""Bytes of a record of an extract, about."""


@dataclass(frozen=True)
class Aside:
    """Records of statewide files that go to no county. parts: one a file. seals: of their quarantine."""

    parts: tuple[Part, ...]
    seals: Mapping[str, Seal]


def ingest(
    extracts: Sequence[str],
    store: str,
    cluster: Cluster,
    settings: Settings,
    progress: ProgressCallback | None = None,
    aside: Aside | None = None,
) -> IngestReport:
    """Take extracts into a store; see `clearscale.ingest`. aside: of the statewide files that they are made of."""
    state().findings.check_names(settings.accept)
    with expecting() as expect:
        expect(store, (ENCRYPTION, MANIFEST, LEDGER))
        root = Folder.rooted(store)
        (current, ledger), sources = both(root, lambda: known_of(root), lambda: sources_of(extracts))
    if current is None:
        require_free(root)
    with claims_of(root) as claims:
        reading = Reading(
            root, settings.block_bytes, settings.group_blocks, settings.quarantine, claims, not settings.dry_run
        )
        with (
            seen_by_all(cluster, written=[root] if reading.keep else []),
            unpacking(root, claims, reading.keep and cluster.workers != 1) as room,
        ):
            scanned_first: set[str] = set()
            try:
                while True:
                    reading = replace(reading, unpacking=room, refusals=Refusals())
                    try:
                        return _ingest(
                            sources, scanned_first, current, ledger, reading, cluster, settings, progress, aside
                        )
                    except NotNewError as error:
                        scanned_first |= error.places
            finally:
                forget()


def _ingest(
    sources: list[Source],
    scanned_first: Container[str],
    current: Manifest | None,
    ledger: Ledger,
    reading: Reading,
    cluster: Cluster,
    settings: Settings,
    progress: ProgressCallback | None,
    aside: Aside | None,
) -> IngestReport:
    root, claims, dry_run = reading.root, reading.claims, settings.dry_run
    given = named_counties(settings.county, [source.name for source in sources])
    scans, unscanned, twice = scanned(sources, reading, current, ledger, cluster, progress, scanned_first)
    held = _held(scans, current, ledger, settings, given, reading)
    known, back = held.known, held.back
    fresh = [scan for scan in scans if scan.digest not in known]
    if not fresh and not unscanned:
        reading.refusals.require_none()
    names = held.names
    if current and not fresh and not unscanned and (dry_run or current.charges == state().charges.digest()):
        if not dry_run:
            tidy_if_interrupted(root, current, claims)
        return IngestReport(current.snapshot, (), (), names, 0, 0, 0, current.counts, {}, {}, (), dry_run)
    fixed = current.dealt if current else settings.buckets
    # Where a file is refused already, the others are read only to tell what is wrong with them, too.
    looking = replace(reading, keep=reading.keep and not reading.refusals)
    newness = Newness(current, ledger, {scan.digest for scan in scans}, looking, cluster, progress)
    new: list[Scan | Unscanned] = in_order([*fresh, *unscanned], sources)
    count = lambda length: fixed or bucket_count(length, _ROW_BYTES)  # noqa: E731
    first = _read(looking, new, count, newness.require, settings, cluster, progress)
    reading.refusals.require_none()
    digests = {scan.digest for scan in scans}
    scans = in_order([*scans, *(file.scan for file in first.files if file.scan.digest not in digests)], sources)
    told = [replace(file, findings=(*file.findings, *back.get(file.scan.digest, ()))) for file in first.files]
    first = replace(first, files=told)
    counties = _counties(reading, first.files, given)
    if not settings.add:
        again = [scan for scan in scans if scan.digest in known and known[scan.digest].county in counties.values()]
        if again:
            alike = replace(reading, group_blocks=first.staging.group_blocks)
            count = lambda _: first.staging.buckets  # noqa: E731
            more = _read(alike, again, count, newness.require, settings, cluster, progress)
            first = replace(first, files=[*first.files, *more.files])
            counties |= {scan.digest: known[scan.digest].county for scan in again}
    opened = Store(root, current) if current else None
    joining = Joining(first.staging, reading, opened, settings, cluster, progress)
    added = _joined(joining, scans, first.files, counties, twice)
    replaced = _superseded(current, added) if current else []
    replacements = replacements_by(opened, replaced, added) if opened else ()
    with reading.discarded_if_refused(folders_of(added)):
        replace_each = partial(or_refusal, lambda extract: replacing(extract, replacements, settings))
        added = reading.refusals.kept([*map(replace_each, added)])
        reading.refusals.require_none()
    staying = _staying(current, replaced, added) if current else []
    manifest = next_manifest(current, added, staying, first.staging.buckets, aside.parts if aside else None)
    report = _report(current, manifest, added, replaced, names, known, replacements, dry_run)
    if dry_run:
        together = notice_together(opened, staying, added).findings()
        return _with_together(report, _passed(current, replace(manifest, findings=together), settings))
    take(claims, root, {manifest.snapshot: f"snapshot {manifest.snapshot}"})
    announce(root, added)
    filed = store_records(waiting_of(added, root), cluster, progress)
    manifest, folded = fold(first.staging, current, manifest, added, cluster, progress)
    with reading.discarded_if_refused(folders_of(added), manifest.snapshot):
        manifest = _passed(current, manifest, settings)
    stored = [dict(aside.seals if aside else {}), filed, *(dict(extract.seals) for extract in added)]
    kept = _kept_files(root, current, manifest) if current else {}
    claims.assert_held()
    commit(root, manifest, reduce(operator.or_, stored, folded), kept)
    tidy(root, manifest, claims)
    return _with_together(replace(report, snapshot=manifest.snapshot, counts=manifest.counts), manifest)


@dataclass(frozen=True)
class _Held:
    """What a store has of files that were scanned, by their digests.

    known: extracts with files that come again. names: of those in the store. back: findings that a file brings
    destroyed records back.
    """

    known: Mapping[str, ExtractEntry]
    names: tuple[str, ...]
    back: Mapping[str, tuple[Finding, ...]]


def _held(
    scans: Sequence[Scan],
    current: Manifest | None,
    ledger: Ledger,
    settings: Settings,
    given: Mapping[str, str],
    reading: Reading,
) -> _Held:
    """given: counties by file name. Of what is refused, reading's refusals are told."""
    held = {part.digest: (entry, part) for entry in current.extracts for part in entry.parts} if current else {}
    back = {}
    for scan in scans:
        with reading.refusals.met():
            found = brought_back(ledger, scan, settings, held[scan.digest][1] if scan.digest in held else None)
            if found is not None:
                back[scan.digest] = found
    known = {
        scan.digest: held[scan.digest][0]
        for scan in scans
        if scan.digest in held
        and scan.digest not in back
        and given.get(scan.source.name) in (None, held[scan.digest][0].county)
    }
    names = tuple(held[scan.digest][1].name for scan in scans if scan.digest in known)
    return _Held(known, names, back)


def _with_together(report: IngestReport, manifest: Manifest) -> IngestReport:
    """The report with what is doubtful about people of all extracts."""
    together = {"": manifest.findings} if manifest.findings else {}
    return replace(report, findings={**report.findings, **together})


def _passed(current: Manifest | None, manifest: Manifest, settings: Settings) -> Manifest:
    """Judge what is doubtful about people of all extracts. What was accepted of the snapshot before stays so.

    Raises ExtractError if some of it refuses the new snapshot.
    """
    before = [finding.name for finding in current.findings if finding.accepted] if current else []
    accepting = replace(settings, accept=(*settings.accept, *before))
    return replace(manifest, findings=passed("all extracts together", manifest.findings, accepting))


def known_of(root: Folder) -> tuple[Manifest | None, Ledger]:
    """What a store holds, and what was destroyed in it."""
    return both(root, lambda: read_manifest(root), lambda: read_ledger(root))


@dataclass(frozen=True)
class _Read:
    """Files that were read, and where their block groups wait."""

    staging: Staging
    files: list[ReadFile]


def _read(
    reading: Reading,
    files: Sequence[Scan | Unscanned],
    buckets_for: Callable[[int], int],
    require_new: Callable[[Sequence[Scan]], None],
    settings: Settings,
    cluster: Cluster,
    progress: ProgressCallback | None,
) -> _Read:
    """Read files, and check each for itself. One that is refused is left out."""
    if reading.keep:
        take(reading.claims, reading.root, {file.staged: file.source.name for file in files})
    first = read_extracts(reading, files, buckets_for, require_new, cluster, progress)
    read = []
    for scan, found, texts in zip(first.scans, first.markers, first.texts(), strict=True):
        with reading.refusals.met(), reading.discarded_if_refused(scan.folders):
            read.append(finish_reading(scan, found, texts, settings))
    return _Read(first.staging, read)


def _counties(reading: Reading, files: list[ReadFile], given: Mapping[str, str]) -> dict[str, str]:
    """The county of each file, by digest: as given, or as its subjects tell."""
    counties = {file.scan.digest: given[file.name] for file in files if file.name in given}
    telling = [file for file in files if file.scan.digest not in counties]
    with reading.discarded_if_refused([name for file in telling for name in file.scan.folders]):
        try:
            told = told_counties([(file.name, file.subjects) for file in telling])
        except ExtractError as error:
            # What makes records doubtful may be why they do not tell.
            found = also_found((file.name, file.findings) for file in telling)
            raise ExtractError(*error.args, *found) from None
    return counties | {file.scan.digest: county for file, county in zip(telling, told, strict=True)}


def _joined(
    joining: Joining,
    scans: list[Scan],
    files: list[ReadFile],
    counties: Mapping[str, str],
    twice: Mapping[str, list[str]],
) -> list[NewExtract]:
    """Make an extract of the files of each county, in the order in which they were given."""
    order = {scan.digest: place for place, scan in enumerate(scans)}
    of_county: dict[str, list[ReadFile]] = {}
    for file in sorted(files, key=lambda file: order[file.scan.digest]):
        of_county.setdefault(counties[file.scan.digest], []).append(file)
    added, refusals = [], joining.reading.refusals
    for county, parts in of_county.items():
        names = [name for file in parts for name in twice.get(file.scan.digest, ())]
        with (
            refusals.met(),
            joining.reading.discarded_if_refused([name for file in parts for name in file.scan.folders]),
        ):
            added.append(joining.joined(county, parts, names))
    # What was read stays for the same command again; it sets the same records aside anew.
    with joining.reading.discarded_if_refused(set_aside_of(added)):
        refusals.require_none()
    return added


def _superseded(current: Manifest, added: list[NewExtract]) -> list[ExtractEntry]:
    """List the extracts that leave: of the counties that come, or with files that are another county's now."""
    kept = {extract.kept.id for extract in added if extract.kept}
    counties = {extract.county for extract in added}
    read = {file.scan.digest for extract in added for file in extract.files}
    return [
        entry
        for entry in current.extracts
        if entry.id not in kept and (entry.county in counties or any(part.digest in read for part in entry.parts))
    ]


def _staying(current: Manifest, replaced: list[ExtractEntry], added: list[NewExtract]) -> list[ExtractEntry]:
    """List the extracts that stay as they are."""
    gone = {entry.id for entry in replaced} | {extract.kept.id for extract in added if extract.kept}
    return [entry for entry in current.extracts if entry.id not in gone]


def _report(
    current: Manifest | None,
    manifest: Manifest,
    added: list[NewExtract],
    replaced: list[ExtractEntry],
    unchanged: tuple[str, ...],
    known: Container[str],
    replacements: tuple[Replacement, ...],
    dry_run: bool,
) -> IngestReport:
    """The report of an ingest that is about to be put in force. known: digests of the unchanged files."""
    files = [file for extract in added for file in extract.files]
    parts = [part for extract in added for part in extract.entry(0).parts if part.added == 0]
    coming = {part.digest for part in parts}
    return IngestReport(
        current.snapshot if current else "",
        tuple(file.name for file in files if file.scan.digest not in known),
        tuple(part.name for entry in replaced for part in entry.parts if part.digest not in coming),
        unchanged,
        sum(part.records for part in parts),
        sum(part.stored for part in parts),
        sum(part.quarantined for part in parts),
        current.counts if current else {},
        {entry.name: entry.findings for entry in manifest.extracts if entry.added == manifest.sequence},
        {file.name: extract.county for extract in added for file in extract.files},
        replacements,
        dry_run,
        read_alone(file.scan for file in files),
    )


def _kept_files(root: Folder, current: Manifest, manifest: Manifest) -> dict[str, Seal]:
    """The seals of records and quarantine of parts that stay, and of buckets that are taken over."""
    parts = [part for part in manifest.parts() if part.added != manifest.sequence]
    folders = {records_folder(part.id) for part in parts}
    folders |= {quarantine_folder(name) for part in parts for name in (part.id, part.repeats) if name}
    seals = Store(root, current).files.seals
    files = {held.path(dataset) for held in manifest.held for dataset in BUCKETED}
    return {path: seal for path, seal in seals.items() if path.rpartition("/")[0] in folders or path in files}
