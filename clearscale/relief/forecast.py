"""What becomes due when, if nothing changes but the date: charges and people, month by month."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from clearscale.charges.tables import Tables
from clearscale.errors import PolicyError
from clearscale_kernels.arrays import Int64s

from .deciding import Decider, Decisions
from .language import ChargePolicy
from .outcomes import NOT_YET, OUTCOMES

STATE, COUNTY = "state", "county"
"""What a row counts: everybody, or the charges of a county."""

FORECAST = pa.schema(
    [
        pa.field("month", pa.date32()),
        pa.field("scope", pa.string()),
        pa.field("county", pa.string()),
        pa.field("outcome", pa.string()),
        pa.field("charges", pa.int64()),
        pa.field("people", pa.int64()),
    ]
)
"""A month, a county and an outcome a row. month: its first day; null for what is due already. county: null where
it is not known, and of the state. people: those for whom it is the first such charge."""

MOST_MONTHS = 1200
_OUTCOMES = tuple(OUTCOMES.values())


def forecast(
    buckets: Tables | Iterable[Tables],
    policy: ChargePolicy,
    as_of: int,
    months: int = 120,
) -> pa.Table:
    """Count what becomes due in each month.

    Parameters
    ----------
    buckets
        Charges of whole people, with the same words in all buckets.
    policy
        What is decided by.
    as_of
        Day number.
    months
        How many, the month of the as-of date being the first; what comes later is not counted.

    Returns
    -------
    Table
        As `FORECAST` says, without rows of nothing; in the order of scope, county, outcome and month.

    Raises
    ------
    PolicyError
        If the number of months is none.
    """
    if not 1 <= months <= MOST_MONTHS:
        raise PolicyError(f"a forecast is of 1 to {MOST_MONTHS:,} months, not of {months:,}")
    decider = Decider(policy, as_of)
    counted = _Counted(as_of, months)
    for tables in (buckets,) if isinstance(buckets, Tables) else buckets:
        counted.add(tables, decider.decide(tables), policy)
    return counted.table()


class _Counted:
    """Counts by (0 the state, 1 nobody knows the county, others), outcome, and month (0: due already)."""

    def __init__(self, as_of: int, months: int) -> None:
        self.as_of, self.months = as_of, months
        self.counties: tuple[str, ...] = ()
        self.counts: Int64s | None = None  # shape (2, counties + 2, outcomes, months + 1): charges, people

    def add(self, tables: Tables, decisions: Decisions, policy: ChargePolicy) -> None:
        if self.counts is None:
            self.counties = tables.words.counties
            self.counts = np.zeros((2, len(self.counties) + 2, len(_OUTCOMES), self.months + 1), np.int64)
        gives = np.array([*(rule.outcome.code for rule in policy.rules), NOT_YET.code])  # the last is of no rule
        relief = np.array([outcome.relief for outcome in _OUTCOMES])
        outcomes = gives[decisions.rule]
        waits = decisions.outcome == NOT_YET.code
        month = np.where(waits, self._months(decisions.first_eligible), 0)
        due = (decisions.outcome >= 0) & relief[decisions.outcome]
        kept = np.flatnonzero((waits | due) & (month <= self.months))
        people, outcomes, month = tables.charges.person[kept], outcomes[kept], month[kept]
        counties = tables.charges.county[kept].astype(np.int64) + 2
        for county in (np.zeros_like(counties), counties):
            np.add.at(self.counts[0], (county, outcomes, month), 1)
            order = np.lexsort((month, outcomes, county, people))
            keys = np.stack((people, county, outcomes))[:, order]
            first = np.ones(order.size, np.bool_)
            first[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
            chosen = order[first]
            np.add.at(self.counts[1], (county[chosen], outcomes[chosen], month[chosen]), 1)

    def _months(self, days: np.ndarray) -> np.ndarray:
        """How many months each day lies behind the as-of date's, from 1."""
        return _month(days) - int(_month(np.array([self.as_of]))[0]) + 1

    def table(self) -> pa.Table:
        if self.counts is None:
            return FORECAST.empty_table()
        names = [None, None, *self.counties]
        order = [0, 1, *(2 + place for place in np.argsort(np.array(self.counties, dtype=object), kind="stable"))]
        county, outcome, month = np.nonzero(self.counts[0][order])
        county = np.array(order)[county]
        base = int(_month(np.array([self.as_of]))[0]) - 1
        firsts = (base + month).astype("datetime64[M]").astype("datetime64[D]")
        charges, people = (counts[county, outcome, month] for counts in self.counts)
        return pa.table(
            [
                pa.array(firsts, pa.date32(), mask=month == 0),
                pa.array([STATE if place == 0 else COUNTY for place in county], pa.string()),
                pa.array([names[place] for place in county], pa.string()),
                pa.array([_OUTCOMES[place].name for place in outcome], pa.string()),
                pa.array(charges),
                pa.array(people),
            ],
            schema=FORECAST,
        )


def _month(days: np.ndarray) -> np.ndarray:
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
