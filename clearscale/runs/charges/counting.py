"""What a run over charges counts: charges and people by county, outcome and reason, and what is missing."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from clearscale.charges.tables import Tables
from clearscale.relief import NO_CANDIDATE, OUTCOMES, ChargePolicy, Decisions
from clearscale.relief.deciding import NO_RULE_HOLDS
from clearscale.relief.missing import WORDS
from clearscale_kernels.arrays import Int64s

STATE, COUNTY = "state", "county"
_STATE, _FIRST = 0, 2
"""Places: the state, 1 where nobody knows the county, then the counties by their codes."""

_OUTCOMES = tuple(OUTCOMES.values())
Cell = tuple[int, ...]


@dataclass(frozen=True)
class Counts:
    """Counts of some buckets.

    Attributes
    ----------
    charges, people
        By (place, outcome, rule from 1, 0 for none); people once for each.
    outcomes
        People by (place, outcome), once for each.
    lacking
        Undecided charges by (place, place of what is missing in `WORDS`); each for all that it lacks.
    totals
        Charges, people, candidates and charges of which it is unsure whether they are.
    """

    charges: Counter[Cell] = field(default_factory=Counter)
    people: Counter[Cell] = field(default_factory=Counter)
    outcomes: Counter[Cell] = field(default_factory=Counter)
    lacking: Counter[Cell] = field(default_factory=Counter)
    totals: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.charges + other.charges,
            self.people + other.people,
            self.outcomes + other.outcomes,
            self.lacking + other.lacking,
            self.totals + other.totals,
        )


def count(tables: Tables, decisions: Decisions) -> Counts:
    """Count what was decided of a bucket."""
    rows = np.flatnonzero(decisions.outcome != NO_CANDIDATE)
    people = tables.charges.person[rows].astype(np.int64)
    outcome, rule = decisions.outcome[rows].astype(np.int64), decisions.rule[rows].astype(np.int64) + 1
    county, missing = tables.charges.county[rows].astype(np.int64) + _FIRST, decisions.missing[rows]
    found = Counts()
    for place in (np.zeros_like(county), county):
        found.charges.update(_cells(place, outcome, rule))
        found.people.update(_cells(*_once(people, place, outcome, rule)))
        found.outcomes.update(_cells(*_once(people, place, outcome)))
        for number, bit in enumerate(WORDS):
            lacks = missing & int(bit) != 0
            found.lacking.update(_cells(place[lacks], np.full(int(lacks.sum()), number)))
    found.totals.update(
        {
            "charges": tables.rows,
            "people": tables.people.birth_date.size,
            "candidates": rows.size,
            "people_with_candidates": np.unique(people).size,
            "unsure": int(decisions.unsure.sum()),
        }
    )
    return found


def _once(*keys: Int64s) -> list[Int64s]:
    """Each combination once, without the first key."""
    return list(np.unique(np.stack(keys), axis=1)[1:])


def _cells(*keys: Int64s) -> dict[Cell, int]:
    cells, counts = np.unique(np.stack(keys), axis=1, return_counts=True)
    return dict(zip(map(tuple, cells.T.tolist()), counts.tolist(), strict=True))


def charge_table(counts: Counts, policy: ChargePolicy, counties: tuple[str, ...]) -> pa.Table:
    """The table of charges and people by county, outcome and reason; the state first, then counties by name."""
    rows = [
        {
            **_where(cell[0], counties),
            "outcome": _OUTCOMES[cell[1]].name,
            "rule": cell[2] or None,
            "reason": policy.rules[cell[2] - 1].reason if cell[2] else NO_RULE_HOLDS,
            "charges": charges,
            "people": counts.people[cell],
        }
        for cell, charges in sorted(counts.charges.items(), key=lambda item: _order(item[0], counties))
    ]
    return pa.Table.from_pylist(rows, schema=CHARGE_TABLE)


def lacking_table(counts: Counts, counties: tuple[str, ...]) -> pa.Table:
    """The table of undecided charges by county and what is missing; a charge that lacks two stands twice."""
    words = tuple(WORDS.values())
    rows = [
        {**_where(cell[0], counties), "missing": words[cell[1]], "charges": charges}
        for cell, charges in sorted(counts.lacking.items(), key=lambda item: _order(item[0], counties))
    ]
    return pa.Table.from_pylist(rows, schema=LACKING_TABLE)


def summary(counts: Counts) -> dict[str, object]:
    """Figures of the state."""
    totals = {name: counts.totals[name] for name in _TOTALS}
    outcomes = {}
    for outcome in _OUTCOMES:
        charges = sum(n for cell, n in counts.charges.items() if cell[:2] == (_STATE, outcome.code))
        outcomes[outcome.name] = {"charges": charges, "people": counts.outcomes[_STATE, outcome.code]}
    return {**totals, "outcomes": outcomes}


_TOTALS = ("charges", "people", "candidates", "people_with_candidates", "unsure")
_PLACE = [pa.field("scope", pa.string()), pa.field("county", pa.string())]
CHARGE_TABLE = pa.schema(
    [
        *_PLACE,
        pa.field("outcome", pa.string()),
        pa.field("rule", pa.int32()),
        pa.field("reason", pa.string()),
        pa.field("charges", pa.int64()),
        pa.field("people", pa.int64()),
    ]
)
LACKING_TABLE = pa.schema([*_PLACE, pa.field("missing", pa.string()), pa.field("charges", pa.int64())])


def _where(place: int, counties: tuple[str, ...]) -> dict[str, str | None]:
    county = counties[place - _FIRST] if place >= _FIRST else None
    return {"scope": STATE if place == _STATE else COUNTY, "county": county}


def _order(cell: Cell, counties: tuple[str, ...]) -> tuple[object, ...]:
    return min(cell[0], _FIRST), counties[cell[0] - _FIRST] if cell[0] >= _FIRST else "", *cell[1:]
