"""Files that were read: what became of their records, who is in them, and what is doubtful about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from clearscale.extract import changed
from clearscale.extract.contradictions import contradictions
from clearscale.io.seals import Seal
from clearscale.law import state
from clearscale.law.findings import Finding

from .aside import OF_ASIDE, SetAside
from .block_groups import told_in
from .blocks import BOUNDS
from .filing import ReadRecords
from .gate import noticed_in, passed
from .markers import SEALS, seals_of
from .scanning import Scan
from .settings import Settings
from .subjects import Subjects, joined_subjects


@dataclass(frozen=True)
class ReadFile:
    """A file whose blocks are finished.

    texts: of its block groups. bounds: of the buckets in the rows of each. seals: of what it stored. records:
    where they are.
    """

    scan: Scan
    stored: int
    quarantined: int
    findings: tuple[Finding, ...]
    texts: tuple[pa.RecordBatch, ...]
    bounds: tuple[Sequence[int], ...]
    subjects: Subjects
    seals: Mapping[str, Seal]
    records: ReadRecords

    @property
    def name(self) -> str:
        """Its name, without its folder."""
        return self.scan.source.name


def finish_reading(
    scan: Scan, found: Mapping[int, Mapping[str, Any]], texts: Sequence[pa.RecordBatch], settings: Settings
) -> ReadFile:
    """Check that every record was stored or quarantined, and what is doubtful.

    found: markers of its block groups. texts: see `FirstRound.texts`.

    Raises ExtractError if bad records refuse it, or doubts do and it is no dry run.
    """
    name, markers = scan.source.name, dict(sorted(found.items()))  # in file order, whichever came first
    aside, noted = SetAside.of(markers.values()), noticed_in(markers.values())
    noted.add(aside.notice())
    refused = aside.unusable and not settings.quarantine
    groups = [] if refused else texts
    noted.add(contradictions(map(told_in, groups)))
    # What is doubtful comes first: it may be why records cannot be used, or an extract tells no county.
    findings = [finding for finding in noted.findings() if not (refused and finding.name in OF_ASIDE)]
    empty = None if refused else state().findings["nothing-usable"].judge(int(not aside.stored), 1)
    told = passed(name, [*findings, *([empty] if empty else [])], settings)
    if settings.dealt:  # nobody has the file to look at its lines
        told = tuple(replace(finding, lines=()) for finding in told)
    if refused:
        raise aside.refusal(name)
    if aside.records != scan.records:
        raise changed(scan.source)
    seals = seals_of({number: marker for number, marker in markers.items() if SEALS in marker})
    bounds = tuple(marker.get(BOUNDS, ()) for marker in markers.values())
    subjects = joined_subjects(groups)
    records = ReadRecords.of([*markers.values()])
    return ReadFile(scan, aside.stored, aside.quarantined, told, tuple(groups), bounds, subjects, seals, records)
