"""A run's counts for a spreadsheet."""

from clearscale.errors import RunError
from clearscale.io.claims import LOCK, claimed
from clearscale.io.files import Folder
from clearscale.io.paths import StrPath, path_text
from clearscale.io.spreadsheet import write_csv
from clearscale.io.urls import absolute
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun
from clearscale.runs.charges.opened import TABLES as CHARGE_TABLES
from clearscale.runs.logged import logged_of
from clearscale.runs.opened import TABLES

from .arguments import opened_either


def tables(run: Run | ChargeRun | StrPath, out: StrPath) -> list[str]:
    """Write a run's count tables as CSV files for a spreadsheet.

    A text that a spreadsheet program would run as a formula gets an apostrophe before it. No count is hidden.

    Parameters
    ----------
    run : Run, ChargeRun, str or os.PathLike
        The run, over convictions or over charges, or its path or URL.
    out : str or os.PathLike
        A folder, path or URL; files of the same names are replaced.

    Returns
    -------
    list of str
        The files' names.

    Raises
    ------
    RunError
        If there is no run, it is damaged, or another command is writing into the folder.
    StorageError
        If an object storage refuses, or cannot be reached.

    Examples
    --------
    >>> import clearscale
    >>> clearscale.tables("runs/july", "tables")
    ['convictions.csv', 'people.csv', 'flags.csv']
    """
    source = opened_either(run)
    folder, names = Folder(path_text(out, "out")), CHARGE_TABLES if isinstance(source, ChargeRun) else TABLES
    found = {name: source.table(name) for name in names}
    logged_of(source, "tables", out=absolute(folder.url))
    with claimed(folder, LOCK, RunError):
        for name, table in found.items():
            write_csv(folder, f"{name}.csv", table)
    return [f"{name}.csv" for name in found]
