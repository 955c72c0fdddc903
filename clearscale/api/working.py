"""How the work of a run, or of a store's last ingest, went."""

from typing import Any

from clearscale.errors import ClearscaleError, RunError, StoreError
from clearscale.io.paths import StrPath, path_text
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun

from .arguments import opened_either, place_of
from .logs import log


def work(store: StrPath | None = None, run: Run | ChargeRun | StrPath | None = None) -> dict[str, Any]:
    """Tell how work went: passes, tasks, workers, bytes, memory, and what became of workers.

    It holds nobody's data, and no part of results: the same work elsewhere has the same results and another record.

    Parameters
    ----------
    store : str or os.PathLike, optional
        Path or URL of a store: of its last ingest, from its log.
    run : Run, ChargeRun, str or os.PathLike, optional
        A run, over convictions or over charges, or its path or URL.

    Returns
    -------
    dict
        The record, as JSON has it; see `docs/how-to/watch-a-run.md`.

    Raises
    ------
    StoreError
        If there is no store, or its log tells of no ingest's work.
    RunError
        If there is no finished run, or it tells of no work.
    ClearscaleError
        If neither or both were named.

    Examples
    --------
    >>> import clearscale
    >>> found = clearscale.work(run="runs/july")
    >>> [one["pass"] for one in found["passes"]]
    ['decide convictions', 'write results']
    """
    if (store is None) == (run is None):
        raise ClearscaleError("say whose work to tell of: a store, or a run")
    if run is not None:
        found = opened_either(run).info.get("work")
        if not isinstance(found, dict):
            raise RunError(f"{place_of(run)}: says nothing of its work; an earlier version made it")
        return found
    assert store is not None
    for entry in reversed(log(store).entries):
        if isinstance(entry.get("work"), dict):
            last: dict[str, Any] = entry["work"]
            return last
    raise StoreError(f"{path_text(store, 'store')}: its log tells of no ingest's work")
