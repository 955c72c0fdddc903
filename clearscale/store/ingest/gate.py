"""The gate: what was noticed in an extract becomes findings, some of which refuse it before it is in force."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from clearscale.errors import ExtractError
from clearscale.extract.noticed import Noticed
from clearscale.law import state
from clearscale.law.findings import Finding, Kinds

from .settings import Settings

NOTICED = "noticed"
"""Where a marker keeps what was noticed."""


def noticed_in(markers: Iterable[Mapping[str, Any]]) -> Noticed:
    """What was noticed in all block groups of an extract."""
    noticed = Noticed()
    for marker in markers:
        noticed.add(Noticed.read(marker[NOTICED]))
    return noticed


def passed(
    name: str, findings: Iterable[Finding], settings: Settings, kinds: Kinds | None = None
) -> tuple[Finding, ...]:
    """The findings of an extract that may be stored, refusals that were accepted marked as such.

    Parameters
    ----------
    name
        File name of the extract, for messages.
    findings
        What was found.
    settings
        What is accepted, and whether it is a dry run, which nothing refuses.
    kinds
        What they are of; without it those of the state's extracts.

    Returns
    -------
    tuple of Finding
        All of them.

    Raises
    ------
    ExtractError
        If some refuse; the message has each with its remedy.
    """
    judged = tuple(
        replace(finding, accepted=True) if finding.refuses and finding.name in settings.accept else finding
        for finding in findings
    )
    refusing = [] if settings.dry_run else [finding for finding in judged if finding.refuses]
    if refusing:
        names = " ".join(f"--accept {finding.name}" for finding in refusing)
        raise ExtractError(
            f"{name}: refused, nothing of it was stored.",
            *(f"  {_line(finding, kinds)}" for finding in refusing),
            f"If you have looked at it and it is right all the same, pass it by name: {names}",
        )
    return judged


def also_found(found: Iterable[tuple[str, Iterable[Finding]]]) -> list[str]:
    """What files hold and nobody accepted, a line each, for another refusal's message; none if nothing.

    found: name and findings of each file.
    """
    lines = [f"  {name}: {_line(one)}" for name, findings in found for one in findings if not one.accepted]
    return ["In the records was found:", *lines] if lines else []


def _line(finding: Finding, kinds: Kinds | None = None) -> str:
    return f"{finding.name}: {(kinds or state().findings).words(finding)}"
