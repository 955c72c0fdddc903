"""A page served until it is interrupted."""

from clearscale_cluster import ProgressCallback

from ..runs import Run
from .server import Server
from .session import open_session
from .site import Site


def start(
    run: Run, *, county: str | None, below: int | None, port: int, progress: ProgressCallback | None = None
) -> Server:
    """A server that listens and has yet to serve; see `clearscale.serve`."""
    site = Site(open_session(run, below, progress), county)
    return Server(site.respond, port)
