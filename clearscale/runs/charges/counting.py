"""What a run over charges counts: charges and people by place, outcome and reason, and what is missing.

A place is the state, a county, or a court of a county. Charges whose record does not say it are one of their own.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.charges.tables import Tables, Words
from clearscale.relief import NO_CANDIDATE, OUTCOMES, ChargePolicy, Decisions
from clearscale.relief.deciding import NO_RULE_HOLDS
from clearscale.relief.missing import WORDS
from clearscale_kernels.arrays import Int64s

from . import crosstabs
from .crosstabs import COUNTY, COURT, SCOPES, STATE
from .naming import Names, named
from .packing import Fields, Packing, Part, counted, joined, met_of

__all__ = ["COUNTY", "COURT", "STATE", "Counts", "count", "summary", "tables_of"]

_OUTCOMES = tuple(OUTCOMES.values())
_REST = -1
"""Code of a county or court in place of one that a scope does not name, or that no record says."""

Cell = tuple[int, ...]


@dataclass(frozen=True)
class Counts:
    """Counts of some buckets.

    A place is three numbers: that of its scope in SCOPES, and the codes of county and court.

    Attributes
    ----------
    charges, people
        By (place, outcome, rule from 1, 0 for none); people once for each.
    outcomes
        People by outcome, once for each.
    lacking
        Undecided charges by (place, place of what is missing in `WORDS`); each for all that it lacks.
    totals
        Charges, people, candidates and charges of which it is unsure whether they are.
    crosstab
        Charges by all that tables tell of them, see `packing`.
    crowd
        People by all that tables tell of them, see `crosstabs`.
    """

    charges: Counter[Cell] = field(default_factory=Counter)
    people: Counter[Cell] = field(default_factory=Counter)
    outcomes: Counter[int] = field(default_factory=Counter)
    lacking: Counter[Cell] = field(default_factory=Counter)
    totals: Counter[str] = field(default_factory=Counter)
    crosstab: tuple[Part, ...] = ()
    crowd: pa.Table = field(default_factory=crosstabs.no_people)

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.charges + other.charges,
            self.people + other.people,
            self.outcomes + other.outcomes,
            self.lacking + other.lacking,
            self.totals + other.totals,
            joined(self.crosstab, other.crosstab),
            crosstabs.together(self.crowd, other.crowd),
        )


def count(tables: Tables, decisions: Decisions, as_of: int, packing: Packing) -> Counts:
    """Count what was decided of a bucket.

    as_of: the day number on which people have their age. packing: of the store and the policy.
    """
    rows = np.flatnonzero(decisions.outcome != NO_CANDIDATE)
    people = tables.charges.person[rows]
    found = Counts(
        crosstab=(packing.count_charges(tables, decisions, rows, as_of),),
        crowd=crosstabs.count_people(tables, decisions, as_of),
    )
    places = packing.places
    decided = places.of(outcome=decisions.outcome[rows], rule=decisions.rule[rows])
    lacks = np.flatnonzero(decisions.missing[rows])
    missing = decisions.missing[rows[lacks]]
    lacking = [(number, lacks[missing & int(bit) != 0]) for number, bit in enumerate(WORDS)]
    met = met_of(tables)
    for place in _places(tables, places, rows):
        cells = counted(place + decided, people, met)
        codes = places.taken(cells.keys)
        of_rule = codes["rule"] + 1
        where = (codes["scope"], codes["county"], codes["court"], codes["outcome"], of_rule)
        listed = list(zip(*(column.tolist() for column in where), strict=True))
        found.charges.update(dict(zip(listed, cells.charges.tolist(), strict=True)))
        found.people.update(dict(zip(listed, cells.people.tolist(), strict=True)))
        for number, lack in lacking:
            if not lack.size:
                continue
            keys, times = np.unique(place[lack], return_counts=True)
            codes = places.taken(keys)
            of_place = [codes[name].tolist() for name in ("scope", "county", "court")]
            of_lack = zip(*of_place, [number] * keys.size, strict=True)
            found.lacking.update(dict(zip(of_lack, times.tolist(), strict=True)))
    outcomes = counted(places.of(outcome=decisions.outcome[rows]), people, met)
    of_outcome = places.taken(outcomes.keys)["outcome"].tolist()
    found.outcomes.update(dict(zip(of_outcome, outcomes.people.tolist(), strict=True)))
    found.totals.update(
        {
            "charges": tables.rows,
            "people": tables.people.birth_date.size,
            "candidates": rows.size,
            # Charges of a person stand side by side.
            "people_with_candidates": int(np.count_nonzero(np.diff(people, prepend=-1))),
            "unsure": int(decisions.unsure.sum()),
        }
    )
    return found


def _places(tables: Tables, fields: Fields, rows: Int64s) -> Iterator[Int64s]:
    """Scope, county and court of some charges: as of the state, of counties, and of courts if any is named."""
    county = tables.charges.county[rows]
    yield fields.of(scope=np.zeros(rows.size, np.int8))
    in_county = fields.of(county=county)
    yield in_county + fields.of(scope=np.ones(1, np.int8))
    if tables.words.courts:
        yield in_county + fields.of(scope=np.full(1, 2, np.int8), court=tables.charges.court[rows])


def tables_of(counts: Counts, policy: ChargePolicy, names: Names) -> dict[str, pa.Table]:
    """The tables of a run, by their names.

    Parameters
    ----------
    counts
        Of all buckets.
    policy
        What was decided by.
    names
        Of the store.

    Returns
    -------
    dict of str to Table
        `charges`, `missing`, `crosstab` and `people`. The same charges give the same rows in the same order.
    """
    crosstab = Packing(names, policy).table(counts.crosstab)
    crosstab, crowd, words = named(crosstab, counts.crowd, names)
    return {
        "charges": _charge_table(counts, policy, words),
        "missing": _lacking_table(counts, words),
        "crosstab": crosstabs.charge_crosstab(crosstab, policy, words),
        "people": crosstabs.people_crosstab(crowd, words),
    }


def _charge_table(counts: Counts, policy: ChargePolicy, words: Words) -> pa.Table:
    """Charges and people by place, outcome and reason; the state first, then counties, then courts.

    Codes are in the order of the texts; what no record says comes first.
    """
    rows = [
        {
            **_where(cell, words),
            "outcome": _OUTCOMES[cell[3]].name,
            "rule": cell[4] or None,
            "reason": policy.rules[cell[4] - 1].reason if cell[4] else NO_RULE_HOLDS,
            "charges": charges,
            "people": counts.people[cell],
        }
        for cell, charges in sorted(counts.charges.items())
    ]
    return pa.Table.from_pylist(rows, schema=CHARGE_TABLE)


def _lacking_table(counts: Counts, words: Words) -> pa.Table:
    """Undecided charges by place and what is missing; a charge that lacks two stands twice."""
    lacks = tuple(WORDS.values())
    rows = [
        {**_where(cell, words), "missing": lacks[cell[3]], "charges": charges}
        for cell, charges in sorted(counts.lacking.items())
    ]
    return pa.Table.from_pylist(rows, schema=LACKING_TABLE)


def summary(counts: Counts) -> dict[str, object]:
    """Figures of the state."""
    totals = {name: counts.totals[name] for name in _TOTALS}
    outcomes: dict[str, Any] = {}
    for outcome in _OUTCOMES:
        state = (SCOPES.index(STATE), _REST, _REST, outcome.code)
        charges = sum(n for cell, n in counts.charges.items() if cell[:4] == state)
        outcomes[outcome.name] = {"charges": charges, "people": counts.outcomes[outcome.code]}
    return {**totals, "outcomes": outcomes}


_TOTALS = ("charges", "people", "candidates", "people_with_candidates", "unsure")
_PLACE = [pa.field("scope", pa.string()), pa.field("county", pa.string()), pa.field("court", pa.string())]
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


def _where(cell: Cell, words: Words) -> dict[str, str | None]:
    scope, county, court = cell[:3]
    return {
        "scope": SCOPES[scope],
        "county": words.counties[county] if county >= 0 else None,
        "court": words.courts[court] if court >= 0 else None,
    }
