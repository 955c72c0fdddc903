"""Pages for the browser of this machine: one with controls, and one that goes from extracts to files."""

from collections.abc import Sequence

from clearscale.io.paths import StrPath, path_text
from clearscale.outputs.packet.templates import packaged
from clearscale.outputs.serve.front.actions import Actions
from clearscale.outputs.serve.front.folder import ServedFolder
from clearscale.outputs.serve.front.site import FrontSite
from clearscale.outputs.serve.pages import RunPages
from clearscale.outputs.serve.server import Server
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun
from clearscale.runs.logged import logged_of
from clearscale_cluster import ProgressCallback

from .arguments import opened_either
from .charge_runs import forecast, run_charges
from .charge_stores import ingest_charges
from .exports import export, export_all
from .lists import decisions
from .packets import packet
from .reports import report
from .runs import run as run_policy
from .snapshots import store_info
from .stores import ingest
from .tables import tables
from .whatif import diff


def serve(
    run: Run | ChargeRun | StrPath,
    *,
    county: str | None = None,
    policies: Sequence[StrPath] = (),
    port: int = 0,
    published: bool = False,
    progress: ProgressCallback | None = None,
) -> Server:
    """Serve a page with controls for the browser of this machine: what other options or policies would do.

    A run of the counties' eligibility options has a page for these, and one for all policies; any other run over
    convictions has the latter, and a run over charges has one for all policies over charges. Needs the extra
    `report`.

    Parameters
    ----------
    run : Run, ChargeRun, str or os.PathLike
        The run, over convictions or over charges, or its path or URL.
    county : str, optional
        The county picked at first, as its records write it; otherwise all.
    policies : sequence of str or os.PathLike, optional
        Policy files that can be chosen, beside the run's own policy and all packs; of charges, those of the state.
    port : int, default 0
        A port of this machine; 0 for any free one.
    published : bool, default False
        People and convictions are counted in groups of eleven, so that fewer are never told apart, whatever is
        asked. It takes a run of eligibility options. Otherwise every count is shown, and each view says that it
        is not for publication.
    progress : callable, optional
        Called with (done, total, label) in the caller's thread; `clearscale_cluster.TerminalProgress()` in a `with`
        statement is what the commands use.

    Returns
    -------
    Server
        It listens on the loopback address already; `serve_forever()` answers until another thread calls
        `shutdown()`.

    Raises
    ------
    RunError
        If there is no run, it has no such county, or it is of another policy than eligibility options and
        `published` is asked for.
    PolicyError
        If a file states no policy over what the run is over, or something is doubtful in it.
    StoreError
        If the run's store is not where it was.
    ClearscaleError
        If the port is taken, or the extra `report` is not installed.

    Examples
    --------
    >>> import clearscale
    >>> with clearscale.serve("runs/july") as server:
    ...     server.url.startswith("http://127.0.0.1:")
    True
    """
    source = opened_either(run)
    paths = [path_text(path, "one of policies") for path in policies]
    pages = RunPages(source, county, paths, options=not paths, published=published, progress=progress)
    server = Server(pages.respond, port)
    logged_of(source, "serve", published=published)
    return server


def serve_folder(folder: StrPath = ".", *, port: int = 0) -> Server:
    """Serve a front page for the browser of this machine, which goes from extracts to files without a shell.

    Extracts, or files of charges with their column map, are uploaded into the folder, or are those that lie in it
    already; the page shows what is doubtful about them, takes them into a store, decides it by eligibility options,
    a pack or a policy file, and makes result files, reports, lists and tables. One piece of work is done at a time,
    by this process; what a server that ended had begun, the next one of the folder goes on with. Needs the extra
    `report`.

    Parameters
    ----------
    folder : str or os.PathLike, default "."
        A local folder, made if it is not there; nothing outside it is shown or written.
    port : int, default 0
        A port of this machine; 0 for any free one.

    Returns
    -------
    Server
        It listens on the loopback address already; `serve_forever()` answers until another thread calls
        `shutdown()`, and `server_close()` stops the work.

    Raises
    ------
    ClearscaleError
        If the folder cannot be used or another server has it, the port is taken, or the extra `report` is not
        installed.

    Examples
    --------
    >>> import clearscale
    >>> with clearscale.serve_folder("for-the-browser") as server:
    ...     server.url.startswith("http://127.0.0.1:")
    True
    """
    actions = Actions(
        ingest=ingest,
        ingest_charges=ingest_charges,
        run=run_policy,
        run_charges=run_charges,
        export=export,
        export_all=export_all,
        report=report,
        decisions=decisions,
        packet=packet,
        diff=diff,
        forecast=forecast,
        tables=tables,
        store_info=store_info,
        pages=_pages,
        office=packaged("office.toml").replace(b'image = "seal.svg"', b'image = ""'),
    )
    site = FrontSite(ServedFolder.at(path_text(folder, "folder")), actions)
    try:
        return Server(site.respond, port, site.receive, site.close)
    except BaseException:
        site.close()
        raise


def _pages(run: Run | ChargeRun, policies: Sequence[str], progress: ProgressCallback | None = None) -> RunPages:
    pages = RunPages(run, policies=policies, progress=progress)
    logged_of(run, "serve", published=False)
    return pages
