"""A state's own database: files that hold all counties, dealt to the counties, whose extracts are then taken in.

A county's extract holds everyone who has a conviction there that extracts are made for, with the whole record. So
each record is copied to every county in which its subject has one, as it stands in the file, and all that follows
sees files such as the counties would have got. What goes to no county is quarantined.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import numpy as np

from clearscale.encoding import to_bytes
from clearscale.errors import ClearscaleError, ExtractError
from clearscale.extract import Block, MalformedError, Workspace, block_of, code_block, opened, parse_cut, read_cut
from clearscale.extract.bad_records import NO_COUNTY
from clearscale.io.files import Folder
from clearscale.io.private import owner_only
from clearscale.io.seals import Seal
from clearscale.io.shared import seen_by_all
from clearscale.law import state
from clearscale.law.findings import Finding
from clearscale.store.layout import Staging
from clearscale.store.part import Part
from clearscale_cluster import Cluster, ProgressCallback
from clearscale_cluster.scratch import scratch_folder
from clearscale_kernels.arrays import Int32s

from .first_round import Reading, read_extracts, read_tasks
from .gate import passed
from .handed_in import scanned, sources_of
from .ingest import Aside, ingest, known_of
from .long_extracts import read_alone
from .purged import brought_back
from .quarantine import quarantine_of, write_quarantine
from .read import ReadFile, finish_reading
from .report import IngestReport
from .settings import Settings
from .subjects import joined_subjects
from .tidying import claims_of

_Homes = Mapping[bytes, Sequence[int]]
"""The places of the counties that a subject's records go to."""


@dataclass(frozen=True)
class _Dealt:
    """A file that was dealt. counties: of the files that were made of it, by name. aside: records of no county."""

    counties: dict[str, str]
    aside: Part
    seals: dict[str, Seal]


def ingest_statewide(
    extracts: Sequence[str],
    store: str,
    cluster: Cluster,
    settings: Settings,
    progress: ProgressCallback | None = None,
) -> IngestReport:
    """Take a state's files into a store, an extract for each county; see `clearscale.ingest`."""
    if settings.county is not None or settings.add:
        raise ClearscaleError(
            "a statewide extract is of all counties, and all of its files come at once: leave out "
            "--county and --add"
        )
    state().findings.check_names(settings.accept)
    root = Folder.rooted(store)
    with claims_of(root) as claims, scratch_folder("statewide") as spool:
        reading = Reading(root, settings.block_bytes, settings.group_blocks, settings.quarantine, claims, False)
        files, staging = _read(extracts, reading, settings, cluster, progress)
        homes = _homes(files)
        findings = {}
        for file in files:
            with reading.refusals.met():
                findings[file.name] = passed(file.name, [*file.findings, *_homeless(file, homes)], settings)
        reading.refusals.require_none()
        dealing = replace(reading, keep=not settings.dry_run)
        dealt = [_deal(file, homes, staging, dealing, spool / str(place)) for place, file in enumerate(files)]
        paths = [str(spool / str(place) / name) for place, found in enumerate(dealt) for name in found.counties]
        if not paths:
            raise ExtractError(f"{files[0].name}: nobody in it has a Prop 64 conviction in a county of the state")
        counties = {name: county for found in dealt for name, county in found.counties.items()}
        aside = Aside(
            tuple(found.aside for found in dealt if found.aside.quarantined),
            dict(chain.from_iterable(found.seals.items() for found in dealt)),
        )
        with seen_by_all(cluster, written=[Folder(str(spool))]):
            report = ingest(paths, store, cluster, replace(settings, county=counties, dealt=True), progress, aside)
    alone = read_alone(file.scan for file in files)
    return replace(report, findings={**findings, **report.findings}, alone=alone)


def _read(
    extracts: Sequence[str],
    reading: Reading,
    asked: Settings,
    cluster: Cluster,
    progress: ProgressCallback | None,
) -> tuple[list[ReadFile], Staging]:
    """Read the files without keeping anything. asked: what the command was told."""
    current, ledger = known_of(reading.root)
    scans, _, _ = scanned(sources_of(extracts), reading, current, ledger, cluster, progress)
    back = {scan.digest: brought_back(ledger, scan, asked) or () for scan in scans}
    first = read_extracts(reading, scans, lambda _: 1, lambda _: None, cluster, progress)
    files = []
    for scan, found, texts in zip(first.scans, first.markers, first.texts(), strict=True):
        with reading.refusals.met():
            files.append(finish_reading(scan, found, texts, replace(asked, dry_run=True)))
    reading.refusals.require_none()
    files = [replace(file, findings=(*file.findings, *back[file.scan.digest])) for file in files]
    return files, first.staging


def _homes(files: Sequence[ReadFile]) -> dict[bytes, tuple[int, ...]]:
    """The counties of each subject of all files together."""
    subjects = joined_subjects(chain.from_iterable(file.texts for file in files))
    counties: list[list[int]] = [[] for _ in range(len(subjects))]
    for place, county in enumerate(state().counties.names):
        for subject in subjects.convicted.get(to_bytes(county), ()):
            counties[subject].append(place)
    return {subject: tuple(found) for subject, found in zip(subjects.ids.to_pylist(), counties, strict=True)}


def _homeless(file: ReadFile, homes: _Homes) -> list[Finding]:
    """The finding that subjects of a file have a conviction in no county."""
    lacking = sum(not homes[subject] for subject in file.subjects.ids.to_pylist())
    found = state().findings["subjects-of-no-county"].judge(lacking, len(file.subjects))
    return [found] if found else []


def _deal(file: ReadFile, homes: _Homes, staging: Staging, reading: Reading, folder: Path) -> _Dealt:
    """Copy a file's records into a file for each county, and set those of no county aside."""
    folder.mkdir(mode=0o700)
    scan, form = file.scan, file.scan.form
    tasks = read_tasks(staging, scan, reading)
    stem = scan.source.name.partition(".")[0]
    names = {place: f"{stem}-{county.slug}.csv" for place, county in enumerate(state().counties.listed)}
    counties: dict[str, str] = {}
    seals: dict[str, Seal] = {}
    dealt = aside = 0
    workspace = Workspace()
    with ExitStack() as stack, opened(scan.source) as source:
        header = _header(source, form.skip)
        written: dict[int, BinaryIO] = {}
        for task in tasks:
            for span in (span for _, spans in task.groups for span in spans):
                cut = read_cut(source, scan.source, span, workspace)
                content = cut.content[: span.length].tobytes()  # parsing changes it
                whole = partial(
                    block_of, content, scan.source, span, form=form, exact=scan.exact, workspace=workspace
                )
                try:
                    block = parse_cut(cut, (_SUBJECT,), workspace, judge=False, form=form)
                    going, left = _by_county(block, homes, workspace)
                    if left.size:
                        block = whole()
                except MalformedError:
                    block = whole()
                    going, left = _by_county(block, homes, workspace)
                for place, rows in going.items():
                    if place not in written:
                        written[place] = stack.enter_context(open(folder / names[place], "xb", opener=owner_only))
                        written[place].write(header)
                        counties[names[place]] = state().counties.names[place]
                    written[place].writelines(_pieces(content, block.extents[:, rows]))
                dealt += block.rows.size - left.size
                if left.size:
                    block.set_aside(left, np.full(left.size, NO_COUNTY, np.int8))
                aside += len(block.bad)
                if block.bad and reading.keep:
                    table = quarantine_of(scan.source, form, block.bad)
                    seals |= write_quarantine(reading.root, f"{scan.id}-of-no-county", span.number, table)
    if dealt + aside != scan.records:
        raise ExtractError(
            f"{file.name}: {scan.records} records were read, but {dealt} dealt to counties and {aside} set aside; "
            "nothing was stored. Please report this."
        )
    part = Part(
        id=f"{scan.id}-of-no-county",
        name=file.name,
        digest=scan.digest,
        header_lines=form.header_lines,
        records=scan.records,
        stored=dealt,
        quarantined=aside,
        blocks=0,
        added=0,
    )
    return _Dealt(dict(sorted(counties.items())), part, seals)


def _header(source: BinaryIO, length: int) -> bytes:
    """The bytes before the first record."""
    header = b""
    while len(header) < length and (more := source.read(length - len(header))):
        header += more
    return header


def _pieces(content: bytes, extents: Int32s) -> Iterator[bytes]:
    """Records as they stand in a block's bytes, neighbors in one piece. extents: where each begins and ends."""
    begins, ends = extents
    apart = np.flatnonzero(begins[1:] != ends[:-1])
    for begin, end in zip(begins[np.r_[0, apart + 1]].tolist(), ends[np.r_[apart, -1]].tolist(), strict=True):
        piece = content[begin:end]
        yield piece if piece.endswith(b"\n") else piece + b"\n"  # the last of a file may lack it


_SUBJECT = state().format.places[state().format.roles.subject]


def _by_county(block: Block, homes: _Homes, workspace: Workspace) -> tuple[dict[int, np.ndarray], np.ndarray]:
    """(the records that go to each county, by its place; those that go to none), by their places in the block."""
    coding = code_block(block, (_SUBJECT,), workspace)
    codes = coding.codes(_SUBJECT)
    assert codes is not None
    of_text = [homes.get(text, ()) for text in coding.distinct(_SUBJECT).to_pylist()]
    going = {
        place: np.flatnonzero(np.array([place in found for found in of_text], np.bool_)[codes])
        for place in sorted({place for found in of_text for place in found})
    }
    left = np.flatnonzero(np.array([not found for found in of_text], np.bool_)[codes])
    return going, left
