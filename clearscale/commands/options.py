"""Options that several commands have, each with one name, one help text and one meaning."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from clearscale.small_counts import SUPPRESS_BELOW
from clearscale_cluster.shown import say, shown_url

if TYPE_CHECKING:
    import clearscale_cluster

Opened = TypeVar("Opened")

SAME_AS_CLUSTER = "--scheduler-file"
"""What Dask's own commands call it; two names side by side would leave help no room for words."""

Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        help="Where to work: `threads:N` (default, in this process), `local:N` (worker processes on this machine), "
        "`ssh:HOST,HOST` (worker processes on machines that SSH reaches), the address of a Dask scheduler such as "
        "`tls://10.0.0.5:8786`, or a file such as `cluster.yaml`: Dask's configuration with one of these, a class "
        "of Dask clusters with its arguments, or what a scheduler wrote. `--scheduler-file` is the same. Without "
        "it: DASK_SCHEDULER_ADDRESS.",
        show_default=False,
    ),
]
Insecure = Annotated[
    bool,
    typer.Option(
        "--insecure",
        help="Allow the address of a scheduler without TLS (`tcp://...`): who reaches it can run code there and "
        "read records.",
    ),
]
Wait = Annotated[
    float | None,
    typer.Option(
        min=0,
        metavar="SECONDS",
        help="Seconds to wait for the first worker, and for another when all are gone; without it 10 for a "
        "scheduler, 600 for a cluster that starts workers by itself.",
        show_default=False,
    ),
]
PerformanceReport = Annotated[
    str | None,
    typer.Option(
        "--performance-report",
        metavar="FILE",
        help="Write Dask's report of the work there, a page with charts; needs a scheduler, and the extra watch.",
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress and no result.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]
Store = Annotated[str, typer.Option(help="The store.")]
Run = Annotated[str, typer.Option(help="The run.")]
StoreElsewhere = Annotated[
    str | None,
    typer.Option(
        "--store",
        help="Where the run's store lies now, if it was moved alone; moved together, both are found.",
        show_default=False,
    ),
]
AsOf = Annotated[str, typer.Option(help="The date to decide for, YYYY-MM-DD.")]
Parameters = Annotated[
    list[str] | None, typer.Option("--set", help="A parameter of the policy, as NAME=VALUE; repeat it for more.")
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        help="Name of a finding that does not refuse the policy, such as unknown-option; repeat it for more.",
        show_default=False,
    ),
]


@contextlib.contextmanager
def reached(
    cluster: str | None,
    insecure: bool,
    wait: float | None = None,
    report: str | None = None,
    *,
    quiet: bool = False,
) -> "Iterator[clearscale_cluster.Cluster | None]":
    """Yield the place to work, opened; None if nothing is said of it and threads will do.

    report: the file for Dask's report of the work. quiet: whether the address of its pages is not to be said.
    """
    from clearscale_cluster.chosen import chosen_scheduler

    if (cluster, insecure, wait, report) == (None, False, None, None) and chosen_scheduler() is None:
        yield None
        return
    from clearscale.api.clusters import warm_up
    from clearscale_cluster import open_cluster

    with (
        open_cluster(cluster, warm_up, insecure=insecure, wait=wait) as opened,
        watched(opened, report, quiet=quiet),
    ):
        yield opened


def watched(
    cluster: "clearscale_cluster.Cluster", report: str | None, *, quiet: bool
) -> contextlib.AbstractContextManager[None]:
    """Say where the scheduler's pages are, and have Dask's report of the work in a file, if one is named."""
    if not quiet and (pages := cluster.dashboard) is not None:
        say(f"clearscale: the scheduler's pages are at {shown_url(pages)}", to=sys.stderr)
    return contextlib.nullcontext() if report is None else cluster.performance_report(report)


def parameters(texts: Sequence[str] | None) -> dict[str, str]:
    """Read values of parameters from texts NAME=VALUE. Raises PolicyError for a text of another form."""
    found = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            from clearscale.errors import PolicyError

            raise PolicyError(f"--set {text}: write NAME=VALUE, such as --set age=55")
        found[name.strip()] = value.strip()
    return found


def run_of(run: str, store: str | None, opening: Callable[[str, str], Opened]) -> str | Opened:
    """Return a run's path, or, if its store lies elsewhere now, the run, opened with it."""
    return run if store is None else opening(run, store)


def suppression(below: int | None, no_suppress: bool, effect: str) -> int | None:
    """Return the bound below which counts of people are hidden, None for no bound.

    effect: what `--no-suppress` does. Raises BadParameter if both options are given.
    """
    if no_suppress and below is not None:
        raise typer.BadParameter(f"--no-suppress {effect}: leave out --suppress-below")
    return None if no_suppress else below or SUPPRESS_BELOW
