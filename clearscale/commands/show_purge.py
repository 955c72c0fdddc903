"""What was destroyed, as a person reads it on a terminal."""

from typing import TYPE_CHECKING, Any

from clearscale_cluster.shown import say

from .drawn import figures_table

if TYPE_CHECKING:
    from clearscale.store.purging.report import PurgeReport

_MOST = 10


def purge(report: "PurgeReport", store: str) -> None:
    """Show what a purge did, and what it leaves to do."""
    _show(report, store, "destroyed")
    if report.other_forms:
        say(
            f"{report.other_forms:,} other number(s) may be the same in another form: with or without its letter, "
            "or with zeros in front. Look, and name each."
        )
    if report.sources:
        say(
            f"The same files would bring the records back, and are refused: {', '.join(report.sources)}. "
            f"A later {'file' if report.charges else 'extract'} that still has them is not: purge again after it."
        )
    if report.void:
        say(
            f"Void is what was made from {', '.join(report.void)}: destroy runs, sweeps and exports with "
            "--made, and reports, tables and copies by hand."
        )
        if not report.charges:
            say(
                "Stores of charges that were made of it hold the same records until they are purged, too: "
                "`clearscale purge --store CHARGES --person NUMBER`, or remove each and make it again."
            )
    for folder in report.still_there:
        say(f"Still there, by the store's log: {folder}")
    for folder in report.made:
        say(f"Destroyed: {folder}")
    if report.receipt:
        say(f"Receipt: {report.receipt} (kept nowhere; with it, the ledger proves who was meant)")


def prune(report: "PurgeReport", store: str) -> None:
    """Show what a prune did."""
    _show(report, store, "removed")


def _show(report: "PurgeReport", store: str, done: str) -> None:
    if report.finished:
        say(f"A {report.finished} that was interrupted was finished first; its counts are in the ledger.")
    if report.nothing:
        say(f"Store {store}: nothing of it is left{_leftovers(report)}")
        return
    snapshots = report.snapshots
    rows: list[tuple[str, Any]] = [
        ("records", report.records),
        ("records in quarantine", report.quarantined),
        (
            "people of the snapshot in force" if report.charges else "histories of the snapshot in force",
            report.histories,
        ),
        ("texts that nobody has any more", report.texts),
        ("snapshots written anew", sum(new is not None for new in snapshots.values())),
        ("snapshots removed", sum(new is None for new in snapshots.values())),
        ("files written anew or removed", len(report.files)),
        ("other files removed", len(report.leftovers)),
    ]
    title = f"Store {store}: {'would be ' if report.dry_run else ''}{done}"
    figures_table(title, rows).draw()
    for change in report.files[:_MOST]:
        say(f"  {change.path}: {change.rows_before:,} rows, then {change.rows_after:,}")
    if len(report.files) > _MOST:
        say(f"  and {len(report.files) - _MOST:,} more; --json lists all")


def _leftovers(report: "PurgeReport") -> str:
    count = len(report.leftovers)
    return (
        f"; {count:,} files that no snapshot names {'would go' if report.dry_run else 'are gone'}" if count else ""
    )
