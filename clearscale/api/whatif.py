"""What other policies would do, what differs between two runs, and why a conviction was decided as it was."""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from clearscale.errors import RunError
from clearscale.io.paths import StrPath, path_text
from clearscale.io.urls import absolute
from clearscale.policy import Policy
from clearscale.policy.locating import is_over_charges
from clearscale.relief import ChargePolicy
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun
from clearscale.runs.logged import logged_of
from clearscale.store.logged import logged
from clearscale.whatif.diff import Diff
from clearscale.whatif.diff import diff as diff_runs
from clearscale.whatif.diff.charges import ChargeDiff, diff_charges
from clearscale.whatif.explain import Explanation
from clearscale.whatif.explain import explain as explain_decision
from clearscale.whatif.sweep import Sweep
from clearscale.whatif.sweep import sweep as sweep_policies
from clearscale.whatif.sweep.charges import sweep_charges
from clearscale_cluster import ProgressCallback

from .arguments import opened_either, opened_run, optional_path, whole_number
from .clusters import Place
from .clusters import opened as opened_cluster


def sweep(
    store: StrPath,
    policy: StrPath | Policy | ChargePolicy | dict[str, Any],
    as_of: str,
    vary: Iterable[str] | Mapping[str, Sequence[Any]],
    out: StrPath,
    *,
    by_county: bool = False,
    frontier: str | None = None,
    allow: Sequence[str] = (),
    cluster: Place | None = None,
    progress: ProgressCallback | None = None,
) -> Sweep:
    """Count what each of many policies would do, and write a table and a chart.

    Of eligibility options a cube is written too, which answers for all 884,736 of them; see `Sweep.look_up`. A
    policy over charges is swept over a store of charges; nothing of such a sweep is hidden, its page included.

    Parameters
    ----------
    store : str or os.PathLike
        Path or URL of the store; its snapshot in force is counted.
    policy : str, os.PathLike, Policy, ChargePolicy or dict
        As for `run`, but no policy map, or as for `run_charges`. Parameters that are not varied keep its settings.
    as_of : str
        The date to decide for, `YYYY-MM-DD`.
    vary : iterable of str, or mapping of str to sequence
        Texts such as `age=0,40..65`, or settings by parameter such as `{"age": [0, 40, 41]}`. `every` stands for
        all settings of all eligibility options. `policy` and, of charges, `as_of` are varied like parameters.
    out : str or os.PathLike
        A new folder, path or URL. If it holds the same sweep, finished, that is returned.
    by_county : bool, default False
        Count each county too, as the county alone would, or of charges those of each county; otherwise only the
        state, each person once.
    frontier : str, optional
        Two figures `A,B`, a minus before one that is wanted low: the policies that no other beats in both are
        listed.
    allow : sequence of str, optional
        Names of findings that do not refuse a policy, as for `run`.
    cluster : Cluster, str, os.PathLike, distributed.Client or a Dask cluster, optional
        Where to work: a specification such as `threads:2` or `local:4`, an open cluster, or a client or cluster of
        Dask's; None for threads of this process, unless Dask is told of a scheduler. See
        `clearscale_cluster.open_cluster`.
    progress : callable, optional
        Called with (done, total, label) in the caller's thread; `clearscale_cluster.TerminalProgress()` in a `with`
        statement is what the commands use.

    Returns
    -------
    Sweep
        The finished sweep.

    Raises
    ------
    StoreError
        If there is no store.
    PolicyError
        If there is no such policy, parameter or setting, or something is wrong with a policy.
    RunError
        If `out` holds something else, or there would be too many rows.
    StorageError
        If an object storage refuses, or cannot be reached.
    ClusterError
        If the cluster cannot be had, or was lost.

    Examples
    --------
    >>> import clearscale
    >>> sweep = clearscale.sweep("store", "policy.json", "2020-07-01", {"age": [0, 50, 60]}, "sweeps/ages")
    >>> sweep.table().column("age").to_pylist()
    [0, 50, 60]
    """
    how: dict[str, Any] = {"by_county": by_county, "best": frontier, "allow": allow, "progress": progress}
    place = path_text(store, "store"), path_text(out, "out")
    with opened_cluster(cluster) as opened:
        if (over_charges := _over_charges(policy)) is not None:
            finished = sweep_charges(place[0], over_charges, as_of, vary, place[1], opened, **how)
        else:
            assert not isinstance(policy, ChargePolicy)
            finished = sweep_policies(place[0], policy, as_of, vary, place[1], opened, **how)
    info = finished.info
    logged(
        info["store"],
        "sweep",
        snapshot=info["snapshot"],
        out=absolute(finished.folder.url),
        digests={"sweep": info["key"]},
        as_of=info["as_of"],
        accepted=list(allow),
    )
    return finished


def _over_charges(policy: Any) -> str | ChargePolicy | None:
    """Return a policy over charges, or its reference; None for any other."""
    if isinstance(policy, ChargePolicy):
        return policy
    if isinstance(policy, str | os.PathLike) and is_over_charges(path_text(policy, "policy")):
        return path_text(policy, "policy")
    return None


def diff(
    before: Run | ChargeRun | StrPath,
    after: Run | ChargeRun | StrPath,
    *,
    out: StrPath | None = None,
    cluster: Place | None = None,
    progress: ProgressCallback | None = None,
) -> Diff | ChargeDiff:
    """Compare two runs: which convictions or charges are decided differently, and why.

    The runs may differ in policy, as-of date and snapshot. Decisions are of the same conviction where extract and
    row are equal, and of the same charge where file and line are. An extract's id comes from its bytes, so a
    county's new extract has another id than the one it replaces: there, person, county, day and code section tell
    the same conviction, and of files of charges person or case, number and statute.

    Parameters
    ----------
    before, after : Run, ChargeRun, str or os.PathLike
        The runs, or their paths or URLs: both over convictions, or both over charges.
    out : str or os.PathLike, optional
        A folder, path or URL, for the tables as `changes` and `records` (`.parquet` and `.csv`) and `diff.json`;
        files of these names are replaced. Records of charges are a folder of Parquet files, and CSV up to a million
        rows.
    cluster : Cluster, str, os.PathLike, distributed.Client or a Dask cluster, optional
        Where to work: a specification such as `threads:2` or `local:4`, an open cluster, or a client or cluster of
        Dask's; None for threads of this process, unless Dask is told of a scheduler. See
        `clearscale_cluster.open_cluster`.
    progress : callable, optional
        Called with (done, total, label) in the caller's thread; `clearscale_cluster.TerminalProgress()` in a `with`
        statement is what the commands use.

    Returns
    -------
    Diff or ChargeDiff
        What differs.

    Raises
    ------
    RunError
        If there is no such run, or one is over convictions and the other over charges.
    StoreError
        If a run's store is not where it was: people are looked up there.
    StorageError
        If an object storage refuses, or cannot be reached.
    ClusterError
        If the cluster cannot be had, or was lost.

    Examples
    --------
    >>> import clearscale
    >>> difference = clearscale.diff("runs/july", "runs/dismiss-all")
    >>> difference.info["differ"]
    ['policy']
    """
    first, second = opened_either(before), opened_either(after)
    if isinstance(first, Run) != isinstance(second, Run):
        over = {run.folder.url: "convictions" if isinstance(run, Run) else "charges" for run in (first, second)}
        raise RunError(
            "; ".join(f"{url} is over {what}" for url, what in over.items()) + ": compare two runs of one kind"
        )
    logged_of([first, second], "diff", out=absolute(path_text(out, "out")) if out is not None else None)
    with opened_cluster(cluster) as opened:
        if isinstance(first, Run) and isinstance(second, Run):
            return diff_runs(first, second, opened, out=optional_path(out), progress=progress)
        assert isinstance(first, ChargeRun)
        assert isinstance(second, ChargeRun)
        return diff_charges(first, second, opened, out=optional_path(out), progress=progress)


def explain(run: Run | StrPath, extract: str, row: int) -> Explanation:
    """Tell why a run decided a conviction as it did: each rule, what it looked at, what missing dates leave open.

    The decision is made once more, from the snapshot and the policy that the run recorded.

    Parameters
    ----------
    run : Run, str or os.PathLike
        The run, or its path or URL.
    extract : str
        The extract's id or file name, or a text with which only one begins.
    row : int
        The conviction's record in the extract, from 0, as decisions have it.

    Returns
    -------
    Explanation
        The answer; it holds a person's data.

    Raises
    ------
    RunError
        If there is no run, the row is no decided conviction, or the run was made by another version that decided
        otherwise.
    StoreError
        If the run's store is not where it was.
    StorageError
        If an object storage refuses, or cannot be reached.

    Examples
    --------
    >>> import clearscale
    >>> run = clearscale.open_run("runs/july")
    >>> decision = run.decisions().slice(0, 1).to_pylist()[0]
    >>> explanation = clearscale.explain(run, decision["extract"], decision["row"])
    >>> explanation.reason == decision["reason"]
    True
    """
    source = opened_run(run)
    explained = explain_decision(source, extract, whole_number(row, "row"))
    # Where the record lies, not what it says; and before anybody sees it.
    logged_of(source, "explain", extract=explained.extract, rows=[explained.row], records=1)
    return explained
