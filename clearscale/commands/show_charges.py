"""Runs over charges as a person reads them on a terminal."""

from collections import Counter
from typing import TYPE_CHECKING

from clearscale.relief import OUTCOMES
from clearscale.relief.outcomes import NOT_YET, UNDECIDED
from clearscale.small_counts import SUPPRESS_BELOW
from clearscale_cluster.shown import say

from .drawn import Table, figures_table, stacked
from .show import run_line

if TYPE_CHECKING:
    import pyarrow as pa

    from clearscale.runs.charges import ChargeRun
    from clearscale.whatif.explain.charges import ChargeExplanation

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
    _places(finished)
    run_line(finished)


def _places(finished: "ChargeRun", most: int = 10) -> None:
    """Show the courts of the most charges, or the counties where no record names a court, if there are several."""
    rows = finished.table("charges").to_pylist()
    scope = "court" if any(row["scope"] == "court" for row in rows) else "county"
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in rows:
        if row["scope"] == scope:
            counts = found.setdefault((row["county"] or "(not known)", row["court"] or "(not named)"), Counter())
            kinds = {"charges": True, "relief": OUTCOMES[row["outcome"]].relief, row["outcome"]: True}
            counts.update({kind: row["charges"] for kind, holds in kinds.items() if holds})
    if len(found) < 2:
        return
    table = Table("Courts" if scope == "court" else "Counties")
    table.add_column("county", no_wrap=True)
    if scope == "court":
        table.add_column("court", overflow="fold")
    shown = ("charges", "relief", NOT_YET.name, UNDECIDED.name)
    for name in shown:
        table.add_column(name, right=True)
    # A rare name may be a person's, where a record is out of place.
    many = [place for place in found if found[place]["charges"] >= SUPPRESS_BELOW]
    order = sorted(many, key=lambda place: (-found[place]["charges"], place))[:most]
    for place in order:
        table.add_row(*place[: 1 + (scope == "court")], *(f"{found[place][name]:,}" for name in shown))
    if len(found) > len(order):
        table.remark(f"and {len(found) - len(order)} more")
    table.draw()


_CHECKED = {
    "no court": ("no-court", "unknown-court"),
    "no statute": ("no-statute", "unknown-statute", "attempt-of-nothing"),
    "no level": ("no-level",),
    "no dispo- sition": ("no-disposition", "unknown-disposition"),
    "odd dates": ("no-disposition-date", "doubtful-date", "ended-before-it-began"),
    "nobody's": ("unknown-people",),
}
"""Columns of the counties' table of a check, words of its heading a line, and the findings that each adds up."""


def check(table: "pa.Table", out: str | None, most: int = 10) -> None:
    """Show the findings of a store of charges: those of all, the weightiest by county, and those of ingests."""
    from clearscale.checks.charge_vocabulary import CHARGE_FINDINGS, NOTICED

    rows = table.to_pylist()
    of_all = [row for row in rows if row["scope"] == "state"]
    figures = [
        (" ".join([CHARGE_FINDINGS[row["finding"]], row["detail"]]).strip(), row["count"])
        for row in of_all
        if row["finding"] not in NOTICED
    ]
    figures_table("All charges, each person once", figures).draw()
    counties: dict[str, Counter[str]] = {}
    for row in rows:
        if row["scope"] == "county":
            found = counties.setdefault(row["county"], Counter())
            for name, findings in (("charges", ("charges",)), *_CHECKED.items()):
                found[name] += row["count"] if row["finding"] in findings else 0
    shown = Table("By county")
    shown.add_column("county", overflow="fold")
    for name in ("charges", *_CHECKED):
        shown.add_column(stacked(name), right=True, no_wrap=True)
    for county in sorted(counties, key=lambda county: (-counties[county]["charges"], county))[:most]:
        cells = (f"{counties[county][name]:,}" for name in ("charges", *_CHECKED))
        shown.add_row(county or "(not known)", *cells)
    if len(counties) > most:
        shown.remark(f"and {len(counties) - most} more")
    shown.draw()
    noticed = Table("Found at the ingest")
    for title in ("file", "finding", "grade"):
        noticed.add_column(title, overflow="fold")
    noticed.add_column("count", right=True)
    found_in_files = [row for row in rows if row["scope"] == "file" and row["finding"] in NOTICED]
    several = len({row["extract"] for row in rows if row["scope"] == "file"}) > 1
    of_one = {(row["finding"], row["detail"]) for row in found_in_files}
    together = [row for row in of_all if row["finding"] in NOTICED]
    for row in (*found_in_files, *together):
        # What was found in the only file is not said twice.
        if row["extract"] or several or (row["finding"], row["detail"]) not in of_one:
            words = f"{row['finding']}: {NOTICED[row['finding']]}"
            noticed.add_row(row["extract"] or "all together", words, row["detail"], f"{row['count']:,}")
    if noticed.row_count:
        noticed.draw()
    if out is not None:
        say(f"Table: {out}")


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


def explain(found: "ChargeExplanation") -> None:
    """Show a charge's record, what was decided of it, and every rule with what it asked."""
    decision = Table("Decision", show_header=False)
    decision.add_column()
    decision.add_column(overflow="fold")
    of_person = f"{found.charges} charges in {found.cases} cases"
    rows = {
        "record": f"{found.file}, line {found.line}",
        **found.record,
        "person": of_person,
        "policy": found.policy,
        "as of": found.as_of,
        "outcome": found.outcome,
        "decided by": "no rule" if found.rule is None else f"rule {found.rule}: {found.reason}",
        "first eligible": found.first_eligible or "-",
        "missing": "; ".join(found.missing) or "-",
    }
    for name, value in rows.items():
        decision.add_row(name.replace("_", " "), value)
    decision.draw()
    table = Table("Rules, in order")
    table.add_column("rule", right=True)
    table.add_column("asks", overflow="fold")
    table.add_column("answer", overflow="fold")
    for condition in found.scope:
        table.add_row(
            "", f"decides charges of which: {condition.text}", _answer(condition.answer, condition.missing)
        )
    for rule in found.rules:
        law = f" ({rule.law})" if rule.law else ""
        table.add_row(str(rule.number), f"{rule.outcome}: {rule.reason}{law}", rule.state)
        for condition in rule.conditions:
            table.add_row("", f"  {condition.text}", _answer(condition.answer, condition.missing))
        for wait in rule.waits:
            table.add_row(
                "", f"  wait: {wait.text}", wait.until or ("nothing to wait for" if wait.known else "not known")
            )
        if rule.cap:
            table.add_row("", f"  cap: {rule.cap}", "")
    table.draw()


def _answer(answer: str, missing: "tuple[str, ...]") -> str:
    return f"{answer}: {', '.join(missing)}" if missing else answer
