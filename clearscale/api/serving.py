"""A page with controls, for the browser of this machine."""

from clearscale.io.paths import StrPath
from clearscale.outputs.serve.server import Server
from clearscale.outputs.serve.session import open_session
from clearscale.outputs.serve.site import Site
from clearscale.outputs.small_counts import SUPPRESS_BELOW
from clearscale.runs import Run
from clearscale_cluster import ProgressCallback

from .arguments import opened_run


def serve(
    run: Run | StrPath,
    *,
    county: str | None = None,
    port: int = 0,
    suppress_below: int | None = SUPPRESS_BELOW,
    progress: ProgressCallback | None = None,
) -> Server:
    """A server of a page with controls, for the browser of this machine: what other eligibility options would do.

    It listens on the loopback address already; `serve_forever()` serves until `shutdown()`, and `url` is the
    address with its token. county: the one picked at first, as its records write it. port: 0 for any free one.
    suppress_below: people are counted in groups of so many, so that fewer are never told apart; None shows every
    count and marks the page as not for publication.

    Needs the extra `report`. Raises RunError, also for a run of another policy than eligibility options, StoreError
    if the run's store is not where it was, and ClearscaleError if the port is taken.
    """
    site = Site(open_session(opened_run(run), suppress_below, progress), county)
    return Server(site.respond, port)
