"""A run's counts for a spreadsheet."""

import os

from clearscale.io.files import Folder
from clearscale.io.paths import StrPath
from clearscale.io.spreadsheet import write_csv
from clearscale.runs import Run
from clearscale.runs.opened import TABLES

from .arguments import opened_run


def tables(run: Run | StrPath, out: StrPath) -> list[str]:
    """Write a run's count tables as CSV files into a folder, path or URL; returns their names.

    A text that a spreadsheet program would run as a formula gets an apostrophe before it. Raises RunError.
    """
    source, folder = opened_run(run), Folder(os.fspath(out))
    for name in TABLES:
        write_csv(folder, f"{name}.csv", source.table(name))
    return [f"{name}.csv" for name in TABLES]
