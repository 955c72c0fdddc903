"""What became of each decision, counted and listed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from clearscale.charges.tables import NO_DAY
from clearscale.runs.charges.crosstabs import COUNTY, STATE
from clearscale_kernels.arrays import Int64s

from .sides import Joined, column_of

SAME, OTHER_OUTCOME, OTHER_REASON, OTHER_RULE, OTHER_DAY, OTHER_MISSING, ONLY_BEFORE, ONLY_AFTER = (
    *("same", "other outcome", "other reason", "other rule", "other day", "other missing data"),
    *("only before", "only after"),
)
CHANGES = (SAME, OTHER_OUTCOME, OTHER_REASON, OTHER_RULE, OTHER_DAY, OTHER_MISSING, ONLY_BEFORE, ONLY_AFTER)
"""What became of a decision: of what differs, the first that stands here. A charge of another day differs in
`first_eligible` and, at most, in what is missing."""

COURT = "court"
SIDES = ("before", "after")
DECISION = ("outcome", "rule", "reason")
MORE = ("first_eligible", "missing")
OF_CHARGE = ("county", "court", "case", "sequence", "code", "section", "subsection")

_TEXT = pa.dictionary(pa.int32(), pa.string())
_PER_SIDE = {
    "outcome": _TEXT,
    "rule": pa.int16(),
    "reason": _TEXT,
    "first_eligible": pa.date32(),
    "missing": _TEXT,
}
RECORDS = pa.schema(
    [
        pa.field("file", _TEXT),
        pa.field("line", pa.int64()),
        *(pa.field(name, pa.string() if name in ("case", "sequence") else _TEXT) for name in OF_CHARGE),
        pa.field("change", _TEXT),
        *(pa.field(f"{name}_{side}", kind) for side in SIDES for name, kind in _PER_SIDE.items()),
    ]
)
"""A row each charge that is not decided the same, with both decisions."""

Decision = tuple[str | None, int | None, str | None]
"""Outcome, rule from 1, and reason; all None where a run does not decide the charge."""

Cell = tuple[str, str | None, str | None, str, Decision, Decision]
"""Scope, county and court; the change; and both decisions."""


@dataclass(frozen=True)
class DiffCounts:
    """Counts of some buckets.

    Attributes
    ----------
    charges, people
        By cell; people once for each.
    of_people
        People of the state by change, once for each; under an empty text those of any but `SAME`.
    parts
        How many records each file of them holds, by its name.
    """

    charges: Counter[Cell] = field(default_factory=Counter)
    people: Counter[Cell] = field(default_factory=Counter)
    of_people: Counter[str] = field(default_factory=Counter)
    parts: dict[str, int] = field(default_factory=dict)

    def __add__(self, other: "DiffCounts") -> "DiffCounts":
        return DiffCounts(
            self.charges + other.charges,
            self.people + other.people,
            self.of_people + other.of_people,
            self.parts | other.parts,
        )


class Changed(NamedTuple):
    """What became of charges. change: shape (n,), places in CHANGES. decisions: before and after, shape (n,)."""

    change: Int64s
    decided: tuple[Int64s, Int64s]
    decisions: Sequence[Decision]


def changed(joined: Joined) -> Changed:
    """Compare both decisions of each charge."""
    outcomes, *outcome = _codes(joined, "outcome")
    reasons, *reason = _codes(joined, "reason")
    rule, day = (
        [column_of(table, name, nothing) for table in (joined.before, joined.after)]
        for name, nothing in (("rule", 0), ("first_eligible", NO_DAY))
    )
    _, *missing = _codes(joined, "missing")
    change = np.full(joined.people.size, CHANGES.index(SAME), np.int64)
    differing = (
        (OTHER_MISSING, missing),
        (OTHER_DAY, day),
        (OTHER_RULE, rule),
        (OTHER_REASON, reason),
        (OTHER_OUTCOME, outcome),
    )
    for name, (one, other) in differing:
        change[one != other] = CHANGES.index(name)
    change[~joined.in_after] = CHANGES.index(ONLY_BEFORE)
    change[~joined.in_before] = CHANGES.index(ONLY_AFTER)
    rules = max([0, *(int(column.max(initial=0)) for column in rule)]) + 1
    sizes = (len(outcomes) + 1, rules, len(reasons) + 1)
    numbers = [
        np.ravel_multi_index((outcome[side] + 1, rule[side], reason[side] + 1), sizes).astype(np.int64)
        for side in (0, 1)
    ]
    found, places = np.unique(np.concatenate(numbers), return_inverse=True)
    one, two, three = np.unravel_index(found, sizes)
    decisions = [
        (outcomes[a - 1], b or None, reasons[c - 1]) if a else (None, None, None)
        for a, b, c in zip(one.tolist(), two.tolist(), three.tolist(), strict=True)
    ]
    half = joined.people.size
    return Changed(change, (places[:half], places[half:]), decisions)


def counted(joined: Joined, found: Changed) -> DiffCounts:
    """Count charges and people by what became of them: of the state, of each county, and of each court."""
    counts = DiffCounts()
    people = np.unique(joined.people, return_inverse=True)[1].astype(np.int64)
    counties, county = _latest(joined, "county")
    courts, court = _latest(joined, "court")
    of_change = found.change, *found.decided
    sizes = (len(CHANGES), len(found.decisions), len(found.decisions))
    kinds = np.ravel_multi_index(of_change, sizes).astype(np.int64) if people.size else people
    everything = np.arange(people.size)
    places = {
        STATE: (everything, np.zeros_like(county), np.zeros_like(court)),
        COUNTY: (everything, county + 1, np.zeros_like(court)),
        COURT: (np.flatnonzero(court >= 0), county + 1, court + 1),
    }
    shape = (len(counties) + 1, len(courts) + 1, int(np.prod(sizes)) or 1)
    for scope, (rows, of_county, of_court) in places.items():
        if not rows.size:
            continue
        cells = np.ravel_multi_index((of_county[rows], of_court[rows], kinds[rows]), shape).astype(np.int64)
        keys, cell, charges = np.unique(cells, return_inverse=True, return_counts=True)
        once = np.unique(people[rows] * keys.size + cell) % keys.size
        of_people = np.bincount(once, minlength=keys.size)
        *where, kind = np.unravel_index(keys, shape)
        parts = (*where, *np.unravel_index(kind, sizes), charges, of_people)
        for a, b, what, before, after, many, persons in zip(*(part.tolist() for part in parts), strict=True):
            name: Cell = (
                scope,
                counties[a - 1] if a else None,
                courts[b - 1] if b else None,
                CHANGES[what],
                found.decisions[before],
                found.decisions[after],
            )
            counts.charges[name], counts.people[name] = many, persons
    for place, change in enumerate(CHANGES):
        counts.of_people[change] = np.unique(people[found.change == place]).size
    counts.of_people[""] = np.unique(people[found.change != CHANGES.index(SAME)]).size
    return counts


def records(joined: Joined, found: Changed) -> pa.Table:
    """List the charges that are not decided the same. As `RECORDS` says."""
    rows = np.flatnonzero(found.change != CHANGES.index(SAME))
    chosen = pa.array(rows)
    before, after = (table.take(chosen) for table in (joined.before, joined.after))
    later = joined.in_after[rows]
    columns = [_either(before, after, later, name) for name in ("file", "line", *OF_CHARGE)]
    names = pa.DictionaryArray.from_arrays(pa.array(found.change[rows], pa.int32()), pa.array(CHANGES, pa.string()))
    columns.append(names)
    for table in (before, after):
        columns += [table.column(name) for name in _PER_SIDE]
    return pa.table(columns, names=RECORDS.names).cast(RECORDS)


def _either(before: pa.Table, after: pa.Table, later: np.ndarray, name: str) -> pa.ChunkedArray:
    """A column of the later run, where it has the charge, otherwise of the earlier one."""
    both = pa.chunked_array(
        [*after.column(name).chunks, *before.column(name).chunks], after.schema.field(name).type
    )
    at = np.where(later, np.arange(later.size), np.arange(later.size) + later.size)
    return both.unify_dictionaries().take(pa.array(at))


def _codes(joined: Joined, name: str) -> tuple[list[str], Int64s, Int64s]:
    """Texts of a column of both runs, and the place of each row's among them, -1 where there is none."""
    columns = [table.column(name) for table in (joined.before, joined.after)]
    together = pa.chunked_array([chunk for column in columns for chunk in column.chunks], columns[0].type)
    whole = together.unify_dictionaries().combine_chunks()
    texts: list[str] = whole.dictionary.to_pylist()
    codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    half = len(columns[0])
    return texts, codes[:half], codes[half:]


def _latest(joined: Joined, name: str) -> tuple[list[str], Int64s]:
    """Texts and places of the later run, where it has the charge, otherwise of the earlier one."""
    texts, before, after = _codes(joined, name)
    return texts, np.where(joined.in_after, after, before)
