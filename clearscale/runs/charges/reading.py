"""Decisions of a finished run over charges, beside what its store knows of the charges."""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from clearscale.charges.tables import Tables
from clearscale.errors import RunError
from clearscale.relief.deciding import NO_RULE_HOLDS
from clearscale.runs.finished import FinishedRun
from clearscale.runs.opened import require_valid
from clearscale.runs.resident import by_absolute_path
from clearscale.runs.stores import open_charges_of
from clearscale_kernels.arrays import Int64s

from .decisions import Recorded, decision_table
from .resident import read_bucket


class Decided(NamedTuple):
    """Decisions of a bucket.

    Attributes
    ----------
    table
        See `decisions.COLUMNS`.
    rows : int64, shape (n,)
        The charge of each as a row of the bucket's tables; None in a run of a version that did not record it.
    tables
        The bucket's; None as well.
    """

    table: pa.Table
    rows: Int64s | None
    tables: Tables | None


def read_decisions(run: FinishedRun, bucket: int, columns: Sequence[str] | None = None) -> Decided:
    """Read the decisions of a bucket.

    Parameters
    ----------
    run
        Over charges.
    bucket
        From 0.
    columns
        Those that are wanted, all if None.

    Returns
    -------
    Decided

    Raises
    ------
    RunError
        If a file of the run is damaged or missing, or records that it was made from were destroyed since.
    StoreError
        If the run's store is not where it was, or is damaged.
    """
    name = run.info["decisions"][bucket]
    if name.endswith(".parquet"):
        # A run of a version whose files had all columns.
        return Decided(run.files.read_parquet(name, None if columns is None else [*columns]), None, None)
    recorded = Recorded(run.files.read_arrow(name))
    require_valid(run.folder, run.info)
    store = open_charges_of(run)
    found = read_bucket(by_absolute_path(store.folder), store.manifest.snapshot, bucket)
    if recorded.charges != found.tables.rows:
        raise RunError(
            f"{store.folder.url}: has not all charges that the run decided; its files were changed or are of "
            "several runs: make the run again in a new folder"
        )
    reasons = [*(rule["reason"] for rule in run.info["policy"]["rules"]), NO_RULE_HOLDS]
    return Decided(decision_table(found, recorded, reasons, columns), recorded.rows, found.tables)
