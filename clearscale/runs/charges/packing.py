"""Charges counted by one number each, which has a field of bits for all that tables tell of a charge.

Numbers are sorted and added up in a fraction of the time that a dozen columns take, and in order they are rows in
the order of their columns.
"""

from collections.abc import Mapping
from functools import cache, reduce
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from clearscale.charges.tables import NO_DAY, Disposition, Tables
from clearscale.relief import OUTCOMES, ChargePolicy, Decisions
from clearscale.runs.ages import AGE_BANDS
from clearscale_kernels.arrays import Int16s, Int32s, Int64s
from clearscale_kernels.people import calendar
from clearscale_kernels.relief import cells
from clearscale_kernels.relief.cells import NOBODY, Cells

from .crosstabs import CHARGE_KEYS, SCOPES, ages_of, coded, count_charges, room_of, statutes_of, years_of
from .naming import Names, recoded

Part: TypeAlias = "Int64s | pa.Table"
"""What a bucket adds to the crosstab: the number of each charge, see `marked`, or counts by codes as columns where
numbers have no room."""

ROOM = 61
"""Bits that a number may have."""

_LATEST_YEAR = 9999
"""Dates of records have four digits for their year."""


class Fields:
    """Fields of a number, the first highest.

    Parameters
    ----------
    sizes
        How many codes each has, which begin at -1 for none.
    """

    def __init__(self, sizes: Mapping[str, int]) -> None:
        widths = {name: size.bit_length() for name, size in sizes.items()}
        self.sizes = dict(sizes)
        self.bits = sum(widths.values())
        self._places: dict[str, tuple[int, int]] = {}
        shift = self.bits
        for name, width in widths.items():
            shift -= width
            self._places[name] = shift, 2**width - 1

    def of(self, **codes: "np.ndarray") -> Int64s:
        """What codes put into their fields: added up, a number."""
        parts = [(column.astype(np.int64) + 1) << self._places[name][0] for name, column in codes.items()]
        return reduce(np.add, parts)

    def table(self, name: str, size: int) -> Int64s:
        """What each code of a field puts into it, from -1 on. Shape (size + 1,)."""
        return self.of(**{name: np.arange(-1, size)})

    def taken(self, keys: Int64s) -> dict[str, Int32s]:
        """The codes in numbers, by field."""
        found = {name: np.empty(keys.size, np.int32) for name in self._places}
        for name, (shift, mask) in self._places.items():
            cells.codes(keys, shift, mask, found[name])
        return found

    def counts(self, counted: Cells) -> pa.Table:
        """Counts by numbers as counts by codes, a column a field."""
        return coded(self.taken(counted.keys), {"charges": counted.charges, "people": counted.people})


class Packing:
    """How charges that a policy decides become numbers.

    Parameters
    ----------
    names
        What tables name of the store.
    policy
        What decides.

    Attributes
    ----------
    names
        As given.
    places
        Fields of a place, an outcome and a rule.
    """

    def __init__(self, names: Names, policy: ChargePolicy) -> None:
        words = names.words
        sizes = {
            "county": len(words.counties),
            "court": len(words.courts),
            "statute": len(statutes_of(words)),
            "level": len(words.levels),
            "class": len(words.classes),
            "disposition": max(Disposition) + 1,
            "outcome": len(OUTCOMES),
            "rule": len(policy.rules),
            "race": len(words.races),
            "sex": len(words.sexes),
            "age": len(AGE_BANDS) - 1,
            "year": _LATEST_YEAR + 1,
        }
        self.names, self._sizes = names, sizes
        self._fields = Fields({name: sizes[name] for name in CHARGE_KEYS})
        self.places = Fields(
            {"scope": len(SCOPES), **{name: sizes[name] for name in ("county", "court", "outcome", "rule")}}
        )

    def part_of(self, tables: Tables, decisions: Decisions, rows: Int64s, as_of: int) -> Part:
        """Tell the charges of a bucket by `crosstabs.CHARGE_KEYS`, whose codes are those of `Names.words`."""
        if self._fields.bits > ROOM:
            counts = count_charges(tables, decisions, rows, as_of, self.names.statutes)
            return recoded(counts, self.names.places)
        charges, people = tables.charges, tables.people
        given = cells.Charges(
            person=charges.person,
            court=charges.court,
            offense=charges.offense,
            day=charges.disposition_date,
            county=charges.county,
            rule=decisions.rule,
            level=charges.level,
            severity=charges.severity,
            disposition=charges.disposition,
            outcome=decisions.outcome,
        )
        of_person = self._fields.of(
            race=self._named("race", people.race), sex=self._named("sex", people.sex), age=ages_of(tables, as_of)
        )
        fields = cells.Fields(
            person=np.append(0, of_person),
            court=self._table("court"),
            offense=self._fields.of(statute=np.roll(self.names.statutes, 1)),
            county=self._table("county"),
            rule=self._table("rule"),
            level=self._table("level"),
            severity=self._table("class"),
            disposition=self._table("disposition"),
            outcome=self._table("outcome"),
            year=_years(),
        )
        keys = np.empty(rows.size, np.int64)
        cells.pack(given, rows, fields, NO_DAY, keys)
        return marked(keys, charges.person[rows], tables)

    def _named(self, column: str, codes: "np.ndarray") -> "np.ndarray":
        places = self.names.places.get(column)
        return codes if places is None else places[codes]

    def _table(self, column: str) -> Int64s:
        """What each code of the store puts into a field, that of none first."""
        places = self.names.places.get(column)
        if places is None:
            return self._fields.table(column, self._sizes[column])
        return self._fields.of(**{column: np.roll(places, 1)})

    @property
    def sizes(self) -> dict[str, int]:
        """How many codes each field of a number has, see `Fields`."""
        return self._fields.sizes


@cache
def _years() -> Int16s:
    """What days from `calendar.FIRST` on put into the lowest field."""
    days = np.arange(calendar.FIRST, calendar.FIRST + calendar.KNOWN, dtype=np.int32)
    return (years_of(days) + 1).astype(np.int16)


def marked(numbers: Int64s, people: Int32s, tables: Tables) -> Int64s:
    """Numbers of charges, each with a bit below it: whether the person has an earlier charge of the same number.

    numbers : shape (n,), written over. people : shape (n,), those of a person of the bucket side by side.
    """
    room = room_of(tables)
    cells.mark_repeats(numbers, people, cells.Met(np.zeros(room, np.int64), np.full(room, NOBODY, np.int32)))
    return numbers


def counted(numbers: Int64s) -> Cells:
    """Count charges, and people once, by their numbers. numbers: see `marked`. Shape (n,), sorted here."""
    numbers.sort()
    found = Cells(*(np.empty(numbers.size, np.int64) for _ in Cells._fields))
    return _first(found, cells.tally(numbers, found))


def summed(parts: list[Cells]) -> Cells:
    """Add up the counts of buckets, one at least: nobody is in two of them."""
    while len(parts) > 1:
        # Neighbors, so that each number is moved as seldom as can be.
        parts = [_sum(*parts[k : k + 2]) for k in range(0, len(parts), 2)]
    return parts[0]


def _sum(one: Cells, other: Cells | None = None) -> Cells:
    if other is None:
        return one
    found = Cells(*(np.empty(one.keys.size + other.keys.size, np.int64) for _ in Cells._fields))
    return _first(found, cells.merge(one, other, found))


def _first(counts: Cells, size: int) -> Cells:
    return Cells(*(column[:size] for column in counts))
