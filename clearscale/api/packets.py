"""Papers that move a run's cases in court."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from clearscale.errors import RunError, closest
from clearscale.io.files import Folder
from clearscale.io.paths import StrPath, path_text
from clearscale.io.urls import absolute
from clearscale.law import state
from clearscale.law.papers import CONVICTIONS
from clearscale.outputs.packet.examples import example_jobs
from clearscale.outputs.packet.lines import DOUBTS
from clearscale.outputs.packet.office import Office
from clearscale.outputs.packet.templates import write_templates
from clearscale.outputs.packet.writing import Asked, Made, write
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun, open_either
from clearscale.store.logged import logged
from clearscale_cluster import ProgressCallback


def packet(
    run: Run | ChargeRun | StrPath,
    out: StrPath,
    *,
    county: str | None = None,
    court: str | None = None,
    agency: str | None = None,
    office: StrPath | None = None,
    with_templates: StrPath | None = None,
    fonts: StrPath | None = None,
    final: bool = False,
    accept: Sequence[str] = (),
    notices: Literal["together", "each"] = "together",
    progress: ProgressCallback | None = None,
) -> list[str]:
    """Write papers that move a run's cases in court, as PDF.

    A proposed order with the list of cases, a declaration of how they were found, a notice for each person, and,
    for the office, what is not in the order and has to be looked at. Needs the extra `report`. They are templates:
    counsel must adapt them.

    Parameters
    ----------
    run : Run, ChargeRun, str or os.PathLike
        The run, over convictions or over charges, or its path or URL.
    out : str or os.PathLike
        A new folder, path or URL. It gets all papers and `manifest.json`, or nothing.
    county, court, agency : str, optional
        The cases of this county, of this court, and of those whom this agency arrested or charged, as records name
        them. One county at a time.
    office : str or os.PathLike, optional
        The file of the office (TOML); without it a made-up one.
    with_templates : str or os.PathLike, optional
        A folder with templates of the office's own; see `packet_templates`.
    fonts : str or os.PathLike, optional
        A folder with fonts for names that the fonts of Typst do not show.
    final : bool, default False
        Without `DRAFT` on every page; needs an office.
    accept : sequence of str, optional
        Flags that keep nothing out of the order, such as `set-aside`: a person has looked at these cases.
    notices : {"together", "each"}, default "together"
        Notices of many people in a file, or each person's in a file of its own.
    progress : callable, optional
        Called with (done, total, label) in the caller's thread; `clearscale_cluster.TerminalProgress()` in a `with`
        statement is what the commands use.

    Returns
    -------
    list of str
        Paths or URLs of the files, the manifest last.

    Raises
    ------
    RunError
        If there is no run, it has no such county, court or agency, nothing was decided there, its decisions are not
        those of its tables, or `out` holds something else.
    StoreError
        If the run's store is not where it was.
    ClearscaleError
        If the office's file or a template is wrong, a name has characters that no font shows, or the extra `report`
        is not installed.
    StorageError
        If an object storage refuses, or cannot be reached.
    """
    source = run if isinstance(run, Run | ChargeRun) else open_either(run)
    if not (county or court):
        raise RunError("papers are for one county or court: name it with --county or --court")
    if final and office is None:
        raise RunError("final papers need the file of your office (--office): the one of the package is made up")
    _check_flags(accept)
    logged(
        Folder.rooted(source.info["store"]),
        "packet",
        snapshot=source.info["snapshot"],
        run=[absolute(source.folder.url)],
        digests={"run": [source.info["key"]]},
        out=absolute(path_text(out, "out")),
        county=county,
        court=court,
        agency=agency,
        accepted=list(accept),
        final="yes" if final else "no",
    )
    return write(
        source,
        path_text(out, "out"),
        Asked(county or "", court or "", agency or "", final, tuple(accept), notices == "each"),
        Made(*(None if path is None else Path(path) for path in (office, with_templates, fonts))),
        progress,
    )


def packet_templates(out: StrPath) -> list[str]:
    """Write the templates of papers into a new folder, to be changed.

    They are Typst files, with an office's file, its seal, and made-up data to try them with: `typst compile
    order.typ` shows an order of nobody.

    Parameters
    ----------
    out : str or os.PathLike
        A folder, path or URL, that is empty or not there.

    Returns
    -------
    list of str
        Paths or URLs of the files.

    Raises
    ------
    ClearscaleError
        If the folder holds anything.
    StorageError
        If an object storage refuses, or cannot be reached.
    """
    papers = state().papers
    jobs = example_jobs(Office.packaged(), papers, papers.words[CONVICTIONS])
    return write_templates(path_text(out, "out"), {job.paper: job.data for job in jobs})


def _check_flags(names: Sequence[str]) -> None:
    for name in names:
        if name not in DOUBTS:
            near = closest(name, DOUBTS)
            hint = f"; did you mean '{near}'?" if near else f"; there are {', '.join(DOUBTS)}"
            raise RunError(f"there is no flag '{name}' that keeps a case out of an order{hint}")
