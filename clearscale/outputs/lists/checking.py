"""Whether a list has what the run's tables count."""

from collections import Counter
from collections.abc import Collection, Mapping

from clearscale.errors import RunError
from clearscale.law import state
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun

Counts = Counter[tuple[str, str]]
"""Decisions by county, empty where it is not known, and outcome."""


def counts_of(run: Run | ChargeRun) -> Counts:
    """What the run's tables count."""
    found: Counts = Counter()
    if isinstance(run, ChargeRun):
        for row in run.table("charges").to_pylist():
            if row["scope"] == "county":
                found[row["county"] or "", row["outcome"]] += row["charges"]
    else:
        table = run.table("convictions").group_by(["county", "determination"])
        for row in table.aggregate([("convictions", "sum")]).to_pylist():
            found[row["county"], row["determination"]] += row["convictions_sum"]
    return +found


def require_same(run: Run | ChargeRun, listed: Mapping[tuple[str, str], int], counties: Collection[str]) -> None:
    """Raise RunError if the decisions of some counties, or of all if none is named, are not those of the tables."""
    in_tables = state().counties.group
    named: Counts = Counter()
    for (county, outcome), count in listed.items():
        named[county if isinstance(run, ChargeRun) else in_tables(county), outcome] += count
    own = set(counties) if isinstance(run, ChargeRun) else set(map(in_tables, counties))
    expected = Counter({key: count for key, count in counts_of(run).items() if not counties or key[0] in own})
    if +named != expected:
        raise RunError(
            f"{run.folder.url}: its decisions by county and outcome are not those of its tables; its files were "
            "changed or are of several runs: make the run again in a new folder"
        )
