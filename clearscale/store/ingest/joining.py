"""Files of one county given together are parts of one extract: brought together, each record counted once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from clearscale.errors import ExtractError
from clearscale.extract.contradictions import Told, contradictions
from clearscale.io.far import each
from clearscale.io.files import Folder
from clearscale.io.seals import Seal
from clearscale.law import state
from clearscale.law.findings import EXAMPLES, Finding
from clearscale.store.entry import ExtractEntry, joined_id
from clearscale.store.layout import STAGING, Staging
from clearscale.store.opened import Store
from clearscale.store.part import Part
from clearscale_cluster import Cluster, ProgressCallback
from clearscale_kernels.arrays import Int32s

from .block_groups import told_in
from .blocks import ReadTask
from .county import of_county
from .filing import FilingTask, filing_tasks
from .first_round import Reading, read_tasks
from .gate import passed
from .quarantine import QuarantineTask, quarantine_tasks
from .read import ReadFile
from .repeats import (
    Digests,
    SetAsideTask,
    changed,
    in_several,
    record_digests,
    repeated,
    set_aside,
    stored_digests,
)
from .settings import Settings
from .subjects import Subjects, joined_subjects, keys_in_force, subjects_in_force, told_in_force
from .tidying import take


@dataclass(frozen=True)
class NewExtract:
    """An extract as a new snapshot holds it.

    files: read now. kept: the extract in force that they are added to. repeats: rows of each file that an earlier
    part has, too. seals: of what was stored for it.
    """

    county: str
    files: tuple[ReadFile, ...]
    kept: ExtractEntry | None
    repeats: tuple[Int32s, ...]
    findings: tuple[Finding, ...]
    subjects: Subjects
    seals: Mapping[str, Seal]

    def entry(self, sequence: int) -> ExtractEntry:
        """The extract as the manifest of the snapshot of that number holds it."""
        parts = list(self.kept.parts) if self.kept else []
        for file, rows in zip(self.files, self.repeats, strict=True):
            scan = file.scan
            part = Part(
                id=scan.id,
                name=file.name,
                digest=scan.digest,
                header_lines=scan.form.header_lines,
                records=scan.records,
                stored=file.stored - rows.size,
                quarantined=file.quarantined + rows.size,
                blocks=len(scan.spans),
                added=sequence,
                files=file.records.files,
                length=scan.length,
            )
            parts.append(replace(part, repeats=_folder([*parts, part])) if rows.size else part)
        return ExtractEntry.of_parts(self.county, parts, sequence, self.findings)

    @property
    def stored(self) -> int:
        """Records stored of the files."""
        return sum(file.stored for file in self.files) - sum(rows.size for rows in self.repeats)


def _folder(parts: Sequence[Part]) -> str:
    """The folder of records of the last part that an earlier one has: it depends on them all."""
    return joined_id([(part.id, part.digest) for part in parts])


@dataclass(frozen=True)
class Joining:
    """What files are joined with: where and how they were read, and the store that is added to, if there is one."""

    staging: Staging
    reading: Reading
    store: Store | None
    settings: Settings
    cluster: Cluster
    progress: ProgressCallback | None

    def joined(self, county: str, files: Sequence[ReadFile], twice: Sequence[str]) -> NewExtract:
        """Join files of a county. twice: names of files that have the content of one of these.

        Raises ExtractError if doubts refuse it, or there is no extract to add them to.
        """
        kept = self._added_to(county, files[0].name) if self.settings.add else None
        repeats, others = self._repeats(files, kept)
        extract = NewExtract(county, tuple(files), kept, tuple(repeats), (), _subjects(files), {})
        entry = extract.entry(0)
        parts = entry.parts[len(kept.parts) if kept else 0 :]
        # All that may refuse it comes before anything more is written.
        of_parts = [
            passed(file.name, _shared(part, rows.size, other), self.settings)
            for file, part, rows, other in zip(files, parts, repeats, others, strict=True)
        ]
        again = (
            state().findings["same-file-twice"].judge(len(twice), len(twice) + len(files), detail=", ".join(twice))
        )
        elsewhere = of_county(county, extract.subjects, self._held(kept))
        before = [told_in_force(self.store, kept)] if self.store and kept else []
        of_all = [finding for finding in (again, elsewhere, *_between(files, before)) if finding is not None]
        last = passed(entry.name, of_all, self.settings)
        findings: list[Finding] = list(kept.findings) if kept else []
        seals = dict(chain.from_iterable(file.seals.items() for file in files))
        with self.reading.discarded_if_refused([part.repeats for part in parts if part.repeats]):
            for file, part, rows, shared in zip(files, parts, repeats, of_parts, strict=True):
                if rows.size:
                    lines, written = self._set_aside(file, part.repeats, rows)
                    seals |= written
                    shown = () if self.settings.dealt else tuple(sorted(lines)[:EXAMPLES])
                    shared = tuple(
                        replace(doubt, lines=shown) if doubt.name == _SAME else doubt for doubt in shared
                    )
                found = (*file.findings, *shared)
                findings += [
                    replace(finding, file=file.name) if len(entry.parts) > 1 else finding for finding in found
                ]
        return replace(extract, findings=(*findings, *last), seals=seals)

    def _added_to(self, county: str, name: str) -> ExtractEntry:
        """The extract of the county that the store has. name: of a file that is added to it."""
        for entry in self.store.manifest.extracts if self.store else ():
            if entry.county == county:
                return entry
        raise ExtractError(f"the store has no extract of {county} that {name} could be added to; leave out --add")

    def _held(self, kept: ExtractEntry | None) -> set[bytes]:
        """The subjects of the extract that is added to."""
        return {subject for subject, _, _ in subjects_in_force(self.store, kept)} if self.store and kept else set()

    def _repeats(self, files: Sequence[ReadFile], kept: ExtractEntry | None) -> tuple[list[Int32s], list[int]]:
        """Of each file, what one before it, or the extract that they are added to, has, too.

        Rows that are the same, and how many others are of counts that one has, see `repeats.changed`.
        """
        if not kept and len(files) == 1:
            return [np.empty(0, np.int32)], [0]
        held = [keys_in_force(self.store, kept)] if self.store and kept else []
        shared = in_several([*held, *((file.subjects.ids, file.subjects.persons) for file in files)])
        before: list[list[Digests]] = []
        if self.store and kept:
            task = [(self.store, kept, shared.pop(0))]
            before = self.cluster.gather(stored_digests, task, label="compare parts", progress=self.progress)
        tasks = [
            (place, (task, subjects))
            for place, (file, subjects) in enumerate(zip(files, shared, strict=True))
            for task in (self._tasks(file) if len(subjects) else ())
        ]
        found = self.cluster.gather(
            record_digests, [task for _, task in tasks], label="compare parts", progress=self.progress
        )
        of_files: list[list[Digests]] = [[] for _ in files]
        for (place, _), digests in zip(tasks, found, strict=True):
            of_files[place] += digests
        repeats = repeated([*before, *of_files])
        return repeats[len(before) :], changed([*before, *of_files], repeats)[len(before) :]

    def _tasks(self, file: ReadFile) -> list[ReadTask]:
        return read_tasks(self.staging, file.scan, self.reading)

    def _set_aside(self, file: ReadFile, folder: str, rows: Int32s) -> tuple[list[int], dict[str, Seal]]:
        if self.reading.keep:
            take(self.reading.claims, self.reading.root, {folder: file.name})
            _announce(self.reading.root, [folder])
        tasks = [SetAsideTask(task, folder, rows) for task in self._tasks(file)]
        lines: list[int] = []
        seals: dict[str, Seal] = {}
        for found, written in self.cluster.gather(
            set_aside, tasks, label="set repeated records aside", progress=self.progress
        ):
            lines += found
            seals |= written
        return lines, seals


_SAME, _CHANGED = "same-records-in-parts", "changed-records-in-parts"


def _shared(part: Part, same: int, changed: int) -> list[Finding]:
    """What is doubtful about what a part has in common with earlier ones; see `repeats`."""
    judged = (
        state().findings[name].judge(count, part.records) for name, count in ((_CHANGED, changed), (_SAME, same))
    )
    return [finding for finding in judged if finding is not None]


def _subjects(files: Sequence[ReadFile]) -> Subjects:
    """The subjects of all files together."""
    return (
        files[0].subjects if len(files) == 1 else joined_subjects(chain.from_iterable(file.texts for file in files))
    )


def _between(files: Sequence[ReadFile], before: Sequence[Told]) -> list[Finding]:
    """Subjects whose records contradict in different files only. Their lines are told by no number of one file.

    before: what the extract that the files are added to told, if there is one.
    """
    if len(files) + len(before) == 1:
        return []
    within: Counter[str] = contradictions(before).counts
    for file in files:
        within.update({finding.name: finding.count for finding in file.findings})
    noticed = contradictions([*before, *(told_in(texts) for file in files for texts in file.texts)])
    noticed.lines.clear()
    return [finding for finding in noticed.findings() if finding.count > within[finding.name]]


def waiting_of(extracts: Sequence[NewExtract], store: Folder) -> list[FilingTask | QuarantineTask]:
    """What writes the records of extracts, good and bad, that wait."""
    tasks: list[FilingTask | QuarantineTask] = []
    for file in (file for extract in extracts for file in extract.files):
        first_rows = [span.first_row for span in file.scan.spans]
        tasks += filing_tasks(store, file.scan.id, file.records, first_rows)
        tasks += quarantine_tasks(store, file.scan.id, file.records.bad)
    return tasks


_ANNOUNCED = "announced"
"""The only file in such a folder."""


def announce(store: Folder, extracts: Sequence[NewExtract]) -> None:
    """Have a folder in staging for each file whose records are written under an id that was not known before.

    So whoever tidies up behind an interrupted ingest finds what it wrote.
    """
    _announce(store, [file.scan.id for extract in extracts for file in extract.files if file.scan.waiting])


def _announce(store: Folder, names: Sequence[str]) -> None:
    each(store, lambda name: store.folder(f"{STAGING}/{name}").write(_ANNOUNCED, b""), names)


def set_aside_of(extracts: Sequence[NewExtract]) -> list[str]:
    """The folders of the records of extracts that earlier parts of them have, too."""
    return [
        part.repeats for extract in extracts for part in extract.entry(0).parts if part.added == 0 and part.repeats
    ]


def folders_of(extracts: Sequence[NewExtract]) -> list[str]:
    """The folders that extracts have in records, quarantine and staging."""
    parts = [part for extract in extracts for part in extract.entry(0).parts if part.added == 0]
    staged = [file.scan.staged for extract in extracts for file in extract.files]
    return [*(name for part in parts for name in (part.id, part.repeats) if name), *staged]
