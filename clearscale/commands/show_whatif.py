"""Sweeps and diffs as a person reads them on a terminal."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from clearscale_cluster.shown import say

from .drawn import Table, figures_table

if TYPE_CHECKING:
    import pyarrow as pa

    from clearscale.whatif.diff import Diff
    from clearscale.whatif.sweep import Sweep

_FIGURES = {
    "convictions_dismissed": "dismissed",
    "convictions_reduced": "reduced",
    "people_some_relief": "some relief",
    "people_no_felony": "no felony",
    "people_no_conviction": "no conviction",
    "people_no_recent_conviction": "none in 7 years",
}
_INPUTS = (("policy", "policy", ""), ("as of", "as_of", ""), ("store", "snapshot", "snapshot "))
_MOST_ROWS = 32
MOST_CHANGES = 12
"""So many rows has a table of what two runs decide differently."""
_MOST_RELIEFS = 2
"""So many outcomes with relief have columns of their own."""

_POLICY, _SHORT_NAME = "policy", 12
"""The parameter whose settings are policies, and how long their names may be in a table."""

_NARROW = ("as_of",)
"""Columns that are not folded."""


def sweep(made: "Sweep") -> None:
    """Show what the policies would do statewide: each, or of many the least and the most; then the frontier."""
    import pyarrow.compute as pc

    info = made.info
    table = made.table()
    statewide = table.filter(pc.equal(table.column("scope").cast("string"), "state"))
    varied = [name for name, settings in info["parameters"].items() if len(settings) > 1]
    figures = _figures_of_charges(statewide) if info.get("holds") == "charges" else _FIGURES
    when = "" if "as_of" in info["parameters"] else f", as of {info['as_of']}"
    title = f"Statewide, {info['title']}{when}: {info['policies']:,} policies"
    if statewide.num_rows <= _MOST_ROWS:
        names = _numbered(statewide, varied)
        _rows(title, statewide, varied, figures, names).draw()
        for name, number in names.items():
            say(f"{number}: {name}")
    else:
        _ranges(title, statewide, figures).draw()
    if info["frontier"] is not None:
        best = made.frontier()
        best = best.filter(pc.equal(best.column("scope").cast("string"), "state"))
        _frontier(best, varied, [text.lstrip("-") for text in info["frontier"]]).draw()
    say(f"Table and chart: {made.folder.url} ({info['seconds']} s)")


def _figures_of_charges(table: "pa.Table") -> dict[str, str]:
    """Charges by what becomes of them, and the people with relief: only what occurs, and as much as has room."""
    from clearscale.relief import OUTCOMES

    names = {f"charges_{name.replace('-', '_')}": outcome for name, outcome in OUTCOMES.items()}
    found = {name: outcome for name, outcome in names.items() if name in table.column_names}
    found = {name: outcome for name, outcome in found.items() if any(table.column(name).to_pylist())}
    relief = [name for name, outcome in found.items() if outcome.relief]
    texts = {name: outcome.name.replace("-", " ") for name, outcome in found.items()}
    if len(relief) > _MOST_RELIEFS:
        texts = {"charges_relief": "relief"} | {name: text for name, text in texts.items() if name not in relief}
    return {**texts, "people_relief": "people relieved"}


def _numbered(table: "pa.Table", varied: list[str]) -> dict[str, str]:
    """Number policies whose names would leave figures no room on a line; none if they are short."""
    if _POLICY not in varied:
        return {}
    names = dict.fromkeys(map(_setting, table.column(_POLICY).to_pylist()))
    if max(map(len, names)) <= _SHORT_NAME:
        return {}
    return {name: str(number) for number, name in enumerate(names, start=1)}


def _rows(
    title: str, table: "pa.Table", varied: list[str], figures: dict[str, str], numbers: dict[str, str]
) -> Table:
    shown = Table(title)
    for name in varied:
        shown.add_column(name, overflow="fold", no_wrap=name in _NARROW)
    for label in figures.values():
        shown.add_column(label, right=True, overflow="fold", min_width=max(map(len, label.split())))
    for row in table.to_pylist():
        settings = (_setting(row[name]) for name in varied)
        shown.add_row(
            *(numbers.get(setting, setting) for setting in settings), *(f"{row[name]:,}" for name in figures)
        )
    return shown


def _ranges(title: str, table: "pa.Table", figures: dict[str, str]) -> Table:
    shown = Table(title)
    shown.add_column("")
    for label in ("least", "most"):
        shown.add_column(label, right=True)
    for name, label in figures.items():
        values = table.column(name).to_numpy()
        counted = "convictions " if name.startswith("convictions") else "people with "
        shown.add_row(
            f"{counted}{label}" if figures is _FIGURES else label, f"{values.min():,}", f"{values.max():,}"
        )
    return shown


def _frontier(best: "pa.Table", varied: list[str], figures: list[str]) -> Table:
    """Return one row a point: the first of its policies, and how many reach the same."""
    import numpy as np

    points = best.column("point").to_numpy()
    _, firsts, counts = np.unique(points, return_index=True, return_counts=True)
    rows = best.take(firsts[:_MOST_ROWS]).to_pylist()
    differing = [name for name in varied if len({row[name] for row in rows}) > 1] or varied
    shown = Table("Policies that no other beats")
    for name in (*figures, "policies"):
        shown.add_column(name, right=True, overflow="fold")
    for name in differing:
        shown.add_column(name, overflow="fold")
    for row, count in zip(rows, counts.tolist(), strict=False):
        settings = (_setting(row[name]) for name in differing)
        shown.add_row(*(f"{row[name]:,}" for name in figures), f"{count:,}", *settings)
    if firsts.size > _MOST_ROWS:
        shown.remark(f"and {firsts.size - _MOST_ROWS} more points")
    return shown


def _setting(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def diff(found: "Diff", out: str | None) -> None:
    """Show what differs between two runs: inputs, outcomes, counties and races."""
    info = found.info
    once = info["convictions_once"]
    rows = [
        *inputs_of(info),
        differing(info),
        ("extracts only before", len(info["extracts_only_before"])),
        ("extracts only after", len(info["extracts_only_after"])),
        *([("convictions found again in these", info["matched"])] if info["extracts_only_after"] else []),
        *((f"convictions {change}", count) for change, count in once.items()),
    ]
    figures_table("Statewide, each person once", rows).draw()
    pairs = found.pairs()
    table = Table("Decided differently, statewide")
    for name in ("before", "after"):
        table.add_column(name)
    table.add_column("convictions", right=True)
    for pair in pairs[:MOST_CHANGES]:
        table.add_row(_outcome(pair, "before"), _outcome(pair, "after"), f"{pair['convictions_once']:,}")
    if len(pairs) > MOST_CHANGES:
        table.remark(f"and {len(pairs) - MOST_CHANGES} more")
    if pairs:
        table.draw()
    else:
        say("No conviction is decided differently.")
    for name in ("county", "race"):
        changes_by(f"By {name}", name, found.by(name), once).draw()
    if out is not None:
        say(f"Tables: {out}")


def inputs_of(info: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name what two runs were given."""
    return [
        (label, both(*(before + str(info[side][name]) for side in ("before", "after"))))
        for label, name, before in _INPUTS
    ]


def differing(info: Mapping[str, Any]) -> tuple[str, str]:
    """Name those of the inputs that differ."""
    return "inputs that differ", ", ".join(
        name.replace("as_of", "as-of date") for name in info["differ"]
    ) or "nothing"


def changes_by(title: str, name: str, counts: Mapping[str, Mapping[str, int]], order: Iterable[str]) -> Table:
    """Show how many decisions differ in what way, by what `name` says; only what occurs. order: of the ways."""
    counted = {text: ways for text, ways in counts.items() if any(ways.values())}
    changes = [change for change in order if any(ways[change] for ways in counted.values())]
    shown = Table(title)
    shown.add_column(name)
    for label in changes:
        shown.add_column(label, right=True)
    for text, ways in list(counted.items())[:MOST_CHANGES]:
        shown.add_row(text, *(f"{ways[change]:,}" for change in changes))
    if len(counted) > MOST_CHANGES:
        shown.remark(f"and {len(counted) - MOST_CHANGES} more")
    return shown


def both(before: str, after: str) -> str:
    """Write two values, or the one that both are."""
    return before if before == after else f"{before} -> {after}"


def _outcome(pair: dict[str, Any], side: str) -> str:
    absent = "only after" if side == "before" else "only before"
    if pair["change"] == absent:
        return "(no such record)"
    determination, reason = pair[f"determination_{side}"], pair[f"reason_{side}"]
    return f"{determination}: {reason}" if determination or reason else "(undecided)"
