"""A run's figures of the state in words, for terminals and notebooks."""

from typing import TYPE_CHECKING

from clearscale.policy import DISMISS, REDUCE

from . import summary_keys as keys

if TYPE_CHECKING:
    from .opened import Run


def statewide_title(run: "Run") -> str:
    """What the figures are of."""
    summary = run.summary
    return f"Statewide, {summary['policyTitle']}, as of {summary['asOf']}"


def statewide_figures(run: "Run") -> list[tuple[str, int]]:
    """Return the names of the figures, and how many."""
    summary = run.summary
    people = keys.people(summary)
    outcomes = _outcomes(run)
    return [
        ("counties", summary["counties"]),
        ("people with Prop 64 convictions", people["with_prop64"]),
        ("Prop 64 felonies", summary[keys.FELONIES]),
        ("  dismissed", outcomes.get(("felony", DISMISS), 0)),
        ("  reduced", outcomes.get(("felony", REDUCE), 0)),
        ("other Prop 64 convictions", summary[keys.NOT_FELONIES]),
        ("  dismissed", outcomes.get(("not a felony", DISMISS), 0)),
        ("people with some relief", people["some_relief"]),
        ("people who no longer have a felony", people["no_felony"]),
        ("people who no longer have a conviction", people["no_conviction"]),
        ("people without one in the last 7 years", people["no_recent_conviction"]),
    ]


def _outcomes(run: "Run") -> dict[tuple[str, str], int]:
    """Count Prop 64 convictions statewide by (severity, determination)."""
    names = ["section", "severity", "determination"]
    table = run.table("convictions").select([*names, "convictions_once"])
    counts: dict[tuple[str, str], int] = {}
    for row in table.group_by(names).aggregate([("convictions_once", "sum")]).to_pylist():
        if row["section"] != "related":
            key = (row["severity"], row["determination"])
            counts[key] = counts.get(key, 0) + row["convictions_once_sum"]
    return counts
