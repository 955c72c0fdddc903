"""What a page counts of a run over charges."""

from collections import Counter
from typing import Any

import pyarrow.compute as pc

from clearscale.outputs.disclosure import ChargeCounts
from clearscale.relief.outcomes import NOT_YET, UNDECIDED
from clearscale.runs.charges import ChargeRun

NO_COUNTY = "(not known)"
"""The county of charges of which nobody knows it."""


def counts_of(run: ChargeRun) -> ChargeCounts:
    """Read the counts of a run.

    Parameters
    ----------
    run
        A finished run.

    Returns
    -------
    ChargeCounts

    Raises
    ------
    RunError
        If a file of the run is damaged or missing.
    """
    summary: dict[str, Any] = run.summary
    table = run.table("charges").to_pylist()
    cells = {
        (row["county"] or NO_COUNTY, row["outcome"], row["rule"] or 0): row["charges"]
        for row in table
        if row["scope"] == "county"
    }
    lacking = {
        row["missing"]: row["charges"] for row in run.table("missing").to_pylist() if row["scope"] == "state"
    }
    return ChargeCounts(
        cells,
        {name: counts["people"] for name, counts in summary["outcomes"].items()},
        summary["people_with_candidates"],
        UNDECIDED.name,
        NOT_YET.name,
        lacking,
        _due(run),
    )


def reasons_of(run: ChargeRun) -> dict[tuple[str, int], str]:
    """Return the reason of each outcome and rule; rule 0 is of no rule."""
    return {(row["outcome"], row["rule"] or 0): row["reason"] for row in run.table("charges").to_pylist()}


def _due(run: ChargeRun) -> Counter[int]:
    """Count charges that are not yet due by the year in which they are."""
    found: Counter[int] = Counter()
    for table in run.decisions():
        waiting = table.filter(pc.equal(table.column("outcome").cast("string"), NOT_YET.name))
        for each in pc.value_counts(pc.year(waiting.column("first_eligible"))).to_pylist():
            found[each["values"]] += each["counts"]
    return found
