"""What becomes due when, if nothing changes but the date: charges and people, month by month."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from clearscale.charges.tables import Tables
from clearscale.errors import PolicyError
from clearscale_kernels.arrays import Int64s
from clearscale_kernels.relief import counting

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
    require_months(months)
    decider = Decider(policy, as_of)
    counted: MonthCounts | None = None
    for tables in (buckets,) if isinstance(buckets, Tables) else buckets:
        found = count_months(tables, decider.decide(tables), policy, as_of, months)
        counted = found if counted is None else counted + found
    return FORECAST.empty_table() if counted is None else counted.table()


def require_months(months: int) -> None:
    """Raise PolicyError if a number of months is none of a forecast."""
    if not 1 <= months <= MOST_MONTHS:
        raise PolicyError(f"a forecast is of 1 to {MOST_MONTHS:,} months, not of {months:,}")


@dataclass(frozen=True)
class MonthCounts:
    """Counts of some buckets.

    Attributes
    ----------
    as_of
        Day number.
    counties
        By their codes.
    counts : int64, shape (2, counties + 2, outcomes, months + 1)
        Charges, then people, by place (0 the state, 1 where nobody knows the county, then counties), outcome, and
        month (0: due already; 1: that of the as-of date).
    """

    as_of: int
    counties: tuple[str, ...]
    counts: Int64s

    def __add__(self, other: "MonthCounts") -> "MonthCounts":
        return MonthCounts(self.as_of, self.counties, self.counts + other.counts)

    def table(self) -> pa.Table:
        """The counts as `FORECAST` says."""
        names = [None, None, *self.counties]
        order = [0, 1, *(2 + place for place in np.argsort(np.array(self.counties, dtype=object), kind="stable"))]
        county, outcome, month = np.nonzero(self.counts[0][order])
        county = np.array(order)[county]
        firsts = (_month_of(self.as_of) - 1 + month).astype("datetime64[M]").astype("datetime64[D]")
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


def count_months(
    tables: Tables, decisions: Decisions, policy: ChargePolicy, as_of: int, months: int
) -> MonthCounts:
    """Count what of a bucket becomes due when."""
    counts = np.zeros((2, len(tables.words.counties) + counting.FIRST, len(_OUTCOMES), months + 1), np.int64)
    gives = np.array([*(rule.outcome.code for rule in policy.rules), NOT_YET.code])  # the last is of no rule
    relief = np.array([outcome.relief for outcome in _OUTCOMES])
    waits = decisions.outcome == NOT_YET.code
    month = np.where(waits, _months(decisions.first_eligible) - _month_of(as_of) + 1, 0)
    due = (decisions.outcome >= 0) & relief[decisions.outcome]
    kept = np.flatnonzero((waits | due) & (month <= months))
    found = counting.Due(
        tables.charges.person[kept],
        tables.charges.county[kept],
        gives[decisions.rule[kept]].astype(np.int8),
        month[kept].astype(np.int32),
    )
    first = counting.First(*(np.full(counts.shape[1:3], -1, np.int32) for _ in range(2)))
    counting.count_due(found, first, counts)
    return MonthCounts(as_of, tables.words.counties, counts)


def _months(days: np.ndarray) -> np.ndarray:
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _month_of(day: int) -> int:
    return int(_months(np.array([day]))[0])
