"""Arguments that callers may give in several forms, converted into one."""

import os

from clearscale.io.paths import StrPath
from clearscale.runs import Run, open_run
from clearscale.runs.charges import ChargeRun, open_either


def opened_run(run: Run | StrPath) -> Run:
    """Return a run as it is, or the one at a path or URL. Raises RunError if there is none."""
    return run if isinstance(run, Run) else open_run(run)


def opened_either(run: Run | ChargeRun | StrPath) -> Run | ChargeRun:
    """Return a run of either kind as it is, or the one at a path or URL. Raises RunError if there is none."""
    return run if isinstance(run, Run | ChargeRun) else open_either(run)


def optional_path(path: StrPath | None) -> str | None:
    """Return the text of a path that may be left out."""
    return None if path is None else os.fspath(path)
