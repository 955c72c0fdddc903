"""Diffs of runs over charges as a person reads them on a terminal."""

from typing import TYPE_CHECKING, Any

from clearscale.relief import OUTCOMES
from clearscale_cluster.shown import say

from .drawn import Table, figures_table
from .show_whatif import MOST_CHANGES, both, changes_by, differing, inputs_of

if TYPE_CHECKING:
    from clearscale.whatif.diff.charges import ChargeDiff


def diff(found: "ChargeDiff", out: str | None) -> None:
    """Show what differs between two runs: inputs, decisions, counties and courts."""
    info = found.info
    parameters = [
        (f"parameter {name}", both(*(_value(values[side]) for side in ("before", "after"))))
        for name, values in info["parameters"].items()
    ]
    figures_table(
        "Inputs",
        [
            *inputs_of(info),
            *parameters,
            differing(info),
            ("files only before", len(info["files_only_before"])),
            ("files only after", len(info["files_only_after"])),
        ],
    ).draw()
    _changes(info).draw()
    if pairs := found.pairs():
        _pairs(pairs).draw()
    else:
        say("No charge is decided differently.")
    for name in ("county", "court"):
        shown = changes_by(f"Charges by {name}", name, found.by(name), info["charges"])
        if shown.row_count:
            shown.draw()
    if out is not None:
        say(f"Tables: {out}")


def _changes(info: dict[str, Any]) -> Table:
    table = Table("Statewide, each person once a row")
    table.add_column("")
    for name in ("charges", "people"):
        table.add_column(name, right=True)
    for change, charges in info["charges"].items():
        if charges:
            table.add_row(change, f"{charges:,}", f"{info['people'][change]:,}")
    table.add_row("all but the same", f"{info['records']:,}", f"{info['people_changed']:,}")
    return table


def _pairs(pairs: list[dict[str, Any]]) -> Table:
    table = Table("Decided differently, statewide")
    for name in ("before", "after"):
        table.add_column(name)
    for name in ("charges", "people"):
        table.add_column(name, right=True)
    for pair in pairs[:MOST_CHANGES]:
        table.add_row(_decision(pair, "before"), _after(pair), f"{pair['charges']:,}", f"{pair['people']:,}")
    if len(pairs) > MOST_CHANGES:
        table.remark(f"and {len(pairs) - MOST_CHANGES} more")
    return table


def _value(value: Any) -> str:
    return "-" if value is None else str(value)


def _decision(pair: dict[str, Any], side: str) -> str:
    outcome = pair[f"outcome_{side}"]
    if outcome is None:
        return "(not decided)"
    rule, told = pair[f"rule_{side}"], OUTCOMES[outcome].text.partition(":")[0]
    return f"{told}: {pair[f'reason_{side}']}" + (f" (rule {rule})" if rule else "")


def _after(pair: dict[str, Any]) -> str:
    """The later decision, with what differs where it reads the same."""
    told = _decision(pair, "after")
    return f"{told}; {pair['change']}" if told == _decision(pair, "before") else told
