"""Files of charges that were read: what became of their records, and what is doubtful about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from clearscale.errors import ExtractError
from clearscale.extract import changed
from clearscale.formats import ColumnMap
from clearscale.formats.checking import findings_of, kinds
from clearscale.formats.lines import NO_CHARGE
from clearscale.formats.noticed import Noticed
from clearscale.io.seals import Seal
from clearscale.law.findings import Finding
from clearscale.store.charge_manifest import ChargeFile
from clearscale.store.ingest.gate import NOTICED, passed
from clearscale.store.ingest.markers import SEALS
from clearscale.store.ingest.settings import Settings

from .reading import RECORDS, STORED
from .scanning import FileScan

COPY = "of a history that stands in another extract, too"
"""Why a record of an extract is no charge, beside that it is none."""

NO_FAULT = (NO_CHARGE, COPY)
"""Why records are set aside that nothing is wrong with."""

CONTRADICTORY, REPEATED = "contradictory-births", "repeated-keys"
"""Kinds of findings that only all files together show."""


@dataclass(frozen=True)
class ReadFile:
    """A file whose groups are finished. markers: of these, in order."""

    scan: FileScan
    entry: ChargeFile
    markers: tuple[Mapping[str, Any], ...]

    def with_findings(self, found: tuple[Finding, ...]) -> "ReadFile":
        """The same with what else is doubtful about it."""
        return replace(self, entry=replace(self.entry, findings=(*found, *self.entry.findings)))

    @property
    def seals(self) -> dict[str, Seal]:
        """The seals of all that is kept of it, but for its markers."""
        return {path: Seal(*seal) for marker in self.markers for path, seal in marker.get(SEALS, {}).items()}


def finish(
    scan: FileScan, markers: Sequence[Mapping[str, Any]], stated: ColumnMap, settings: Settings, sequence: int
) -> ReadFile:
    """Judge what was read of a file.

    Raises ExtractError if records of it cannot be used and are not to be set aside, or it is doubtful beyond what
    is accepted.
    """
    name, noticed = scan.source.name, Noticed()
    for marker in markers:
        noticed.add_all(Noticed.of_document(marker[NOTICED]))
    findings = passed(name, findings_of(noticed, stated), settings, kinds())
    unusable = {reason: count for reason, count in noticed.reasons.items() if reason not in NO_FAULT}
    if unusable and not settings.quarantine and not settings.dry_run:
        count = sum(unusable.values())
        shown = ", ".join(map(str, sorted(noticed.lines.get("bad-records", ()))))
        raise ExtractError(
            f"{name}: {count:,} record{'s' * (count > 1)} cannot be used (line {shown}): "
            f"{', '.join(sorted(unusable))}. Nothing of it was stored; look at the map with `clearscale formats "
            "check`, or set them aside with --on-bad-record quarantine"
        )
    records, stored = (sum(marker[what] for marker in markers) for what in (RECORDS, STORED))
    if (records, stored) != (noticed.read, noticed.given):
        raise changed(scan.source)
    entry = ChargeFile(
        scan.id,
        name,
        scan.digest,
        records,
        stored,
        sum(noticed.reasons.values()),
        len(markers),
        sequence,
        dict(sorted(noticed.reasons.items())),
        tuple(sorted(noticed.told or ())),
        findings,
    )
    return ReadFile(scan, entry, tuple(markers))
