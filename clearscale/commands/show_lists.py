"""Lists of decisions as a person reads them on a terminal."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clearscale_cluster.shown import say

from .drawn import Table

if TYPE_CHECKING:
    from clearscale.outputs.lists.listing import DecisionList

_WHERE = {"extract": "row", "file": "line"}
"""What names a record, and its number there."""


@dataclass(frozen=True)
class First:
    """The first decisions of a list, and how many there are."""

    rows: list[dict[str, Any]]
    total: int

    def document(self) -> list[dict[str, Any]]:
        """The rows for JSON."""
        return [
            {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
            for row in self.rows
        ]


def first(found: "DecisionList", most: int | None) -> First:
    """Read a list to its end, and keep the first decisions. most: how many, None for all."""
    rows: list[dict[str, Any]] = []
    total = 0
    for table in found.tables():
        wanted = table.num_rows if most is None else max(most - len(rows), 0)
        rows += table.slice(0, wanted).to_pylist()
        total += table.num_rows
    return First(rows, total)


def decisions(shown: First) -> None:
    """Show the first decisions, a table a court, and how many more there are."""
    courts: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in shown.rows:
        courts.setdefault((row["county"], row["court"]), []).append(row)
    for (county, court), rows in courts.items():
        _court(county, court, rows).draw()
    if not shown.total:
        say("no decision fits")
    elif (more := shown.total - len(shown.rows)) > 0:
        say(
            f"and {more:,} more of {shown.total:,}: --rows shows more, and --out list.csv or list.xlsx has them all"
        )
    else:
        say(f"{shown.total:,} decisions" if shown.total > 1 else "1 decision")


def choices(rows: list[dict[str, Any]], what: str) -> None:
    """Show several decisions of which one is to be explained."""
    decisions(First(rows, len(rows)))
    say(f"several decisions are of that {what}: name one by its extract and row, or its file and line")


def written(found: "DecisionList") -> None:
    """Say where a list is."""
    say(f"{found.file}")


def _court(county: str, court: str, rows: list[dict[str, Any]]) -> Table:
    name = next(name for name in _WHERE if name in rows[0])
    of_records = {row[name] for row in rows}
    # Ids are long, and nearly always one for all of a court.
    one = f" ({name} {of_records.pop()})" if len(of_records) == 1 else ""
    table = Table(f"{court or 'Court not known'}, {county or 'county not known'}{one}")
    for column in ("case", "person", "charge", "outcome"):
        table.add_column(column, overflow="fold")
    for row in rows:
        born = f"born {row['birth_date'].isoformat()}" if row["birth_date"] else ""
        when = row["date"].isoformat() if row["date"] else ""
        from_day = row.get("eligible_from")
        outcome = [row["outcome"] or "none", *([f"from {from_day.isoformat()}"] if from_day else [])]
        flags = [flag for flag in row["flags"].split(";") if flag]
        table.add_row(
            [row["case"] or "-", *([] if one else [f"{name} {row[name]}"]), f"{_WHERE[name]} {row[_WHERE[name]]}"],
            [part for part in (row["person"], row["number"], born) if part] or ["-"],
            [part for part in (row["charge"], when) if part],
            [*outcome, *flags],
            end_section=True,
        )
    return table
