"""A run's report for people."""

import os
from collections.abc import Sequence

from clearscale.errors import RunError
from clearscale.io.paths import StrPath, path_text
from clearscale.io.urls import absolute
from clearscale.outputs.report.charges import Wanted, write_charges
from clearscale.outputs.report.writing import write
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun
from clearscale.runs.logged import logged_of
from clearscale.small_counts import SUPPRESS_BELOW
from clearscale.whatif.sweep import Sweep, open_sweep
from clearscale_cluster import ProgressCallback

from .arguments import opened_either, whole_number


def report(
    run: Run | ChargeRun | StrPath,
    out: StrPath,
    *,
    county: str | Sequence[str] | None = None,
    court: str | Sequence[str] | None = None,
    all_counties: bool = False,
    suppress_below: int | None = SUPPRESS_BELOW,
    note: str = "",
    with_sweep: Sweep | StrPath | Sequence[Sweep | StrPath] = (),
    progress: ProgressCallback | None = None,
) -> list[str]:
    """Write a run's report for people, each page as one HTML file and as a PDF.

    Needs the extra `report`.

    Parameters
    ----------
    run : Run, ChargeRun, str or os.PathLike
        The run, over convictions or over charges, or its path or URL.
    out : str or os.PathLike
        A folder, path or URL; files of the same names are replaced.
    county : str or sequence of str, optional
        The pages of this county or these, as their records write it, instead of the statewide one.
    court : str or sequence of str, optional
        Of a run over charges: the pages of this court or these, in the counties that are named, or in any.
    all_counties : bool, default False
        The statewide page and every county's.
    suppress_below : int or None, default 11
        Counts of people and of convictions from 1 up to this, exclusively, are hidden, with all from which they
        could be computed. None hides nothing, and marks every page as not for publication.
    note : str, optional
        A remark at the head of each page.
    with_sweep : Sweep, str or os.PathLike, or a sequence of them, optional
        Sweeps of the same snapshot and as-of date, or their paths or URLs. The page of each, `sweep.html`,
        `sweep-2.html` and so on, is judged together with all pages of the report: publish both.
    progress : callable, optional
        Called with (done, total, label) in the caller's thread; `clearscale_cluster.TerminalProgress()` in a `with`
        statement is what the commands use.

    Returns
    -------
    list of str
        Paths or URLs of the files; of several pages the last is `index.html`, which links them.

    Raises
    ------
    RunError
        If there is no run, it has no such county or court, or its tables and summaries disagree; if a sweep is of
        other records, or cannot be judged with the report. If a run over charges is asked for sweeps, or one over
        convictions for courts.
    ClearscaleError
        If the extra `report` is not installed.
    StorageError
        If an object storage refuses, or cannot be reached.
    """
    counties, courts = ([of] if isinstance(of, str) else list(of or ()) for of in (county, court))
    suppress_below = None if suppress_below is None else whole_number(suppress_below, "suppress_below")
    source = opened_either(run)
    if isinstance(source, ChargeRun):
        if with_sweep:
            raise RunError("a run over charges has no sweeps beside its pages; leave them out")
        logged_of(source, "report", out=absolute(path_text(out, "out")), hidden_below=suppress_below or "nothing")
        wanted = Wanted(counties, courts, all_counties)
        return write_charges(source, path_text(out, "out"), suppress_below, note, wanted, progress)
    if courts:
        raise RunError("convictions are counted by county only; courts are for runs over charges")
    listed = [with_sweep] if isinstance(with_sweep, Sweep | str | os.PathLike) else with_sweep
    sweeps = [given if isinstance(given, Sweep) else open_sweep(given) for given in listed]
    logged_of(
        source,
        "report",
        out=absolute(path_text(out, "out")),
        hidden_below=suppress_below or "nothing",
        with_sweeps=[absolute(sweep.folder.url) for sweep in sweeps],
    )
    return write(
        source,
        path_text(out, "out"),
        counties=counties,
        all_counties=all_counties,
        below=suppress_below,
        note=note,
        sweeps=sweeps,
        progress=progress,
    )
