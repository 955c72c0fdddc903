"""Tidy count tables: one row a combination that occurs, small enough to read, exact enough to publish from.

While buckets are counted, a row is one number, its texts' places multiplied together (`Axes`); texts come last.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from clearscale_kernels import count, facts
from clearscale_kernels.arrays import Int8s, Int64s

from .caseload import Caseload
from .demography import AGE_BANDS, RACES, UNKNOWN, age_bands, race_group
from .errors import RunError
from .evaluate import Decisions
from .offenses import Offenses
from .policy import AnyPolicy, Outcomes
from .policy import outcomes as outcomes_of
from .tally import MEASURES

SCOPES = ("county", "state")
"""`county`: as the county alone would count, its own extracts. `state`: each person once."""

CONVICTION_KEYS = ("county", "section", "severity", "determination", "reason", "race", "sex", "age", "year")
CONVICTION_COUNTS = ("convictions", "convictions_once")
PEOPLE_KEYS = ("scope", "county", "race", "sex", "age")
PEOPLE_COUNTS = ("people", "with_prop64", *MEASURES)

_SECTIONS = (*facts.SECTIONS, "related")
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
        """The texts of a dictionary's codes, sorted or in the given order."""
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
        """From the dictionaries' texts, and the county of each extract."""
        return cls(
            Coded.of(county),
            Coded.of([race_group(text) for text in race], RACES),
            Coded.of([text or UNKNOWN for text in sex]),
            Coded.of([*extract_county, ""]),
            offenses,
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
                "the store has too many different counties or sexes to count by; `clearscale check` lists them"
            )

    def part(self, **places: np.ndarray) -> Int64s:
        """What places on some of the axes add to their rows' numbers. Shapes (n,)."""
        result: Int64s | None = None
        stride = 1
        for name, texts in reversed(self.axes.items()):
            if name in places:
                added = places[name].astype(np.int64) * stride
                result = added if result is None else np.add(result, added, out=result)
            stride *= max(len(texts), 1)
        assert result is not None
        return result

    def places(self, keys: Int64s) -> dict[str, Int64s]:
        """The places that the numbers stand for, by axis."""
        found = {}
        for name, texts in reversed(self.axes.items()):
            keys, found[name] = np.divmod(keys, max(len(texts), 1))
        return found


@dataclass(frozen=True)
class Counts:
    """Rows of a table that is still numbers. keys: shape (n,), sorted, each once. counts: shape (n, c)."""

    keys: Int64s
    counts: Int64s

    def __add__(self, other: "Counts") -> "Counts":
        return add_counts([self, other])


def add_counts(parts: Sequence[Counts]) -> Counts:
    """The counts of equal keys added up."""
    keys = np.concatenate([part.keys for part in parts])
    order = np.argsort(keys)
    counts = np.concatenate([part.counts for part in parts])[order]
    out = np.empty(keys.size, np.int64), np.empty_like(counts)
    size = count.add_equal(keys[order], counts, *out)
    return Counts(out[0][:size], out[1][:size])


def _count_bits(packed: Int64s, bits: int) -> Counts:
    packed.sort()
    keys, counts = np.empty(packed.size, np.int64), np.empty((packed.size, bits), np.int64)
    size = count.add_bits(packed, bits, keys, counts)
    return Counts(keys[:size], counts[:size])


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


def count_convictions(caseload: Caseload, decisions: Decisions, labels: Labels, as_of: int) -> Counts:
    """Convictions in scope by CONVICTION_KEYS: of their own county's extract, and of people once."""
    kept = np.flatnonzero(decisions.in_scope & (caseload.own | caseload.canonical))
    axes = conviction_axes(decisions.policy, labels)
    # Those of a person are put together for the person, not for each conviction.
    race, sex = labels.race.at(caseload.subjects["race"]), labels.sex.at(caseload.subjects["sex"])
    person = axes.part(race=race, sex=sex, age=age_bands(caseload, as_of))
    flags = caseload.candidates["flags"].take(kept)
    section = caseload.section.take(kept)
    keys = axes.part(
        county=labels.county.at(caseload.candidates["county"].take(kept)),
        section=np.where(section < 0, np.int8(len(facts.SECTIONS)), section),
        severity=(flags & facts.FELONY) == 0,
        outcome=outcomes(decisions.policy, labels).at(
            decisions.rules.take(kept), caseload.candidates["offense"].take(kept)
        ),
        year=caseload.candidates["year"].take(kept) + np.int16(1),
    )
    keys += person.take(caseload.candidates["history"].take(kept))
    keys <<= 2
    keys |= (flags & facts.OWN_COUNTY) != 0
    keys |= ((flags & facts.CANONICAL) != 0).astype(np.int64) << 1
    return _count_bits(keys, len(CONVICTION_COUNTS))


def count_people(caseload: Caseload, standings: Int8s, labels: Labels, as_of: int) -> Counts:
    """People by PEOPLE_KEYS. standings: see `tally`."""
    axes = people_axes(labels)
    race, sex = labels.race.at(caseload.subjects["race"]), labels.sex.at(caseload.subjects["sex"])
    bands = age_bands(caseload, as_of)
    canonical = caseload.subjects["canonical"]
    county = labels.extract_county.at(caseload.subjects["extract"])
    state = labels.extract_county.at(np.full(1, caseload.extracts))
    zeros = np.zeros(county.size, np.int64)
    # The standing's bits count from the lowest: the measures, then who has a Prop 64 conviction, then everyone.
    of_county = axes.part(scope=zeros, county=county, race=race, sex=sex, age=bands) << 6 | standings[0] | 32
    of_state = (
        axes.part(scope=zeros + 1, county=zeros + state, race=race, sex=sex, age=bands) << 6 | standings[1] | 32
    )
    found = _count_bits(np.concatenate([of_county, of_state[canonical]]), len(PEOPLE_COUNTS))
    return Counts(found.keys, found.counts[:, [5, 4, 0, 1, 2, 3]])


def _texts(places: np.ndarray, texts: Sequence[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(texts, pa.string()))


def conviction_table(counts: Counts, policy: AnyPolicy, labels: Labels) -> pa.Table:
    """The table of convictions: CONVICTION_KEYS and CONVICTION_COUNTS; `year` is null without a date."""
    places = conviction_axes(policy, labels).places(counts.keys)
    known = outcomes(policy, labels)
    # Of reasons that hold code sections most do not occur.
    used, outcome = np.unique(places["outcome"], return_inverse=True)
    determination = Coded.of([known.determinations[place] for place in used])
    reason = Coded.of([known.reasons[place] for place in used])
    year = places["year"].astype(np.int16) - np.int16(1)
    return pa.table(
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
        }
    )


def people_table(counts: Counts, labels: Labels) -> pa.Table:
    """The table of people: PEOPLE_KEYS and PEOPLE_COUNTS; `county` is empty in scope `state`."""
    places = people_axes(labels).places(counts.keys)
    return pa.table(
        {
            "scope": _texts(places["scope"], SCOPES),
            "county": _texts(places["county"], labels.extract_county.texts),
            "race": _texts(places["race"], RACES),
            "sex": _texts(places["sex"], labels.sex.texts),
            "age": _texts(places["age"], AGE_BANDS),
            **{name: counts.counts[:, column] for column, name in enumerate(PEOPLE_COUNTS)},
        }
    )
