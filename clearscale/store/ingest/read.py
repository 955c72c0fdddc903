"""Extracts that were read: what became of their records, whose they are, and what is doubtful about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clearscale.extract import changed
from clearscale.law.findings import Finding
from clearscale.store.layout import Staging

from .aside import OF_ASIDE, SetAside
from .county import of_county, told_county
from .gate import noticed_in, passed
from .same_subject import contradictions
from .scanning import Scan
from .settings import Settings
from .subjects import Subjects, groups_of, joined_subjects


@dataclass(frozen=True)
class ReadExtract:
    """An extract whose blocks are finished."""

    scan: Scan
    county: str
    stored: int
    quarantined: int
    findings: tuple[Finding, ...]
    subjects: Subjects


def finish_reading(
    scan: Scan, markers: Mapping[int, Mapping[str, Any]], staging: Staging, given: str | None, settings: Settings
) -> ReadExtract:
    """Check that every record was stored or quarantined, and find out whose extract it is.

    Raises ExtractError if bad records refuse it, doubts do and it is no dry run, or it tells no county.
    """
    name, markers = scan.source.name, dict(sorted(markers.items()))  # in file order, whichever came first
    aside, noted = SetAside.of(markers.values()), noticed_in(markers.values())
    noted.add(aside.notice())
    refused = aside.unusable and not settings.quarantine
    groups = [] if refused else list(groups_of(staging.of(scan.id), markers))
    noted.add(contradictions(groups))
    # What is doubtful comes first: it may be why records cannot be used, or an extract tells no county.
    findings = [finding for finding in noted.findings() if not (refused and finding.name in OF_ASIDE)]
    noticed = passed(name, findings, settings)
    if refused:
        raise aside.refusal(name)
    if aside.records != scan.records:
        raise changed(scan.source)
    subjects = joined_subjects(groups)
    county = given or told_county(name, subjects)
    told = (*noticed, *passed(name, of_county(county, aside.stored, subjects), settings))
    return ReadExtract(scan, county, aside.stored, aside.quarantined, told, subjects)
