"""A run's report for people."""

import os
from collections.abc import Sequence

from clearscale.errors import RunError
from clearscale.io.files import Folder, absolute
from clearscale.io.paths import StrPath
from clearscale.outputs.report.charges import write_charges
from clearscale.outputs.report.writing import write
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun
from clearscale.runs.logged import logged_of
from clearscale.small_counts import SUPPRESS_BELOW
from clearscale.store.logged import logged
from clearscale.whatif.sweep import Sweep, open_sweep
from clearscale_cluster import ProgressCallback

from .arguments import opened_either


def report(
    run: Run | ChargeRun | StrPath,
    out: StrPath,
    *,
    county: str | Sequence[str] | None = None,
    all_counties: bool = False,
    suppress_below: int | None = SUPPRESS_BELOW,
    note: str = "",
    with_sweep: Sweep | StrPath | Sequence[Sweep | StrPath] = (),
    progress: ProgressCallback | None = None,
) -> list[str]:
    """Write a run's report for people, each page as one HTML file and as a PDF.

    Needs the extra `report`. A run over charges has one page.

    Parameters
    ----------
    run : Run, ChargeRun, str or os.PathLike
        The run, over convictions or over charges, or its path or URL.
    out : str or os.PathLike
        A folder, path or URL; files of the same names are replaced.
    county : str or sequence of str, optional
        The pages of this county or these, as their records write it, instead of the statewide one.
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
        Paths or URLs of the files.

    Raises
    ------
    RunError
        If there is no run, it has no such county, or its tables and summaries disagree; if a sweep is of other
        records, or cannot be judged with the report. If a run over charges is asked for counties or sweeps.
    ClearscaleError
        If the extra `report` is not installed.
    StorageError
        If an object storage refuses, or cannot be reached.
    """
    counties = [county] if isinstance(county, str) else list(county or ())
    source = opened_either(run)
    if isinstance(source, ChargeRun):
        if counties or all_counties or with_sweep:
            raise RunError("a run over charges has one page, with all counties on it, and no sweeps beside it")
        return _of_charges(source, os.fspath(out), suppress_below, note)
    listed = [with_sweep] if isinstance(with_sweep, Sweep | str | os.PathLike) else with_sweep
    sweeps = [given if isinstance(given, Sweep) else open_sweep(given) for given in listed]
    logged_of(
        source,
        "report",
        out=absolute(os.fspath(out)),
        hidden_below=suppress_below or "nothing",
        with_sweeps=[absolute(sweep.folder.url) for sweep in sweeps],
    )
    return write(
        source,
        os.fspath(out),
        counties=counties,
        all_counties=all_counties,
        below=suppress_below,
        note=note,
        sweeps=sweeps,
        progress=progress,
    )


def _of_charges(run: ChargeRun, out: str, below: int | None, note: str) -> list[str]:
    logged(
        Folder.rooted(run.info["store"]),
        "report",
        snapshot=run.info["snapshot"],
        run=[absolute(run.folder.url)],
        out=absolute(out),
        hidden_below=below or "nothing",
    )
    return write_charges(run, out, below, note)
