"""Diffs of runs over charges as a person reads them on a terminal."""

from typing import TYPE_CHECKING, Any

from clearscale.relief import OUTCOMES
from clearscale_cluster.shown import say

from .drawn import Table, figures_table
from .show_whatif import INPUTS, both

if TYPE_CHECKING:
    from clearscale.whatif.diff.charges import ChargeDiff

_MOST = 12


def diff(found: "ChargeDiff", out: str | None) -> None:
    """Show what differs between two runs: inputs, decisions, counties and courts."""
    info = found.info
    inputs = [
        (label, both(*(before + str(info[side][name]) for side in ("before", "after"))))
        for label, name, before in INPUTS
    ]
    inputs += [
        (f"parameter {name}", both(*(_value(values[side]) for side in ("before", "after"))))
        for name, values in info["parameters"].items()
    ]
    figures_table(
        "Inputs",
        [
            *inputs,
            (
                "inputs that differ",
                ", ".join(name.replace("as_of", "as-of date") for name in info["differ"]) or "nothing",
            ),
            ("files only before", len(info["files_only_before"])),
            ("files only after", len(info["files_only_after"])),
        ],
    ).draw()
    _changes(info).draw()
    _pairs(found.pairs()).draw()
    for name in ("county", "court"):
        _places(found, name)
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
    for pair in pairs[:_MOST]:
        table.add_row(_decision(pair, "before"), _after(pair), f"{pair['charges']:,}", f"{pair['people']:,}")
    if len(pairs) > _MOST:
        table.remark(f"and {len(pairs) - _MOST} more")
    return table


def _places(found: "ChargeDiff", name: str) -> None:
    counted = {text: counts for text, counts in found.by(name).items() if any(counts.values())}
    if not counted:
        return
    changes = [change for change in found.info["charges"] if any(counts[change] for counts in counted.values())]
    shown = Table(f"Charges by {name}")
    shown.add_column(name)
    for label in changes:
        shown.add_column(label, right=True)
    for text, counts in list(counted.items())[:_MOST]:
        shown.add_row(text, *(f"{counts[change]:,}" for change in changes))
    if len(counted) > _MOST:
        shown.remark(f"and {len(counted) - _MOST} more")
    shown.draw()


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
