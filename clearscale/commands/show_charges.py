"""Runs over charges as a person reads them on a terminal."""

from typing import TYPE_CHECKING

from clearscale.relief import OUTCOMES
from clearscale_cluster.shown import say

from .drawn import Table, figures_table

if TYPE_CHECKING:
    import pyarrow as pa

    from clearscale.runs.charges import ChargeRun

    from .demo_charges import Demonstration


def run(finished: "ChargeRun") -> None:
    """Show the figures of the state, and what undecided charges lack."""
    summary = finished.summary
    title = f"Statewide, {summary['policyTitle']}, as of {summary['asOf']}"
    rows = [
        ("charges in the store", summary["charges"]),
        ("charges that the policy decides", summary["candidates"]),
        ("charges of which nobody knows whether it does", summary["unsure"]),
        ("people with charges that it decides", summary["people_with_candidates"]),
    ]
    figures_table(title, rows).draw()
    table = Table("Outcomes")
    table.add_column("outcome", no_wrap=True)
    for name in ("charges", "people"):
        table.add_column(name, right=True)
    for name, counts in summary["outcomes"].items():
        if counts["charges"]:
            table.add_row(OUTCOMES[name].text, f"{counts['charges']:,}", f"{counts['people']:,}")
    table.draw()
    lacking = [row for row in finished.table("missing").to_pylist() if row["scope"] == "state"]
    if lacking:
        figures_table("Missing data", [(row["missing"], row["charges"]) for row in lacking]).draw()
    say(f"Run: {finished.folder.url} ({finished.info['seconds']} s)")


def demo(made: "Demonstration") -> None:
    """Show a finished demo: its run, then where everything is."""
    run(made.run)
    say(
        f"charges: {made.file}",
        f"what they were made of: {made.truth}",
        f"store: {made.store}",
        f"decisions, totals and tables: {made.run.folder.url}",
        "report, to open in a browser or print:",
        *(f"  {path}" for path in made.report),
    )


def forecast(found: "pa.Table") -> None:
    """Show what of the state becomes due in each year."""
    counts: dict[tuple[str, str], list[int]] = {}
    for row in found.to_pylist():
        if row["scope"] == "state":
            year = str(row["month"].year) if row["month"] else "already"
            of_year = counts.setdefault((year, row["outcome"]), [0, 0])
            of_year[0] += row["charges"]
            of_year[1] += row["people"]
    table = Table("Becomes due, statewide")
    table.add_column("year", no_wrap=True)
    table.add_column("outcome", no_wrap=True)
    for name in ("charges", "people for the first time"):
        table.add_column(name, right=True)
    for (year, outcome), (charges, people) in sorted(
        counts.items(), key=lambda item: (item[0][0] != "already", *item[0])
    ):
        table.add_row(year, OUTCOMES[outcome].text, f"{charges:,}", f"{people:,}")
    table.draw()
