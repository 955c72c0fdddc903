"""Extracts that were read: what became of their records, whose they are, and what is doubtful about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clearscale.law.findings import Finding
from clearscale.store.layout import Staging

from .county import of_county, told_county
from .first_round import refusal
from .gate import noticed_in, passed
from .scanning import Scan
from .settings import Settings
from .subjects import Subjects, subjects_of


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
    quarantined = sum(marker["quarantined"] for marker in markers.values())
    if quarantined and not settings.quarantine:
        line, what = min(bad for marker in markers.values() for bad in map(tuple, marker["bad"]))
        raise refusal(name, line, what, quarantined - 1)
    stored = sum(marker["stored"] for marker in markers.values())
    # What is doubtful comes first: it may be why an extract tells no county.
    noticed = passed(name, noticed_in(markers.values()).findings(), settings)
    subjects = subjects_of(staging.of(scan.id), markers)
    county = given or told_county(name, subjects)
    findings = (*noticed, *passed(name, of_county(county, stored, subjects), settings))
    return ReadExtract(scan, county, stored, quarantined, findings, subjects)
