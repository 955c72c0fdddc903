"""What other policies would do, what differs between two runs, and why a conviction was decided as it was."""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from clearscale.io.paths import StrPath
from clearscale.policy import Policy
from clearscale.runs import Run
from clearscale.whatif.diff import Diff
from clearscale.whatif.diff import diff as diff_runs
from clearscale.whatif.explain import Explanation
from clearscale.whatif.explain import explain as explain_decision
from clearscale.whatif.sweep import Sweep
from clearscale.whatif.sweep import sweep as sweep_policies
from clearscale_cluster import Cluster, ProgressCallback

from .arguments import opened_run, optional_path
from .clusters import opened as opened_cluster


def sweep(
    store: StrPath,
    policy: StrPath | Policy | dict[str, Any],
    as_of: str,
    vary: Iterable[str] | Mapping[str, Sequence[Any]],
    out: StrPath,
    *,
    by_county: bool = False,
    frontier: str | None = None,
    cluster: Cluster | StrPath | None = None,
    progress: ProgressCallback | None = None,
) -> Sweep:
    """Count what each of many policies would do, and write a table, a chart and, of eligibility options, a cube.

    policy: the name of a pack, a policy file, a file of eligibility options (JSON), the options themselves, or a
    policy in memory. vary: settings by parameter, or texts such as `age=0,40..65`; `every` stands for all settings
    of all eligibility options. as_of: YYYY-MM-DD. out: a new folder, path or URL; the same sweep in the same folder
    is returned as it is. by_county: count each county too, as the county alone would. frontier: two figures `A,B`,
    a minus before one that is wanted low, to list the policies that no other beats in both.

    Raises StoreError, PolicyError, RunError, ClusterError.
    """
    with opened_cluster(cluster) as opened:
        return sweep_policies(
            os.fspath(store),
            os.fspath(policy) if isinstance(policy, os.PathLike) else policy,
            as_of,
            vary,
            os.fspath(out),
            opened,
            by_county=by_county,
            best=frontier,
            progress=progress,
        )


def diff(
    before: Run | StrPath,
    after: Run | StrPath,
    *,
    out: StrPath | None = None,
    cluster: Cluster | StrPath | None = None,
    progress: ProgressCallback | None = None,
) -> Diff:
    """Compare two runs: which convictions are decided differently, and why.

    The runs may differ in policy, as-of date and snapshot. Decisions are of the same conviction where extract
    (its id, which comes from its bytes) and row are equal; those on an extract that only one run has are in one run
    only. out: a folder, path or URL, for the tables as `changes` and `records` (.parquet and .csv) and `diff.json`;
    files of these names are replaced.

    Raises RunError, StoreError if a run's store is not where it was (people's races are looked up there), and
    ClusterError.
    """
    first, second = opened_run(before), opened_run(after)
    with opened_cluster(cluster) as opened:
        return diff_runs(first, second, opened, out=optional_path(out), progress=progress)


def explain(run: Run | StrPath, extract: str, row: int) -> Explanation:
    """Tell why a run decided a conviction as it did: each rule, what it looked at, what missing dates leave open.

    extract: its id or file name, or a text with which only one begins. row: the conviction's record there, from 0,
    as decisions have it. The decision is made once more, from the snapshot and the policy that the run recorded.

    Raises RunError if the row is no decided conviction, or the run was made by another version that decided
    otherwise, and StoreError if the run's store is not where it was.
    """
    return explain_decision(opened_run(run), extract, row)
