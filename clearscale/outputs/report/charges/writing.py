"""Write the pages of a run over charges."""

from collections.abc import Sequence
from dataclasses import dataclass

from clearscale.errors import RunError
from clearscale.io.claims import LOCK, claimed
from clearscale.io.files import Folder
from clearscale.outputs.report.index import Entry
from clearscale.outputs.report.writing import footer, hiding, warning, write_index, write_page
from clearscale.runs.charges import ChargeRun
from clearscale.version import VERSION
from clearscale_cluster import ProgressCallback

from .counting import NO_COUNTY
from .page import file_of, page
from .view import ReportedRun, View


@dataclass(frozen=True)
class Wanted:
    """Which pages are to be written: the state's if nothing is named.

    all_counties: that and every county's. courts: of the counties that are named, or of any.
    """

    counties: Sequence[str] = ()
    courts: Sequence[str] = ()
    all_counties: bool = False

    def views(self, source: ReportedRun) -> list[View]:
        """The pages' parts of a run. Raises RunError for a place that it has not, or two of one file name."""
        counties = [source.county(name) for name in self.counties]
        if self.all_counties:
            found = [View(source), *(View(source, name) for name in source.counties if name != NO_COUNTY)]
        elif self.courts:
            found = [View(source, place) for name in self.courts for place in source.courts_named(name, counties)]
        else:
            found = [View(source, name) for name in counties] or [View(source)]
        places: dict[str, View] = {}
        for view in found:
            other = places.setdefault(file_of(view), view)
            if other.place != view.place:
                raise RunError(
                    f"{other.name} and {view.name} would have the same files, {file_of(view)}.html: report them "
                    "one by one, each with another --out"
                )
        return list(places.values())


def write_charges(
    run: ChargeRun, out: str, below: int | None, note: str, wanted: Wanted, progress: ProgressCallback | None = None
) -> list[str]:
    """Write pages of a run, as HTML and PDF.

    Parameters
    ----------
    run
        A finished run over charges.
    out
        A folder, path or URL.
    below
        Counts from 1 up to this, exclusively, are hidden, with what would give them away on any page of the run;
        None hides nothing.
    note
        A remark at the head of each page.
    wanted
        Which pages.
    progress
        Called with (done, total, label).

    Returns
    -------
    list of str
        Paths or URLs of the files.

    Raises
    ------
    RunError
        If a file of the run is damaged, it has no such county or court, or `below` hides nothing.
    ClearscaleError
        If the extra `report` is not installed.
    """
    source, written = ReportedRun(run, below), []
    views = wanted.views(source)
    with claimed(Folder(out), LOCK, RunError):
        for done, view in enumerate(views, start=1):
            made = page(
                view,
                warning=warning(below),
                note=note,
                command=f'clearscale report --run "$RUN" --out "$REPORT"{view.option} {hiding(below)}',
                version=VERSION,
                footer=footer(run.info),
            )
            written += write_page(made, out)
            if progress is not None:
                progress(done, len(views), "write reports")
        entries = [Entry(view.name or "All charges", file_of(view), view.is_state) for view in views]
        written += write_index(run.info, below, note, entries, (), out)
    return written
