"""Write the page of a run over charges."""

from clearscale.errors import RunError
from clearscale.io.claims import LOCK, claimed
from clearscale.io.files import Folder
from clearscale.outputs.report.writing import footer, hiding, warning, write_page
from clearscale.runs.charges import ChargeRun
from clearscale.version import VERSION

from .page import View, page


def write_charges(run: ChargeRun, out: str, below: int | None, note: str) -> list[str]:
    """Write the page of a run, as HTML and PDF.

    Parameters
    ----------
    run
        A finished run over charges.
    out
        A folder, path or URL.
    below
        Counts from 1 up to this, exclusively, are hidden, with what would give them away; None hides nothing.
    note
        A remark at the head of the page.

    Returns
    -------
    list of str
        Paths or URLs of the files.

    Raises
    ------
    RunError
        If a file of the run is damaged, or `below` hides nothing.
    ClearscaleError
        If the extra `report` is not installed.
    """
    made = page(
        View(run, below),
        warning=warning(below),
        note=note,
        command=f"clearscale report --run RUN --out REPORT {hiding(below)}",
        version=VERSION,
        footer=footer(run.info),
    )
    with claimed(Folder(out), LOCK, RunError):
        return write_page(made, out)
