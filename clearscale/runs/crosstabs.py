"""Tidy count tables: one row a combination that occurs, small enough to read, exact enough to publish from.

While buckets are counted, a row is one number, its texts' places multiplied together (`Axes`); texts come last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.errors import RunError
from clearscale.law import state
from clearscale.law.offense_texts import Offenses
from clearscale.policy import AnyPolicy, Outcomes
from clearscale.policy import outcomes as outcomes_of
from clearscale.policy.caseload import Caseload
from clearscale_kernels.arrays import Int8s, Int32s, Int64s
from clearscale_kernels.policy import tables

from .demography import AGE_BANDS, RACES, age_bands, race_group, sex_group
from .evaluate import Decisions
from .tally import MEASURES

SCOPES = ("county", "state")
"""`county`: as the county alone would count, its own extracts. `state`: each person once."""

CONVICTION_KEYS = ("county", "section", "severity", "determination", "reason", "race", "sex", "age", "year")
CONVICTION_COUNTS = ("convictions", "convictions_once")
PEOPLE_KEYS = ("scope", "county", "race", "sex", "age")
PEOPLE_COUNTS = ("people", "with_prop64", *MEASURES)

_SECTIONS = (*state().charges.sections, "related")
_SEVERITIES = ("felony", "not a felony")
_YEARS = 10001
"""Places of the axis of years: no date, then the years from 0."""


@dataclass(frozen=True)
class Coded:
    """Texts in order, each once. places: shape (codes,), the text of each code of a dictionary."""

    texts: tuple[str, ...]
    places: Int64s

    @classmethod
    def of(cls, texts: Sequence[str], order: Sequence[str] | None = None) -> "Coded":
        """Make it from the texts of a dictionary's codes, sorted or in the given order."""
        known = tuple(sorted(set(texts)) if order is None else order)
        place = {text: number for number, text in enumerate(known)}
        return cls(known, np.array([place[text] for text in texts], np.int64))

    def at(self, codes: np.ndarray) -> Int64s:
        """The place of each code's text. A code of -1 stands for the last code."""
        return self.places[codes] if self.places.size else np.zeros(codes.size, np.int64)


@dataclass(frozen=True)
class Labels:
    """Texts of the codes that tables show.

    extract_county: of each extract, then the empty one of the state. offenses: for reasons that hold code sections.
    """

    county: Coded
    race: Coded
    sex: Coded
    extract_county: Coded
    offenses: Offenses | None = None

    @classmethod
    def of(
        cls,
        county: list[str],
        race: list[str],
        sex: list[str],
        extract_county: list[str],
        offenses: Offenses | None = None,
    ) -> "Labels":
        """From the dictionaries' texts, and the county of each extract. Unheard-of texts are told as such only."""
        return cls(
            Coded.of([state().counties.group(text) for text in county]),
            Coded.of([race_group(text) for text in race], RACES),
            Coded.of([sex_group(text) for text in sex]),
            Coded.of([*extract_county, ""]),
            offenses.for_figures if offenses is not None else None,
        )


class Axes:
    """The axes of a table, the slowest first, each with its texts; a row is one number over all of them."""

    def __init__(self, **axes: Sequence[object]) -> None:
        self.axes = axes
        size = 1
        for texts in axes.values():
            size *= max(len(texts), 1)
        if size >= 2**56:
            raise RunError(
                "the store has too many different code sections to count by; `clearscale check` counts what is odd"
            )

    def part(self, **places: np.ndarray) -> Int64s:
        """Return what places on some of the axes add to their rows' numbers. Shapes (n,)."""
        result: Int64s | None = None
        stride = 1
        for name, texts in reversed(self.axes.items()):
            if name in places:
                added = places[name].astype(np.int64) * stride
                result = added if result is None else np.add(result, added, out=result)
            stride *= max(len(texts), 1)
        assert result is not None
        return result

    def places(self, keys: Int64s) -> dict[str, Int32s]:
        """Split the rows' numbers into places, by axis."""
        sizes = np.array([max(len(texts), 1) for texts in self.axes.values()], np.int64)
        out = np.empty((sizes.size, keys.size), np.int32)
        tables.split_keys(keys, sizes, out)
        return dict(zip(self.axes, out, strict=True))


@dataclass(frozen=True)
class CellCounts:
    """Rows of a table that is still numbers. keys: shape (n,), sorted, each once. counts: shape (n, c)."""

    keys: Int64s
    counts: Int64s

    def __add__(self, other: "CellCounts") -> "CellCounts":
        return add_counts([self, other])


def add_counts(parts: Sequence[CellCounts]) -> CellCounts:
    """Add up the counts of equal keys."""
    return reduce(_merged, parts)


def _merged(one: CellCounts, other: CellCounts) -> CellCounts:
    size = one.keys.size + other.keys.size
    keys, counts = np.empty(size, np.int64), np.empty((size, one.counts.shape[1]), np.int64)
    found = tables.merge_counts(
        tables.CountTable(one.keys, one.counts),
        tables.CountTable(other.keys, other.counts),
        tables.CountTable(keys, counts),
    )
    return CellCounts(keys[:found], counts[:found])


def _count_bits(packed: Int64s, bits: int) -> CellCounts:
    keys, counts = np.empty(packed.size, np.int64), np.empty((packed.size, bits), np.int64)
    slots = np.zeros(1 << max(1, (2 * packed.size - 1).bit_length()), np.int32)
    size = tables.count_bits(packed, bits, slots, tables.CountTable(keys, counts))
    # Far fewer than before counting, so sorting is cheap here.
    order = np.argsort(keys[:size])
    return CellCounts(keys.take(order), counts.take(order, axis=0))


def outcomes(policy: AnyPolicy, labels: Labels) -> Outcomes:
    """(determination, reason) of each rule, and those of an undecided conviction, as one text each."""
    return outcomes_of(policy, labels.offenses)


def conviction_axes(policy: AnyPolicy, labels: Labels) -> Axes:
    """The axes of the table of convictions; determination and reason are one."""
    return Axes(
        county=labels.county.texts,
        section=_SECTIONS,
        severity=_SEVERITIES,
        outcome=outcomes(policy, labels).texts,
        race=RACES,
        sex=labels.sex.texts,
        age=AGE_BANDS,
        year=range(_YEARS),
    )


def people_axes(labels: Labels) -> Axes:
    """The axes of the table of people."""
    return Axes(
        scope=SCOPES,
        county=labels.extract_county.texts,
        race=RACES,
        sex=labels.sex.texts,
        age=AGE_BANDS,
    )


def person_cells(caseload: Caseload, labels: Labels, as_of: int) -> Int64s:
    """Race, sex and age band of each history's person as one number, which rows of both tables hold. Shape (h,)."""
    axes = Axes(race=RACES, sex=labels.sex.texts, age=AGE_BANDS)
    race, sex = axes.part(race=labels.race.places), axes.part(sex=labels.sex.places)
    subjects = caseload.subjects
    cells: Int64s = race.take(subjects["race"]) if race.size else np.zeros(subjects["race"].size, np.int64)
    cells += sex.take(subjects["sex"]) if sex.size else 0
    cells += age_bands(caseload, as_of)
    return cells


def count_convictions(caseload: Caseload, decisions: Decisions, labels: Labels, cells: Int64s) -> CellCounts:
    """Convictions in scope by CONVICTION_KEYS: of their own county's extract, and of people once.

    cells: see `person_cells`.
    """
    axes, candidates = conviction_axes(decisions.policy, labels), caseload.candidates
    keys = np.empty(decisions.rules.size, np.int64)
    rows = tables.ConvictionRows(
        in_scope=decisions.in_scope,
        flags=candidates["flags"],
        histories=candidates["history"],
        sections=caseload.section,
        counties=candidates["county"],
        years=candidates["year"],
        outcomes=outcomes(decisions.policy, labels).at(decisions.rules, candidates["offense"]),
    )
    terms = tables.Terms(
        counties=axes.part(county=labels.county.places),
        sections=axes.part(section=np.arange(len(_SECTIONS))),
        severities=axes.part(severity=np.arange(len(_SEVERITIES))),
        outcome=int(axes.part(outcome=np.ones(1, np.int64))[0]),
        person=_YEARS,
    )
    size = tables.pack_convictions(rows, cells, terms, keys)
    return _count_bits(keys[:size], len(CONVICTION_COUNTS))


def count_people(caseload: Caseload, standings: Int8s, labels: Labels, cells: Int64s) -> CellCounts:
    """People by PEOPLE_KEYS. standings: see `tally`. cells: see `person_cells`."""
    axes, canonical = people_axes(labels), caseload.subjects["canonical"]
    county, state = axes.part(county=labels.extract_county.places), axes.part(scope=np.ones(1, np.int64))
    of_county = cells + county.take(caseload.subjects["extract"])
    of_state = cells[canonical] + (state + county[-1:])
    # The standing's bits count from the lowest: the measures, then who has a Prop 64 conviction, then everyone.
    packed = np.concatenate([of_county, of_state])
    packed <<= 6
    packed |= np.concatenate([standings[0], standings[1][canonical]])
    packed |= 32
    found = _count_bits(packed, len(PEOPLE_COUNTS))
    return CellCounts(found.keys, found.counts.take([5, 4, 0, 1, 2, 3], axis=1))


def required(columns: Mapping[str, Any], nullable: Sequence[str] = ()) -> pa.Table:
    """Make a table in which only the named columns are nullable: writing validity for the others costs time."""
    arrays = {
        name: pa.array(values) if isinstance(values, np.ndarray) else values for name, values in columns.items()
    }
    fields = [pa.field(name, array.type, nullable=name in nullable) for name, array in arrays.items()]
    return pa.table(list(arrays.values()), pa.schema(fields))


def _texts(places: np.ndarray, texts: Sequence[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(
        pa.array(places.astype(np.int32, copy=False)), pa.array(texts, pa.string())
    )


def conviction_table(counts: CellCounts, policy: AnyPolicy, labels: Labels) -> pa.Table:
    """The table of convictions: CONVICTION_KEYS and CONVICTION_COUNTS; `year` is null without a date."""
    places = conviction_axes(policy, labels).places(counts.keys)
    known = outcomes(policy, labels)
    # Most reasons that hold code sections do not occur.
    used = np.flatnonzero(np.bincount(places["outcome"], minlength=len(known.texts)))
    determination = Coded.of([known.determinations[place] for place in used])
    reason = Coded.of([known.reasons[place] for place in used])
    outcome = np.zeros(len(known.texts), np.int32)
    outcome[used] = np.arange(used.size)
    outcome = outcome.take(places["outcome"])
    year = places["year"].astype(np.int16) - np.int16(1)
    return required(
        {
            "county": _texts(places["county"], labels.county.texts),
            "section": _texts(places["section"], _SECTIONS),
            "severity": _texts(places["severity"], _SEVERITIES),
            "determination": _texts(determination.at(outcome), determination.texts),
            "reason": _texts(reason.at(outcome), reason.texts),
            "race": _texts(places["race"], RACES),
            "sex": _texts(places["sex"], labels.sex.texts),
            "age": _texts(places["age"], AGE_BANDS),
            "year": pa.array(year, mask=year < 0),
            **{name: counts.counts[:, column] for column, name in enumerate(CONVICTION_COUNTS)},
        },
        nullable=["year"],
    )


def people_table(counts: CellCounts, labels: Labels) -> pa.Table:
    """The table of people: PEOPLE_KEYS and PEOPLE_COUNTS; `county` is empty in scope `state`."""
    places = people_axes(labels).places(counts.keys)
    return required(
        {
            "scope": _texts(places["scope"], SCOPES),
            "county": _texts(places["county"], labels.extract_county.texts),
            "race": _texts(places["race"], RACES),
            "sex": _texts(places["sex"], labels.sex.texts),
            "age": _texts(places["age"], AGE_BANDS),
            **{name: counts.counts[:, column] for column, name in enumerate(PEOPLE_COUNTS)},
        }
    )
