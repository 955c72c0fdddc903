"""What a store holds, as a person reads it on a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from .drawn import Table, figures_table

_NAMES = {
    "rows": "records",
    "histories": "histories, one a person and extract",
    "convictions_once": "convictions, each person's once",
    "candidates": "convictions that a policy may decide",
}
"""Counts whose names alone would not say what they are."""


def info(found: Mapping[str, Any]) -> None:
    """Show a store and what is in it."""
    listed = found["extracts" if found["holds"] == "extracts" else "files"]
    rows = [
        ("snapshot in force", found["snapshot"]),
        ("made", _moment(found["made"])),
        ("snapshots", found["snapshots"]),
        *((_NAMES.get(name, name.replace("_", " ")), count) for name, count in found["counts"].items()),
        ("records quarantined", sum(entry["quarantined"] for entry in listed)),
        ("runs in its log", found["runs"]),
        ("records destroyed", f"{found['destroyed']} times" if found["destroyed"] else "never"),
        ("buckets", found["buckets"]),
        ("encrypted", "yes" if found["encrypted"] else "no"),
    ]
    kind = "of charges (" + found["format"] + ")" if found["holds"] == "charges" else "of extracts"
    figures_table(f"Store {found['store']} {kind}", rows).draw()
    _extracts(listed).draw() if found["holds"] == "extracts" else _files(listed).draw()


def snapshots(store: str, found: Sequence[Mapping[str, Any]]) -> None:
    """Show a store's snapshots, a line each."""
    table = Table(f"Snapshots of {store}")
    table.add_column("snapshot", no_wrap=True)
    table.add_column("made", no_wrap=True)
    for name in (found[-1]["holds"], "people", "runs"):
        table.add_column(name, right=True)
    table.add_column("")
    for snapshot in found:
        count = len(snapshot["extracts"]) if snapshot["holds"] == "extracts" else snapshot["counts"]["charges"]
        figures = (f"{figure:,}" for figure in (count, snapshot["counts"]["people"], snapshot["runs"]))
        table.add_row(
            snapshot["snapshot"], _moment(snapshot["made"]), *figures, "in force" if snapshot["in_force"] else ""
        )
    table.draw()


def _extracts(listed: Sequence[Mapping[str, Any]]) -> Table:
    table = Table("Extracts")
    table.add_column("county", no_wrap=True)
    table.add_column("file", overflow="fold")
    for name in ("records", "quarantined", "findings"):
        table.add_column(name, right=True)
    for extract in listed:
        figures = (
            f"{figure:,}" for figure in (extract["stored"], extract["quarantined"], len(extract["findings"]))
        )
        table.add_row(extract["county"], extract["files"], *figures)
    return table


def _files(listed: Sequence[Mapping[str, Any]]) -> Table:
    table = Table("Files")
    table.add_column("file", overflow="fold")
    for name in ("charges", "set aside", "findings"):
        table.add_column(name, right=True)
    for file in listed:
        figures = (f"{figure:,}" for figure in (file["stored"], file["quarantined"], len(file["findings"])))
        table.add_row(file["name"], *figures)
    return table


def _moment(when: str | None) -> str:
    """A moment of the log as people write it, in UTC."""
    return when[:16].replace("T", " ") if when else "not in the log"
