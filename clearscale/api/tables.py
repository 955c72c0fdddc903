"""A run's counts for a spreadsheet."""

from clearscale.io.files import Folder
from clearscale.io.spreadsheet import write_csv
from clearscale.runs import Run, open_run
from clearscale.runs.opened import TABLES


def tables(run: Run | str, out: str) -> list[str]:
    """Write a run's count tables as CSV files into a folder, path or URL; returns their names.

    A text that a spreadsheet program would run as a formula gets an apostrophe before it. Raises RunError.
    """
    opened_run = open_run(run) if isinstance(run, str) else run
    for name in TABLES:
        write_csv(Folder(out), f"{name}.csv", opened_run.table(name))
    return [f"{name}.csv" for name in TABLES]
