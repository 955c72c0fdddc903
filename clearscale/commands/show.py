"""Results as a person reads them on a terminal."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clearscale.io import parallel_gzip
from clearscale.io.expected import expecting
from clearscale.law import state
from clearscale.runs import summary_keys as keys
from clearscale.runs.figures import statewide_figures, statewide_title
from clearscale.runs.finished import SUMMARY
from clearscale.runs.opened import COUNTIES, TABLES
from clearscale_cluster.extras import command
from clearscale_cluster.shown import say

from .drawn import Table, figures_table, stacked

if TYPE_CHECKING:
    import pyarrow as pa

    from clearscale.law.findings import Finding
    from clearscale.runs import Run
    from clearscale.runs.finished import FinishedRun
    from clearscale.store.charge_ingest.report import ChargeReport
    from clearscale.store.ingest.report import IngestReport
    from clearscale.synth import FabricatedCharges, FabricatedExtract

    from .demo import Demonstration


def ingest(report: "IngestReport", store: str) -> None:
    """Show what an ingest did."""
    rows: list[tuple[str, Any]] = [
        ("extracts added", len(report.added)),
        ("extracts replaced", len(report.replaced)),
        ("extracts the store had already", len(report.unchanged)),
        ("records read", report.records),
        ("records stored", report.stored),
        ("records quarantined", report.quarantined),
        *((f"{name} in the store", report.counts[name]) for name in ("people", "convictions") if report.counts),
    ]
    title = f"Store {store}, snapshot {report.snapshot or 'none yet'}"
    if report.dry_run:
        title += "; dry run: what would be added, nothing was stored"
    figures_table(title, rows).draw()
    for name, county in report.counties.items() if report.dry_run else ():
        say(f"{name}: {county}")
    for replacement in report.replacements:
        say(f"{replacement.county}: {replacement.words}")
    findings(report.findings)
    left_out(report.left_out)
    if report.alone:
        say(
            f"{', '.join(report.alone)}: compressed in one piece, so one worker had to unpack it alone. All "
            "workers read what is not compressed, or compressed with pzstd."
        )
        if any(name.lower().endswith(".gz") for name in report.alone) and not parallel_gzip.is_installed():
            say(
                f"With rapidgzip a worker unpacks .gz on several threads, where it may use "
                f"{parallel_gzip.LEAST_THREADS} cores or more: {command('gzip')}"
            )
    if report.refused:
        say("Without --accept for each finding marked as refused, the ingest would be refused.")


def charges(report: "ChargeReport", store: str) -> None:
    """Show what an ingest of charges did."""
    from clearscale.formats.checking import kinds

    rows: list[tuple[str, Any]] = [
        ("files added", len(report.added)),
        ("files replaced", len(report.replaced)),
        ("files the store had already", len(report.unchanged)),
        ("records read", report.records),
        ("charges stored", report.stored),
        ("records set aside", report.quarantined),
        *((f"  {reason}", count) for reason, count in report.aside.items()),
        *((f"{name.replace('_', ' ')} in the store", count) for name, count in report.counts.items()),
    ]
    title = f"Store {store} of charges ({report.format}), snapshot {report.snapshot or 'none yet'}"
    if report.dry_run:
        title += "; dry run: what would be added, nothing was stored"
    figures_table(title, rows).draw()
    for name in report.replaced:
        say(f"{name}: another file of this name took its place")
    for name, found in report.findings.items():
        for finding in found:
            marked = " (accepted)" if finding.accepted else " (refused)" if finding.refuses else ""
            say(f"{name or 'all files together'}: {finding.name}{marked}: {kinds().words(finding)}")
    left_out(report.left_out)
    if report.unseen:
        say(
            "What all charges together would show, such as people with several birth dates, was not looked at: "
            "steps of extracts become charges only when they are stored."
        )
    if report.unusable:
        say("Without --on-bad-record quarantine, records that cannot be used would refuse their file.")


TOGETHER = "all extracts together"

_LISTED = 8
"""Names in one message."""


def findings(found: Mapping[str, Iterable["Finding"]]) -> None:
    """Show what is doubtful about extracts, by their names: each finding once, whatever the number of extracts."""
    kinds = state().findings
    for name, kind in kinds.listed.items():
        met = {extract: one for extract, of_extract in found.items() for one in of_extract if one.name == name}
        accepted, refused = (
            any(getattr(finding, what) for finding in met.values()) for what in ("accepted", "refuses")
        )
        marked = " (accepted)" if accepted else " (refused)" if refused else ""
        if len(met) == 1:
            ((extract, finding),) = met.items()
            say(f"{extract or TOGETHER}: {name}{marked}: {kind.words(finding)}")
        elif met:
            count, of = (sum(getattr(finding, what) for finding in met.values()) for what in ("count", "of"))
            where = f"{count:,} of {of:,} {kind.among} in {len(met)} extracts"
            say(f"{name}{marked}: {where} {kind.says}. {kind.do}")


def run(finished: "Run") -> None:
    """Show the statewide figures of a run, and its counties."""
    with expecting() as expect:
        expect(finished.folder.url, (SUMMARY, COUNTIES, TABLES["convictions"]))
        figures_table(statewide_title(finished), statewide_figures(finished)).draw()
        _counties(finished).draw()
    run_line(finished)


def run_line(finished: "FinishedRun") -> None:
    """Say where a run lies, and whether it was there already."""
    how = "it was done already, nothing was decided again" if finished.found else f"{finished.info['seconds']} s"
    say(f"Run: {finished.folder.url} ({how})")


def left_out(names: Sequence[str]) -> None:
    """Say which files of a folder were not read, as they are no files of records by their names."""
    if names:
        many = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
        say(f"not read, since the name is no extract's: {', '.join(names[:_LISTED])}{many}")


def _counties(finished: "Run", most: int = 10) -> Table:
    table = Table("Counties")
    table.add_column("county", no_wrap=True)
    for name in ("people", "convictions", "relief", "no felony", "no conviction"):
        table.add_column(name, right=True)
    found = sorted(
        finished.counties.values(),
        key=lambda summary: (-summary[keys.WITH_PROP64], summary["county"]),
    )
    for summary in found[:most]:
        people = keys.people(summary)
        figures = (
            people["with_prop64"],
            sum(summary[keys.BY_SECTION].values()),
            people["some_relief"],
            people["no_felony"],
            people["no_conviction"],
        )
        table.add_row(summary["county"], *(f"{figure:,}" for figure in figures))
    if len(found) > most:
        table.remark(f"and {len(found) - most} more")
    return table


_CHECKED = {
    "quarantined": ("records-quarantined",),
    "copies differ": ("copies-differ",),
    "no date": ("no-conviction-date",),
    "no birth date": ("no-birth-date",),
    "odd texts": (*(f"{defect}-{name}" for name in ("county", "race", "sex") for defect in ("blank", "unknown")),),
}
"""Columns of the counties' table of a check, and the findings that each adds up."""


def check(table: "pa.Table", out: str | None, most: int = 10) -> None:
    """Show the findings of a store: those of the state, and the weightiest by county."""
    from clearscale.checks import FINDINGS, NOTICED

    rows = table.to_pylist()
    state = [
        (" ".join([FINDINGS[row["finding"]], row["detail"]]).strip(), row["count"])
        for row in rows
        if row["scope"] == "state" and row["finding"] not in NOTICED
    ]
    noticed = Table("Found at the ingest")
    for title in ("county", "extract", "finding", "grade"):
        noticed.add_column(title, overflow="fold")
    noticed.add_column("count", right=True)
    for row in rows:
        if row["finding"] in NOTICED:
            where = [row["county"], row["extract"]]
            noticed.add_row(
                *where, f"{row['finding']}: {NOTICED[row['finding']]}", row["detail"], f"{row['count']:,}"
            )
    counties: dict[str, Counter[str]] = {}
    for row in rows:
        if row["scope"] == "county":
            found = counties.setdefault(row["county"], Counter())
            for name, findings in _CHECKED.items():
                found[name] += row["count"] if row["finding"] in findings else 0
    shown = Table("By county")
    shown.add_column("county", no_wrap=True)
    for name in _CHECKED:
        shown.add_column(stacked(name), right=True)
    for county in sorted(counties, key=lambda county: (-sum(counties[county].values()), county))[:most]:
        shown.add_row(county, *(f"{counties[county][name]:,}" for name in _CHECKED))
    if len(counties) > most:
        shown.remark(f"and {len(counties) - most} more")
    figures_table("Statewide, each person once", state).draw()
    shown.draw()
    if noticed.row_count:
        noticed.draw()
    if out is not None:
        say(f"Table: {out}")


def files(paths: Sequence[Path]) -> None:
    """List files that were written."""
    say(*map(str, paths))


def fabricated(made: Sequence["FabricatedExtract"]) -> None:
    """Show extracts that were fabricated."""
    table = Table("Fabricated extracts")
    table.add_column("county")
    table.add_column("people", right=True)
    table.add_column("records", right=True)
    table.add_column("file")
    for extract in made:
        table.add_row(extract.county, f"{extract.people:,}", f"{extract.rows:,}", extract.path)
    table.draw()


def fabricated_charges(made: "FabricatedCharges") -> None:
    """Show a file of charges that was fabricated."""
    say(f"{made.path}: {made.rows:,} charges in {made.cases:,} cases of {made.people:,} people ({made.format})")


def demo(result: "Demonstration") -> None:
    """Show the end of the demo: results, and where everything is."""
    run(result.run)
    for label, place in (
        ("extracts", result.extracts),
        ("store", result.store),
        ("decisions, totals and tables", result.run.folder.url),
        (f"files for {result.county}", result.county_files),
    ):
        say(f"{label}: {place}")
    say("report, statewide and of the county, to open in a browser or print:")
    say(*(f"  {path}" for path in result.report))
