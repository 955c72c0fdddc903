"""A run's report for people."""

import os
from collections.abc import Sequence

from clearscale.io.paths import StrPath
from clearscale.outputs.report.writing import write
from clearscale.outputs.small_counts import SUPPRESS_BELOW
from clearscale.runs import Run
from clearscale_cluster import ProgressCallback

from .arguments import opened_run


def report(
    run: Run | StrPath,
    out: StrPath,
    *,
    county: str | Sequence[str] | None = None,
    all_counties: bool = False,
    suppress_below: int | None = SUPPRESS_BELOW,
    note: str = "",
    progress: ProgressCallback | None = None,
) -> list[str]:
    """Write a run's report for people, each page as one HTML file and as a PDF; returns their paths.

    Without `county` (one or several, as their records write it) the statewide page, with `all_counties` that and
    every county's. out: a folder, path or URL; files of the same names are replaced. suppress_below: counts of
    people from 1 up to this, exclusively, are hidden, with all from which they could be computed; None hides
    nothing and marks every page as not for publication. note: a remark at the head of each page.

    Needs the extra `report`. Raises RunError, also when the run's tables and summaries disagree.
    """
    counties = [county] if isinstance(county, str) else list(county or ())
    return write(
        opened_run(run),
        os.fspath(out),
        counties=counties,
        all_counties=all_counties,
        below=suppress_below,
        note=note,
        progress=progress,
    )
