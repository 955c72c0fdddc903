"""What becomes due when, of a whole store of charges: as a table, as CSV, and as a chart."""

import datetime
import io
import operator
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from clearscale.dates import as_of_day, iso
from clearscale.io.files import Folder
from clearscale.relief import OUTCOMES, ChargePolicy
from clearscale.relief.forecast import STATE, MonthCounts, count_months, require_months
from clearscale.runs.resident import by_absolute_path
from clearscale.store.charge_store import open_charges
from clearscale.store.logged import logged
from clearscale_cluster import Cluster, Label, ProgressCallback

from .resident import bucket_of
from .run import decider_of

FILES = ("forecast.parquet", "forecast.csv", "forecast.svg")
"""What a forecast leaves in its folder."""

_TICKS = 5
"""Labels that have room along a chart."""

_MONTHS_BY_NAME = 36
"""So many months have their names at the axis; of more only years are named."""


@dataclass(frozen=True)
class ForecastTask:
    """A forecast's inputs, for any of its tasks. store: by its absolute path."""

    store: Folder
    snapshot: str
    policy: ChargePolicy
    as_of: int
    months: int


def count_bucket(task: ForecastTask, bucket: int) -> MonthCounts:
    """Decide a bucket, and count what of it becomes due when."""
    tables = bucket_of(task.store, task.snapshot, bucket).tables
    decisions = decider_of(task.policy, task.as_of).decide(tables)
    return count_months(tables, decisions, task.policy, task.as_of, task.months)


def forecast_charges(
    store: str,
    policy: ChargePolicy,
    as_of: str,
    months: int,
    out: str | None,
    cluster: Cluster,
    progress: ProgressCallback | None = None,
) -> pa.Table:
    """Count what becomes due in each month; see `clearscale.forecast`."""
    require_months(months)
    opened = open_charges(store)
    task = ForecastTask(by_absolute_path(opened.folder), opened.manifest.snapshot, policy, as_of_day(as_of), months)
    counted: MonthCounts = cluster.reduce(
        partial(count_bucket, task),
        range(opened.buckets),
        operator.add,
        label=Label("decide charges", "buckets"),
        progress=progress,
    )
    table = counted.table()
    if out is not None:
        folder = opened.folder.like(Folder.rooted(out))
        folder.declare()
        folder.write_parquet(FILES[0], table)
        sheet = io.BytesIO()
        pyarrow.csv.write_csv(table, sheet)
        folder.write(FILES[1], sheet.getvalue())
        folder.write(FILES[2], chart(table, iso(task.as_of), months).encode())
    logged(
        opened.folder,
        "forecast",
        snapshot=opened.manifest.snapshot,
        policy=policy.digest(),
        as_of=iso(task.as_of),
        months=months,
    )
    return table


def chart(table: pa.Table, as_of: str, months: int) -> str:
    """Draw how many charges of the state are due in each month, of each outcome, as SVG.

    Lines go from the date on which it begins to the end of the last month, whether or not more becomes due.
    """
    # Imported where something is drawn: the library takes long to import.
    from clearscale.drawing.vega import SERIES, draw

    end = end_of(as_of, months)
    values: list[dict[str, Any]] = []
    state = table.filter(pc.equal(table.column("scope"), STATE)).to_pylist()
    names = list(dict.fromkeys(row["outcome"] for row in state))
    for name in names:
        rows = [row for row in state if row["outcome"] == name]
        # In the month that it begins with, nothing is due before that day.
        days = [max(row["month"].isoformat(), as_of) if row["month"] else as_of for row in rows]
        totals = list(accumulate(row["charges"] for row in rows))
        steps = [*zip(days, totals, strict=True), (end, totals[-1])]
        if rows[0]["month"]:
            steps.insert(0, (as_of, 0))
        values += [{"month": day, "due": due, "outcome": OUTCOMES[name].text} for day, due in steps]
    texts = [OUTCOMES[name].text for name in names]
    color = {"domain": texts, "range": [SERIES[place % len(SERIES)] for place in range(len(texts))]}
    return draw(
        {
            "data": {"values": values},
            "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2},
            "height": 220,
            "encoding": {
                "x": {
                    "field": "month",
                    "type": "temporal",
                    "title": None,
                    "scale": {"type": "utc"},
                    "axis": _axis(months),
                },
                "y": {"field": "due", "type": "quantitative", "title": "charges that are due"},
                "color": {"field": "outcome", "type": "nominal", "title": None, "scale": color},
            },
        }
    )


def end_of(as_of: str, months: int) -> str:
    """The first day after so many months, the one of the date being the first, or the last of all days."""
    year, month = divmod(int(as_of[:4]) * 12 + int(as_of[5:7]) - 1 + months, 12)
    return f"{year:04d}-{month + 1:02d}-01" if year <= datetime.MAXYEAR else datetime.date.max.isoformat()


def _axis(months: int) -> dict[str, Any]:
    """Ticks at years where there are enough of them, else at months: no label stands twice."""
    if months > _MONTHS_BY_NAME:
        return {"format": "%Y", "tickCount": {"interval": "year", "step": -(-months // (12 * _TICKS))}}
    step = next(span for span in (1, 2, 3, 4, 6, 12) if span * _TICKS >= months)
    return {"format": "%b %Y", "tickCount": {"interval": "month", "step": step}}
