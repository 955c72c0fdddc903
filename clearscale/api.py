"""The Python interface: what the commands do, as functions; `import clearscale` offers them.

Each function imports what it alone needs: importing is most of the time of a short command.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clearscale.outputs.small_counts import SUPPRESS_BELOW
from clearscale.runs.opened import Run, open_run
from clearscale_cluster import Cluster, ProgressCallback, open_cluster

from .errors import PolicyError
from .store import Store, open_store

if TYPE_CHECKING:
    import pyarrow as pa

    from clearscale.outputs.serve.server import Server
    from clearscale.store.ingest.ingest import IngestReport
    from clearscale.whatif.diff import Diff
    from clearscale.whatif.explain import Explanation
    from clearscale.whatif.sweep import Sweep

    from .policy import AnyPolicy, Policy

__all__ = [
    "Run",
    "Store",
    "check",
    "diff",
    "explain",
    "export",
    "ingest",
    "open_run",
    "open_store",
    "open_sweep",
    "report",
    "run",
    "serve",
    "sweep",
    "tables",
]


def warm_up() -> None:
    """Import what tasks need and compile every kernel, or load it from the cache on disk."""
    import pyarrow as pa
    import pyarrow.parquet

    from clearscale_kernels.warm import compile_kernels

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    compile_kernels()


@contextlib.contextmanager
def _opened(cluster: Cluster | str | None) -> Iterator[Cluster]:
    """The cluster itself, or one opened for this call."""
    if isinstance(cluster, Cluster):
        yield cluster
        return
    with open_cluster(cluster, warm_up) as opened:
        yield opened


def ingest(
    extracts: Sequence[str],
    store: str,
    *,
    county: str | None = None,
    on_bad_record: str = "refuse",
    buckets: int | None = None,
    cluster: Cluster | str | None = None,
    progress: ProgressCallback | None = None,
) -> "IngestReport":
    """Take extracts into a store and put a new snapshot in force.

    extracts: paths, URLs or patterns with *; compressed if their names say so. store: path or URL. county: the
    county of all of them; without it each tells by its records. on_bad_record: `refuse`, or `quarantine` to keep
    an extract's good records and set the others aside. buckets: of a new store; chosen by its size if not given.
    cluster: None for threads of this process, `local:N`, the address of a Dask scheduler, or an open cluster.

    An extract that the store has already (by checksum) changes nothing. Extracts of a county replace that
    county's earlier ones. The store serves its last snapshot until the new one is whole, and the same call after
    an interruption takes up where it stopped.

    Raises ExtractError for an extract that cannot be used, StoreError for a store that cannot, ClusterError if the
    cluster fails.
    """
    if on_bad_record not in ("refuse", "quarantine"):
        raise ValueError(f"on_bad_record is 'refuse' or 'quarantine', not {on_bad_record!r}")
    from clearscale.store.ingest.ingest import ingest as ingest_extracts

    with _opened(cluster) as opened:
        return ingest_extracts(
            extracts,
            store,
            opened,
            county=county,
            quarantine=on_bad_record == "quarantine",
            buckets=buckets,
            progress=progress,
        )


def run(
    store: str,
    policy: "str | AnyPolicy | dict[str, Any]",
    as_of: str,
    out: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    cluster: Cluster | str | None = None,
    progress: ProgressCallback | None = None,
) -> Run:
    """Decide every conviction of a store under a policy, and count.

    policy: the name of a pack, a policy file or a policy map (TOML), a file of eligibility options (JSON), the
    options themselves, or a policy in memory. parameters: values for those of the pack or policy file, instead of
    their defaults. as_of: YYYY-MM-DD. out: a new folder, path or URL. The same run in the same folder is returned
    as it is.

    Raises StoreError, PolicyError, RunError, ClusterError.
    """
    from clearscale.runs.run import run as run_policy

    from .policy import gogen_policy, load_policy

    if isinstance(policy, str):
        chosen = load_policy(policy, parameters)
    elif parameters:
        raise PolicyError("parameters go with the name of a pack or a policy file; what is given has them already")
    else:
        chosen = gogen_policy(policy) if isinstance(policy, dict) else policy
    with _opened(cluster) as opened:
        return run_policy(store, chosen, as_of, out, opened, progress=progress)


def check(
    store: str,
    *,
    out: str | None = None,
    cluster: Cluster | str | None = None,
    progress: ProgressCallback | None = None,
) -> "pa.Table":
    """Count what a person should know of a store's data: copies that disagree, missing dates, unknown texts.

    out: a folder, path or URL, for the table as `checks.parquet` and `checks.csv`; files of these names are
    replaced. Columns: scope (`county`: an extract by itself, `state`: each person once), county, extract, finding,
    detail, count.

    Raises StoreError, ClusterError.
    """
    from .checks import check as check_store

    with _opened(cluster) as opened:
        return check_store(store, opened, out=out, progress=progress)


def export(
    run: Run | str,
    county: str,
    out: str,
    *,
    cluster: Cluster | str | None = None,
    progress: ProgressCallback | None = None,
) -> list[Path]:
    """Write a county's result files into a local folder; returns their paths.

    `All_Results.csv`, `All_Results_Condensed.csv`, `Prop64_Results.csv` (numbered if the county has several
    extracts) and `gogen.json`, byte for byte what the counties' program writes from the same extracts.

    Raises RunError, StoreError, ClusterError.
    """
    from clearscale.outputs.export.from_run import export_county

    opened_run = open_run(run) if isinstance(run, str) else run
    with _opened(cluster) as opened:
        return export_county(opened_run, county, out, opened, progress=progress)


def tables(run: Run | str, out: str) -> list[str]:
    """Write a run's count tables as CSV files into a folder, path or URL; returns their names.

    A text that a spreadsheet program would run as a formula gets an apostrophe before it. Raises RunError.
    """
    from clearscale.io.files import Folder
    from clearscale.io.spreadsheet import write_csv
    from clearscale.runs.opened import TABLES

    opened_run = open_run(run) if isinstance(run, str) else run
    for name in TABLES:
        write_csv(Folder(out), f"{name}.csv", opened_run.table(name))
    return [f"{name}.csv" for name in TABLES]


def report(
    run: Run | str,
    out: str,
    *,
    county: str | Sequence[str] | None = None,
    all_counties: bool = False,
    suppress_below: int | None = SUPPRESS_BELOW,
    note: str = "",
    progress: ProgressCallback | None = None,
) -> list[str]:
    """Write a run's report for people, each page as one HTML file and as a PDF; returns their paths.

    Without `county` (one or several, as their records write it) the statewide page, with `all_counties` that and
    every county's. out: a folder, path or URL; files of the same names are replaced. suppress_below: counts of
    people from 1 up to this, exclusively, are hidden, with all from which they could be computed; None hides
    nothing and marks every page as not for publication. note: a remark at the head of each page.

    Needs the extra `report`. Raises RunError, also when the run's tables and summaries disagree.
    """
    from clearscale.outputs.report.writing import write

    opened_run = open_run(run) if isinstance(run, str) else run
    counties = [county] if isinstance(county, str) else list(county or ())
    return write(
        opened_run,
        out,
        counties=counties,
        all_counties=all_counties,
        below=suppress_below,
        note=note,
        progress=progress,
    )


def serve(
    run: Run | str,
    *,
    county: str | None = None,
    port: int = 0,
    suppress_below: int | None = SUPPRESS_BELOW,
    progress: ProgressCallback | None = None,
) -> "Server":
    """A server of a page with controls, for the browser of this machine: what other eligibility options would do.

    It listens on the loopback address already; `serve_forever()` serves until `shutdown()`, and `url` is the
    address with its token. county: the one picked at first, as its records write it. port: 0 for any free one.
    suppress_below: people are counted in groups of so many, so that fewer are never told apart; None shows every
    count and marks the page as not for publication.

    Needs the extra `report`. Raises RunError, also for a run of another policy than eligibility options, StoreError
    if the run's store is not where it was, and ClearscaleError if the port is taken.
    """
    from clearscale.outputs.serve.server import Server
    from clearscale.outputs.serve.session import open_session
    from clearscale.outputs.serve.site import Site

    opened_run = open_run(run) if isinstance(run, str) else run
    site = Site(open_session(opened_run, suppress_below, progress), county)
    return Server(site.respond, port)


def sweep(
    store: str,
    policy: "str | Policy | dict[str, Any]",
    as_of: str,
    vary: Iterable[str] | Mapping[str, Sequence[Any]],
    out: str,
    *,
    by_county: bool = False,
    frontier: str | None = None,
    cluster: Cluster | str | None = None,
    progress: ProgressCallback | None = None,
) -> "Sweep":
    """Count what each of many policies would do, and write a table, a chart and, of eligibility options, a cube.

    policy: the name of a pack, a policy file, a file of eligibility options (JSON), the options themselves, or a
    policy in memory. vary: settings by parameter, or texts such as `age=0,40..65`; `every` stands for all settings
    of all eligibility options. as_of: YYYY-MM-DD. out: a new folder, path or URL; the same sweep in the same folder
    is returned as it is. by_county: count each county too, as the county alone would. frontier: two figures `A,B`,
    a minus before one that is wanted low, to list the policies that no other beats in both.

    Raises StoreError, PolicyError, RunError, ClusterError.
    """
    from clearscale.whatif.sweep import sweep as sweep_policies

    with _opened(cluster) as opened:
        return sweep_policies(
            store, policy, as_of, vary, out, opened, by_county=by_county, best=frontier, progress=progress
        )


def open_sweep(url: str) -> "Sweep":
    """The sweep at a path or URL. Raises RunError if there is none, or it did not finish."""
    from clearscale.whatif.sweep import open_sweep as opened

    return opened(url)


def diff(
    before: Run | str,
    after: Run | str,
    *,
    out: str | None = None,
    cluster: Cluster | str | None = None,
    progress: ProgressCallback | None = None,
) -> "Diff":
    """Compare two runs: which convictions are decided differently, and why.

    The runs may differ in policy, as-of date and snapshot. Decisions are of the same conviction where extract
    (its id, which comes from its bytes) and row are equal; those on an extract that only one run has are in one run
    only. out: a folder, path or URL, for the tables as `changes` and `records` (.parquet and .csv) and `diff.json`;
    files of these names are replaced.

    Raises RunError, StoreError if a run's store is not where it was (people's races are looked up there), and
    ClusterError.
    """
    from clearscale.whatif.diff import diff as diff_runs

    runs = [open_run(each) if isinstance(each, str) else each for each in (before, after)]
    with _opened(cluster) as opened:
        return diff_runs(runs[0], runs[1], opened, out=out, progress=progress)


def explain(run: Run | str, extract: str, row: int) -> "Explanation":
    """Tell why a run decided a conviction as it did: each rule, what it looked at, what missing dates leave open.

    extract: its id or file name, or a text with which only one begins. row: the conviction's record there, from 0,
    as decisions have it. The decision is made once more, from the snapshot and the policy that the run recorded.

    Raises RunError if the row is no decided conviction, or the run was made by another version that decided
    otherwise, and StoreError if the run's store is not where it was.
    """
    from clearscale.whatif.explain import explain as explain_decision

    return explain_decision(open_run(run) if isinstance(run, str) else run, extract, row)
