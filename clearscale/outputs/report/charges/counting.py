"""What the pages of a run over charges count."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from clearscale.outputs.disclosure import ChargeCounts
from clearscale.outputs.disclosure.charges import DECIDED, RELIEF, STATE
from clearscale.relief.outcomes import NOT_YET, OUTCOMES, UNDECIDED
from clearscale.runs.charges import ChargeRun
from clearscale.runs.charges.counted import Counted
from clearscale.runs.charges.opened import DUE, table_file

NO_COUNTY = "(not known)"
"""The county of charges of which nobody knows it."""

NO_COURT, OTHER_COURTS = "(not named)", "(other courts)"
"""The court of charges whose record names none, and courts of a county that have so few that they are counted
together: their names could be those of people, where a record is out of place."""

DIMENSIONS = ("race", "sex", "age")
NO_GROUP = "(not said)"
"""How people are grouped, and the group of those of whom no record says it, or in words that nobody knows."""

_MEASURES = (DECIDED, RELIEF)
_LAST = (NO_COURT, OTHER_COURTS, NO_COUNTY)


def by_name(name: str) -> tuple[int, str]:
    """The order of counties or courts: by name, then those without."""
    return _LAST.index(name) + 1 if name in _LAST else 0, name


def counts_of(run: ChargeRun | Counted, below: int | None) -> ChargeCounts:
    """Read the counts of a run.

    Parameters
    ----------
    run
        A finished run, or what one would count.
    below
        Courts of fewer charges are counted with others of their county; none is, if it is None.

    Returns
    -------
    ChargeCounts

    Raises
    ------
    RunError
        If a file of the run is damaged or missing.
    """
    summary = run.summary
    by_place: dict[str, list[dict[str, Any]]] = {"state": [], "county": [], "court": []}
    for row in run.table("charges").to_pylist():
        by_place[row["scope"]].append({**row, "county": row["county"] or NO_COUNTY})
    cells = {(row["county"], row["outcome"], row["rule"] or 0): row["charges"] for row in by_place["county"]}
    people_table = run.table("people")
    people, everybody = _people(people_table)
    relieved, groups = _groups(people_table)
    lacking = {
        (row["county"] or NO_COUNTY, row["missing"]): row["charges"]
        for row in run.table("missing").to_pylist()
        if row["scope"] == "county"
    }
    return ChargeCounts(
        cells,
        people,
        everybody,
        UNDECIDED.name,
        NOT_YET.name,
        lacking,
        _due(run),
        _courts(by_place["court"], below),
        {name: summary[name] for name in ("charges", "people", "unsure")},
        tuple(name for name, outcome in OUTCOMES.items() if outcome.relief),
        relieved,
        groups,
    )


def reasons_of(run: ChargeRun | Counted) -> dict[tuple[str, int], str]:
    """Return the reason of each outcome and rule; rule 0 is of no rule."""
    return {(row["outcome"], row["rule"] or 0): row["reason"] for row in run.table("charges").to_pylist()}


def _courts(rows: list[dict[str, Any]], below: int | None) -> Counter[tuple[str, str, str]]:
    """Count charges by county, court and outcome."""
    sizes: Counter[tuple[str, str | None]] = Counter()
    for row in rows:
        sizes[row["county"], row["court"]] += row["charges"]
    found: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        few = below is not None and sizes[row["county"], row["court"]] < below
        name = NO_COURT if row["court"] is None else OTHER_COURTS if few else row["court"]
        found[row["county"], name, row["outcome"]] += row["charges"]
    return found


def _people(table: pa.Table) -> tuple[dict[tuple[str, str], int], dict[str, int]]:
    """(people by place and outcome, all with a charge that is decided by place), of the state and counties."""
    named = [name for name in table.column_names if name in OUTCOMES]
    people: dict[tuple[str, str], int] = {}
    everybody: dict[str, int] = {}
    for place, row in _by_place(table, ("decided", *named)):
        if row["decided_sum"]:
            everybody[place] = row["decided_sum"]
        people |= {(place, name): row[f"{name}_sum"] for name in named if row[f"{name}_sum"]}
    return people, everybody


def relieved_of(run: ChargeRun | Counted) -> dict[str, int]:
    """Count people with a charge that has relief by place, of the state and counties."""
    return {place: row[f"{RELIEF}_sum"] for place, row in _by_place(run.table("people"), (RELIEF,))}


def _by_place(table: pa.Table, columns: Iterable[str]) -> Iterator[tuple[str, dict[str, int]]]:
    """Add up columns of a table of people, as NAME_sum, in the state and in counties."""
    of_places = table.filter(pc.not_equal(table.column("scope").cast(pa.string()), "court"))
    summed = of_places.group_by(["scope", "county"], use_threads=False).aggregate(
        [(name, "sum") for name in columns]
    )
    for row in summed.to_pylist():
        yield STATE if row["scope"] == "state" else row["county"] or NO_COUNTY, row


def _groups(table: pa.Table) -> tuple[int, dict[tuple[str, str, str], int]]:
    """(people of the state with relief, people by dimension, group and measure).

    A dimension that tells nothing of anybody is left out.
    """
    state = table.filter(pc.equal(table.column("scope").cast(pa.string()), "state"))
    found: dict[tuple[str, str, str], int] = {}
    for dimension in DIMENSIONS:
        if dimension not in state.column_names:
            continue
        summed = state.group_by(dimension, use_threads=False).aggregate([(name, "sum") for name in _MEASURES])
        rows = summed.to_pylist()
        if {row[dimension] for row in rows if row["decided_sum"]} - {None}:
            found |= {
                (dimension, row[dimension] or NO_GROUP, measure): row[f"{measure}_sum"]
                for row in rows
                for measure in _MEASURES
                if row[f"{measure}_sum"]
            }
    return pc.sum(state.column(RELIEF)).as_py() or 0, found


def _due(run: ChargeRun | Counted) -> Counter[tuple[str, int]]:
    """Count charges that are not yet due by county and the year in which they are."""
    found: Counter[tuple[str, int]] = Counter()
    if isinstance(run, Counted) or table_file(DUE) in run.files.seals:
        known = run.table(DUE) if isinstance(run, Counted) else run.files.read_parquet(table_file(DUE))
        rows = known.to_pylist()
        return Counter({(row["county"] or NO_COUNTY, row["year"]): row["charges"] for row in rows})
    for table in run.decisions():
        waiting = table.filter(pc.equal(table.column("outcome").cast("string"), NOT_YET.name))
        years = pa.table(
            {
                "county": waiting.column("county").cast(pa.string()).fill_null(NO_COUNTY),
                "year": pc.year(waiting.column("first_eligible")),
            }
        )
        for row in years.group_by(["county", "year"], use_threads=False).aggregate([([], "count_all")]).to_pylist():
            found[row["county"], row["year"]] += row["count_all"]
    return found
