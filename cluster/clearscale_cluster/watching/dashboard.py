"""What Dask itself shows of work: the pages of a scheduler, and its report of what was done."""

from __future__ import annotations

import os
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from distributed import Client, performance_report

from clearscale_cluster.errors import ClusterError
from clearscale_cluster.shown import say, shown_url

from .in_time import answer_in

_ANSWER = 1.0
"""Seconds for a page to answer: one that does not is not for this machine."""

_NO_HEAD = 405
"""With this, a page that is there answers who asks for its head only."""

_SCHEDULER = 60.0
"""Seconds for a scheduler to answer."""

_DRAWS = "bokeh"
"""The package that a scheduler draws its pages and reports with."""


def dashboard_of(client: Client) -> str | None:
    """The address of a scheduler's pages, if they answer from here; None if there are none."""
    try:
        link = answer_in(_SCHEDULER, lambda: client.dashboard_link)
    except Exception:  # any class of clusters has its own
        return None
    if not isinstance(link, str) or not link.startswith(("http://", "https://")):
        return None
    # Only whether there is a page: to draw one takes a scheduler seconds.
    asking = urllib.request.Request(link, method="HEAD")
    try:
        with urllib.request.urlopen(asking, timeout=_ANSWER):
            return link
    except urllib.error.HTTPError as error:
        return link if error.code == _NO_HEAD else None
    except urllib.error.URLError as error:
        # A certificate of one's own, which a browser asks about, is an answer as well.
        return link if isinstance(error.reason, ssl.SSLCertVerificationError) else None
    except (OSError, ValueError):
        return None


@contextmanager
def reported(client: Client, where: str, path: str) -> Iterator[None]:
    """Have Dask's report of all that is done in a `with` statement in a file.

    Raises ClusterError if the scheduler draws none, and OSError if the file cannot be written. The report of work
    that failed is there, too; where the scheduler is lost meanwhile, standard error says that there is none.
    """
    try:
        answer_in(_SCHEDULER, lambda: client.run_on_scheduler(version, _DRAWS))
    except PackageNotFoundError:
        raise ClusterError(
            f"{shown_url(where)}: its scheduler lacks the package {_DRAWS}, with which it draws a performance "
            "report; install clearscale with its extra watch there"
        ) from None
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"{shown_url(where)}: its scheduler makes no performance report ({type(error).__name__})"
        ) from error
    # Before the work, so that nothing is done in vain, and for nobody else: who writes it later leaves it so.
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o640))
    # With its scripts in it: a page that people keep asks no server for any.
    report = performance_report(filename=str(Path(path).absolute()), mode="inline")
    with client.as_current():
        report.__enter__()
    try:
        yield
    finally:
        with suppress(Exception):
            answer_in(_SCHEDULER, lambda: _end(client, report))
        if not Path(path).stat().st_size:
            say(f"clearscale: {path}: there is no performance report, since the scheduler was lost", to=sys.stderr)


def _end(client: Client, report: performance_report) -> None:
    with client.as_current():
        report.__exit__(None, None, None)
