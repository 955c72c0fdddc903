"""What a run over charges counts: charges and people by place, outcome and reason, and what is missing.

A place is the state, a county, or a court of a county. Charges whose record does not say it are one of their own.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import pyarrow as pa

from clearscale.charges.tables import Tables
from clearscale.relief import Decisions
from clearscale.relief.missing import WORDS
from clearscale.relief.outcomes import NOT_YET
from clearscale_kernels.arrays import Int64s
from clearscale_kernels.relief import cells, places

from . import crosstabs
from .crosstabs import COURT, SCOPES, years_of
from .naming import unlisted_of
from .packing import Packing, counted, marked

REST = -1
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
    unlisted
        Charges by column and code, see `naming.unlisted_of`.
    due
        Charges that are not yet due, by the code of their county and the year in which they are.
    crowd
        People by all that tables tell of them, see `crosstabs`.
    """

    charges: Counter[Cell] = field(default_factory=Counter)
    people: Counter[Cell] = field(default_factory=Counter)
    outcomes: Counter[int] = field(default_factory=Counter)
    lacking: Counter[Cell] = field(default_factory=Counter)
    totals: Counter[str] = field(default_factory=Counter)
    unlisted: Counter[tuple[str, int]] = field(default_factory=Counter)
    due: Counter[Cell] = field(default_factory=Counter)
    crowd: pa.Table = field(default_factory=crosstabs.no_people)

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            _both(self.charges, other.charges),
            _both(self.people, other.people),
            _both(self.outcomes, other.outcomes),
            _both(self.lacking, other.lacking),
            _both(self.totals, other.totals),
            _both(self.unlisted, other.unlisted),
            _both(self.due, other.due),
            crosstabs.together(self.crowd, other.crowd),
        )


_Key = TypeVar("_Key")


def _both(one: Counter[_Key], other: Counter[_Key]) -> Counter[_Key]:
    """The sum of two counts, for which a copy of the larger takes less time than looking at each of its places."""
    one, other = (other, one) if len(one) < len(other) else (one, other)
    found = one.copy()
    found.update(other)
    return found


def count(tables: Tables, decisions: Decisions, rows: Int64s, as_of: int, packing: Packing) -> Counts:
    """Count what was decided of a bucket.

    Parameters
    ----------
    tables, decisions
        Of the bucket.
    rows
        The charges that the policy decides.
    as_of
        The day number on which people have their age.
    packing
        Of the store and the policy.

    Returns
    -------
    Counts
        All but the crosstab of charges, which `packing` counts.
    """
    charges = tables.charges
    found = Counts(
        unlisted=unlisted_of(charges, rows, packing.names),
        due=_due(tables, decisions, rows),
        crowd=crosstabs.count_people(tables, decisions, as_of),
    )
    _count_in_counties(found, tables, decisions, rows, packing)
    if tables.words.courts:
        _count_in_courts(found, tables, decisions, rows, packing)
    found.totals.update(
        {
            "charges": tables.rows,
            "people": tables.people.birth_date.size,
            "candidates": rows.size,
            # Charges of a person stand side by side.
            "people_with_candidates": int(np.count_nonzero(np.diff(charges.person[rows], prepend=-1))),
            "unsure": int(np.count_nonzero(decisions.unsure)),
        }
    )
    return found


def _count_in_counties(found: Counts, tables: Tables, decisions: Decisions, rows: Int64s, packing: Packing) -> None:
    """Count charges in the state and in counties."""
    sizes = packing.sizes
    shape = sizes["county"] + places.FIRST, sizes["outcome"], sizes["rule"] + 1
    counts = places.Counts(
        np.zeros(shape, np.int64),
        np.zeros(shape, np.int64),
        np.zeros((shape[0], len(WORDS)), np.int64),
        np.zeros(shape[1], np.int64),
    )
    decided = places.Decided(
        tables.charges.person, decisions.missing, tables.charges.county, decisions.rule, decisions.outcome
    )
    last = places.Last(np.full(shape, cells.NOBODY, np.int32), np.full(shape[1], cells.NOBODY, np.int32))
    places.count_in_places(decided, rows, last, counts)
    met = np.nonzero(counts.charges)
    listed = [(*_place(place), *rest) for place, *rest in zip(*(column.tolist() for column in met), strict=True)]
    found.charges.update(dict(zip(listed, counts.charges[met].tolist(), strict=True)))
    found.people.update(dict(zip(listed, counts.people[met].tolist(), strict=True)))
    lack = np.nonzero(counts.lacking)
    of_lack = [(*_place(place), bit) for place, bit in zip(*(column.tolist() for column in lack), strict=True)]
    found.lacking.update(dict(zip(of_lack, counts.lacking[lack].tolist(), strict=True)))
    found.outcomes.update({code: people for code, people in enumerate(counts.outcomes.tolist()) if people})


def _place(number: int) -> Cell:
    """A place of `places` as scope, county and court."""
    return (0, REST, REST) if number == places.STATE else (1, number - places.FIRST, REST)


def _count_in_courts(found: Counts, tables: Tables, decisions: Decisions, rows: Int64s, packing: Packing) -> None:
    """Count charges in courts, of which there may be any number."""
    charges, fields = tables.charges, packing.places
    place = fields.of(county=charges.county[rows], court=charges.court[rows])
    decided = fields.of(outcome=decisions.outcome[rows], rule=decisions.rule[rows])
    in_cells = counted(marked(place + decided, charges.person[rows], tables))
    codes = fields.taken(in_cells.keys)
    where = (codes["county"], codes["court"], codes["outcome"], codes["rule"] + 1)
    listed = [(SCOPES.index(COURT), *cell) for cell in zip(*(column.tolist() for column in where), strict=True)]
    found.charges.update(dict(zip(listed, in_cells.charges.tolist(), strict=True)))
    found.people.update(dict(zip(listed, in_cells.people.tolist(), strict=True)))
    lacks = np.flatnonzero(decisions.missing[rows])
    missing = decisions.missing[rows[lacks]]
    for number, bit in enumerate(WORDS):
        lack = lacks[missing & int(bit) != 0]
        if lack.size:
            keys, times = np.unique(place[lack], return_counts=True)
            codes = fields.taken(keys)
            of_place = zip(codes["county"].tolist(), codes["court"].tolist(), strict=True)
            of_lack = [(SCOPES.index(COURT), *court, number) for court in of_place]
            found.lacking.update(dict(zip(of_lack, times.tolist(), strict=True)))


def _due(tables: Tables, decisions: Decisions, rows: Int64s) -> Counter[Cell]:
    """Count charges that are not yet due by county and year."""
    waiting = rows[decisions.outcome[rows] == NOT_YET.code]
    if not waiting.size:
        return Counter()
    days = decisions.first_eligible[waiting]
    # Few days are years apart, and years are found in a calendar, not day by day.
    earliest = int(days.min())
    years = years_of(np.arange(earliest, int(days.max()) + 1, dtype=np.int32))
    first, span = int(years[0]), int(years[-1]) - int(years[0]) + 1
    keys = (tables.charges.county[waiting] + np.int64(1)) * span + (years - first)[days - earliest]
    times = np.bincount(keys)
    met = np.flatnonzero(times)
    listed = zip((met // span - 1).tolist(), (met % span + first).tolist(), strict=True)
    return Counter(dict(zip(listed, times[met].tolist(), strict=True)))
