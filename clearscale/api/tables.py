"""A run's counts for a spreadsheet."""

import os

from clearscale.io.files import Folder
from clearscale.io.paths import StrPath
from clearscale.io.spreadsheet import write_csv
from clearscale.runs import Run
from clearscale.runs.opened import TABLES

from .arguments import opened_run


def tables(run: Run | StrPath, out: StrPath) -> list[str]:
    """Write a run's count tables as CSV files for a spreadsheet.

    A text that a spreadsheet program would run as a formula gets an apostrophe before it.

    Parameters
    ----------
    run : Run, str or os.PathLike
        The run, or its path or URL.
    out : str or os.PathLike
        A folder, path or URL; files of the same names are replaced.

    Returns
    -------
    list of str
        The files' names.

    Raises
    ------
    RunError
        If there is no run.
    StorageError
        If an object storage refuses, or cannot be reached.

    Examples
    --------
    >>> import clearscale
    >>> clearscale.tables("runs/july", "tables")
    ['convictions.csv', 'people.csv', 'flags.csv']
    """
    source, folder = opened_run(run), Folder(os.fspath(out))
    for name in TABLES:
        write_csv(folder, f"{name}.csv", source.table(name))
    return [f"{name}.csv" for name in TABLES]
