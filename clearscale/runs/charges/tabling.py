"""The tables of a run over charges, and its figures, of what was counted."""

from typing import Any

import pyarrow as pa

from clearscale.charges.tables import Words
from clearscale.dates import iso
from clearscale.relief import OUTCOMES, ChargePolicy
from clearscale.relief.deciding import NO_RULE_HOLDS
from clearscale.relief.missing import WORDS

from .counting import REST, Cell, Counts
from .crosstabs import SCOPES, STATE, people_crosstab

_OUTCOMES = tuple(OUTCOMES.values())


def tables_of(counts: Counts, crowd: pa.Table, policy: ChargePolicy, words: Words) -> dict[str, pa.Table]:
    """The tables of a run, by their names.

    Parameters
    ----------
    counts
        Of all buckets.
    crowd
        Their counts of people by codes of `words`.
    policy
        What was decided by.
    words
        With texts that tables may name.

    Returns
    -------
    dict of str to Table
        `charges`, `missing`, `people` and `due`. The same charges give the same rows in the same order.
    """
    return {
        "charges": _charge_table(counts, policy, words),
        "missing": _lacking_table(counts, words),
        "people": people_crosstab(crowd, words),
        "due": _due_table(counts, words),
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


def _due_table(counts: Counts, words: Words) -> pa.Table:
    """Charges that are not yet due by county and the year in which they are."""
    rows = [
        {"county": words.counties[county] if county >= 0 else None, "year": year, "charges": charges}
        for (county, year), charges in sorted(counts.due.items())
    ]
    return pa.Table.from_pylist(rows, schema=DUE_TABLE)


def summary_of(counts: Counts, policy: ChargePolicy, as_of: int) -> dict[str, object]:
    """Figures of the state, as `summary.json` has them. as_of: day number."""
    totals = {name: counts.totals[name] for name in _TOTALS}
    outcomes: dict[str, Any] = {}
    for outcome in _OUTCOMES:
        state = (SCOPES.index(STATE), REST, REST, outcome.code)
        charges = sum(n for cell, n in counts.charges.items() if cell[:4] == state)
        outcomes[outcome.name] = {"charges": charges, "people": counts.outcomes[outcome.code]}
    about = {"asOf": iso(as_of), "policy": policy.id, "policyTitle": policy.title}
    return {**about, **totals, "outcomes": outcomes}


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
DUE_TABLE = pa.schema(
    [pa.field("county", pa.string()), pa.field("year", pa.int32()), pa.field("charges", pa.int64())]
)


def _where(cell: Cell, words: Words) -> dict[str, str | None]:
    scope, county, court = cell[:3]
    return {
        "scope": SCOPES[scope],
        "county": words.counties[county] if county >= 0 else None,
        "court": words.courts[court] if court >= 0 else None,
    }
