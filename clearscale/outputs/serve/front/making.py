"""The files of a run that a front page makes: of a court, of a county, or of all counties."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clearscale.errors import RunError
from clearscale.outputs.county_files import file_name
from clearscale.outputs.disclosure.charges import STATE
from clearscale.outputs.report.charges.view import Place, ReportedRun
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun
from clearscale.runs.charges.recorded import recorded_policy
from clearscale_cluster import ProgressCallback

from .actions import Actions

KINDS = ("results", "list", "report", "exact", "tables", "forecast", "differences", "workbook", "papers")
"""Kinds of files, as a page asks for them. workbook: result files and the list as workbooks, too."""


@dataclass(frozen=True)
class Asked:
    """What a page asked for.

    county, court: empty for all. other: the run to compare with. office: who makes papers. kinds: of `KINDS`.
    """

    run: Run | ChargeRun
    county: str
    court: str
    other: Run | ChargeRun | None
    office: Path | None
    kinds: frozenset[str]

    @property
    def folder(self) -> str:
        """The name of a folder for these files."""
        return "--".join(file_name(name) for name in (self.county, self.court) if name) or "all-counties"


def make(actions: Actions, asked: Asked, out: Path, progress: ProgressCallback) -> None:
    """Make a run's files. Raises RunError for a place that it has not, and for a kind that it cannot have."""
    run, county, court, kinds = asked.run, asked.county, asked.court, asked.kinds
    of: dict[str, Any] = {"county": county or None}
    if isinstance(run, ChargeRun):
        placed(ReportedRun(run, None), county, court)
        of["court"] = court or None
    elif county:
        known_county(run, county)
    if "results" in kinds:
        _results(actions, asked, out / "results", progress)
    if "list" in kinds:
        for form in ("csv", "xlsx") if "workbook" in kinds else ("csv",):
            actions.decisions(run, out=out / f"decisions.{form}", progress=progress, **of)
    pages = of if county else {"all_counties": True}
    if "report" in kinds:
        actions.report(run, out / "report", progress=progress, **pages)
    if "exact" in kinds:
        actions.report(run, out / "report-not-for-publication", progress=progress, suppress_below=None, **pages)
    if "tables" in kinds:
        actions.tables(run, out / "tables")
    if "papers" in kinds:
        _papers(actions, asked, out / "papers", progress)
    if "forecast" in kinds:
        _forecast(actions, run, out / "forecast", progress)
    if "differences" in kinds:
        if asked.other is None:
            raise RunError("choose another run to compare with first")
        actions.diff(asked.other, run, out=out / "differences", progress=progress)


def _results(actions: Actions, asked: Asked, out: Path, progress: ProgressCallback) -> None:
    xlsx = "workbook" in asked.kinds
    if isinstance(asked.run, ChargeRun):
        raise RunError("result files are of extracts; a run over charges has a list of decisions")
    if asked.county:
        actions.export(asked.run, asked.county, out, xlsx=xlsx, progress=progress)
    else:
        actions.export_all(asked.run, out, xlsx=xlsx, progress=progress)


def _papers(actions: Actions, asked: Asked, out: Path, progress: ProgressCallback) -> None:
    """Write papers for a court: drafts, since nobody has read them. Those of another office are replaced."""
    if not asked.county:
        raise RunError("papers for a court are for one county: choose it, and make them then")
    shutil.rmtree(out, ignore_errors=True)
    actions.packet(
        asked.run, out, county=asked.county, court=asked.court or None, office=asked.office, progress=progress
    )


def _forecast(actions: Actions, run: Run | ChargeRun, out: Path, progress: ProgressCallback) -> None:
    """Count what becomes due when. It is of the snapshot in force, so that has to be the run's."""
    if not isinstance(run, ChargeRun):
        raise RunError("a forecast is of charges, whose relief takes time")
    info = run.info
    if actions.store_info(info["store"])["snapshot"] != info["snapshot"]:
        raise RunError("the store has changed since this run; decide it again, then forecast")
    actions.forecast(info["store"], recorded_policy(run), info["as_of"], out=out, progress=progress)


def known_county(run: Run, county: str) -> str:
    """Return the name of a county. Raises RunError if the run has none of it."""
    if county not in run.counties:
        raise RunError("the run has no such county")
    return county


def placed(source: ReportedRun, county: str, court: str = "") -> Place:
    """Return the place of a county, or of a court of it, as pages have it; the state without.

    Raises RunError if the run has none of that name.
    """
    if not county:
        if court:
            raise RunError("choose the county of the court, too")
        return STATE
    name = source.county(county)
    return source.courts_named(court, [name])[0] if court else name
