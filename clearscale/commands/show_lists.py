"""Lists of decisions as a person reads them on a terminal."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clearscale.errors import RunError
from clearscale_cluster.shown import say

from .drawn import Table

if TYPE_CHECKING:
    from clearscale.outputs.lists.listing import DecisionList

_MOST_CHOICES = 50

_MOST_OUTCOME = 26
"""Characters that outcomes and flags have at most beside columns that have to be narrow for it."""

_WHERE = {"extract": "row", "file": "line"}
"""What names a record, and its number there."""


@dataclass(frozen=True)
class First:
    """The first decisions of a list, and how many there are."""

    rows: list[dict[str, Any]]
    total: int

    def document(self) -> list[dict[str, Any]]:
        """The rows for JSON."""
        return document(self.rows)


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


def document(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Decisions for JSON."""
    return [
        {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
        for row in rows
    ]


def of_source(found: "DecisionList", source: str | None) -> list[dict[str, Any]]:
    """The decisions of a list, or those of an extract or file; raises RunError if it has none.

    source: its id or name, or how its id begins.
    """
    rows = first(found, None).rows
    if source is not None:
        name = next(name for name in _WHERE if name in rows[0])
        stem = source.rpartition("/")[2].partition(".")[0]
        hits = [row for row in rows if row[name] == source] or [row for row in rows if row[name].startswith(stem)]
        if not hits:
            others = ", ".join(dict.fromkeys(row[name] for row in rows))
            raise RunError(f"no decision that is asked for is of the {name} '{source}', but of {others}")
        rows = hits
    return rows


def choices(rows: list[dict[str, Any]]) -> None:
    """Show several decisions of which one is to be explained."""
    name = next(name for name in _WHERE if name in rows[0])
    decisions(First(rows[:_MOST_CHOICES], len(rows)))
    say(f"name one of them by --{name} and --{_WHERE[name]}")


def written(found: "DecisionList") -> None:
    """Say where a list is."""
    say(f"{found.file}")


def _court(county: str, court: str, rows: list[dict[str, Any]]) -> Table:
    name = next(name for name in _WHERE if name in rows[0])
    of_records = {row[name] for row in rows}
    # Ids are long, and nearly always one for all of a court.
    one = f" ({name} {of_records.pop()})" if len(of_records) == 1 else ""
    table = Table(f"{court or 'Court not known'}, {county or 'county not known'}{one}")
    for column in ("case", "person", "charge"):
        table.add_column(column, overflow="fold")
    # Names of flags have no place to be broken at.
    words = [word for row in rows for word in (row["outcome"] or "none", *row["flags"].split(";"))]
    table.add_column("outcome", overflow="fold", min_width=min(max(map(len, words)), _MOST_OUTCOME))
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
