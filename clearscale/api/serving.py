"""A page with controls, for the browser of this machine."""

from clearscale.io.paths import StrPath
from clearscale.outputs.serve.server import Server
from clearscale.outputs.serve.session import open_session
from clearscale.outputs.serve.site import Site
from clearscale.runs import Run
from clearscale.runs.logged import logged_of
from clearscale_cluster import ProgressCallback

from .arguments import opened_run


def serve(
    run: Run | StrPath,
    *,
    county: str | None = None,
    port: int = 0,
    published: bool = False,
    progress: ProgressCallback | None = None,
) -> Server:
    """Serve a page with controls for the browser of this machine: what other eligibility options would do.

    Needs the extra `report`.

    Parameters
    ----------
    run : Run, str or os.PathLike
        The run, or its path or URL.
    county : str, optional
        The county picked at first, as its records write it; otherwise all.
    port : int, default 0
        A port of this machine; 0 for any free one.
    published : bool, default False
        People and convictions are counted in groups of eleven, so that fewer are never told apart, whatever is
        asked. Otherwise every count is shown, and each view says that it is not for publication.
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
        If there is no run, it is of another policy than eligibility options, or it has no such county.
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
    source = opened_run(run)
    server = Server(Site(open_session(source, published=published, progress=progress), county).respond, port)
    logged_of(source, "serve", published=published)
    return server
