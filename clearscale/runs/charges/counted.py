"""Charges that are in memory, decided and counted as a run does it, without a folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.charges.tables import Tables
from clearscale.relief import NO_CANDIDATE, ChargePolicy, Decider

from .counting import Counts, count
from .naming import Names, named
from .packing import Packing
from .tabling import summary_of, tables_of


@dataclass(frozen=True, eq=False)
class Counted:
    """What a run would tell.

    Attributes
    ----------
    summary
        As a run's `summary.json`.
    tables
        `charges`, `people`, `missing` and `due`, as a run's folder has them.
    """

    summary: Mapping[str, Any]
    tables: Mapping[str, pa.Table]

    def table(self, name: str) -> pa.Table:
        """A table of counts, as of `ChargeRun.table`."""
        return self.tables[name]


def count_decided(tables: Tables, decider: Decider, packing: Packing) -> Counts:
    """Decide and count a bucket.

    Parameters
    ----------
    tables
        The bucket's.
    decider
        Of the policy and the day.
    packing
        Of the store and the policy.

    Returns
    -------
    Counts
    """
    decisions = decider.decide(tables)
    return count(tables, decisions, np.flatnonzero(decisions.outcome != NO_CANDIDATE), decider.as_of, packing)


def counted(counts: Counts, policy: ChargePolicy, as_of: int, names: Names) -> Counted:
    """What a run would tell of counts of all buckets.

    Parameters
    ----------
    counts
        Of all buckets.
    policy, as_of
        What decided.
    names
        Of the store.

    Returns
    -------
    Counted
    """
    _, crowd, words = named(counts.unlisted, counts.crowd, names)
    return Counted(summary_of(counts, policy, as_of), tables_of(counts, crowd, policy, words))
