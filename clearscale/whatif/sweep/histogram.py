"""The histogram of a store that a sweep over the counties' eligibility options needs.

The figures of every policy follow from it without another look at the store.

A county's scope counts as the county alone would: relief of its own convictions, in its own extracts. The state's,
the last, counts each person once, in the history that stands for them. Both as `clearscale.runs.tally` has them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from clearscale.dates import add_years
from clearscale.encoding import readable
from clearscale.errors import PolicyError
from clearscale.io.files import Folder
from clearscale.policy import Evidence
from clearscale.policy.caseload import Caseload
from clearscale.policy.county_options import ReliefOption, relief_options
from clearscale.policy.facts import find
from clearscale.runs.crosstabs import CellCounts
from clearscale.runs.snapshots import shared_snapshot
from clearscale.runs.tally import RECENT_YEARS
from clearscale.store import Store
from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int8s, Int16s, Int32s, Int64s
from clearscale_kernels.policy.profiles import (
    MOST_AGES,
    MOST_YEARS,
    CandidatesInView,
    HistoriesInView,
    ProfileTable,
    profile_people,
    profile_words,
)

SIZES = tuple(len(option.settings) for option in relief_options())
"""How many settings each option but the sets of sections has, in the order of their rules."""

CELLS = prod(SIZES)
"""Combinations of their settings."""

if SIZES[1] > MOST_AGES or max(SIZES[2:4]) > MOST_YEARS:
    raise PolicyError(f"options of {SIZES} settings are more than kernels have room for; give them fewer")

_HOLDS = {"==": np.equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}

SECTION_BITS = 15
"""Bits of a charge's flags: the sections that it names."""


@dataclass(frozen=True)
class Scopes:
    """Counties, and the state behind them. of_extract: shape (extracts,), the county of each extract."""

    counties: tuple[str, ...]
    of_extract: Int32s

    @classmethod
    def of(cls, store: Store, by_county: bool) -> "Scopes":
        """Return the store's counties in order, or none."""
        if not by_county:
            return cls((), np.zeros(len(store.manifest.extracts), np.int32))
        names = [readable(entry.county) for entry in store.manifest.extracts]
        counties = tuple(sorted(set(names)))
        places = [counties.index(name) for name in names]
        return cls(counties, np.array(places, np.int32))

    @property
    def state(self) -> int:
        """The state's place."""
        return len(self.counties)


@dataclass(frozen=True)
class SweepTask:
    """A sweep's inputs, for any of its tasks. as_of: day number."""

    store: Folder
    snapshot: str
    as_of: int
    by_county: bool


@dataclass(frozen=True)
class ChargeKinds:
    """Kinds of Prop 64 charges that a store's offenses name.

    groups: shape (g,), sorted: the sections that a charge names, as bits, times 4, plus the place of the leftmost.
    sets: shape (k,), sorted: the sections alone.
    """

    groups: Int16s
    sets: Int8s

    @classmethod
    def of(cls, charge_flags: Int16s, sections: Int8s) -> "ChargeKinds":
        """Collect the kinds from the charges of each offense code."""
        named = (charge_flags & SECTION_BITS)[sections >= 0]
        groups = np.unique(named * 4 + sections[sections >= 0]).astype(np.int16)
        return cls(groups, np.unique(groups // 4).astype(np.int8))


@dataclass(frozen=True)
class Histogram:
    """Counts by scope, additive; `ChargeKinds` and `Scopes` say what places mean.

    totals: shape (scopes, 2, 4), Prop 64 convictions, felonies first, by leftmost section. eligible: shape (scopes,
    4), people who can be in each of MEASURES. felonies: by (scope, group, cell of CELLS).
    profiles: shape (p, words), sorted, each once, see `profiles.profile_people`; people: shape (p,), how many.
    """

    totals: Int64s
    eligible: Int64s
    felonies: CellCounts
    profiles: Int64s
    people: Int64s

    def __add__(self, other: "Histogram") -> "Histogram":
        return Histogram(
            self.totals + other.totals,
            self.eligible + other.eligible,
            self.felonies + other.felonies,
            *_counted(np.concatenate([self.profiles, other.profiles]), np.concatenate([self.people, other.people])),
        )


def _counted(profiles: Int64s, people: Int64s) -> tuple[Int64s, Int64s]:
    """Merge equal profiles: each once, sorted, with how many people have it."""
    order = np.lexsort(profiles.T[::-1])
    profiles, people = profiles[order], people[order]
    new = np.ones(people.size, np.bool_)
    new[1:] = (profiles[1:] != profiles[:-1]).any(axis=1)
    firsts = np.flatnonzero(new)
    return profiles[firsts], np.add.reduceat(people, firsts) if firsts.size else people


def histogram_of(task: SweepTask, buckets: Sequence[int]) -> Histogram:
    """Count the histogram of some buckets."""
    about = shared_snapshot(task.store, task.snapshot)
    kinds = ChargeKinds.of(about.charge_flags, about.sections)
    return count(about.caseload_of_buckets(buckets), kinds, Scopes.of(about.store, task.by_county), task.as_of)


@dataclass(frozen=True)
class OptionBuckets:
    """What the options see in each candidate and person: it survives the places of an axis from its bucket on.

    by_option: of each candidate, shape (n,), by the option's name, in order. persons: of each history's person,
    see `profiles.profile_people`.
    """

    by_option: dict[str, Int8s]
    persons: Int8s

    def __getitem__(self, option: str) -> Int8s:
        return self.by_option[option]

    @property
    def under_21(self) -> Bools:
        """Whether each candidate's person was under 21. Shape (n,)."""
        return self["under_21"].view(np.bool_)

    @classmethod
    def of(cls, caseload: Caseload, as_of: int) -> "OptionBuckets":
        """Sort a caseload into buckets. as_of: day number."""
        evidence = Evidence(caseload, as_of)
        found = {option.name: _buckets(option, evidence) for option in relief_options()}
        persons = np.zeros((4, caseload.subjects["extract"].size), np.int8)
        # All candidates of a history agree on their person.
        for row, name in enumerate(("only_prop64", "deceased", "age", "years_crime_free")):
            persons[row, caseload.candidates["history"]] = found[name]
        return cls(found, persons)

    def cells(self, places: Int64s) -> Int64s:
        """Return the cells of candidates at these places. Shape (places,)."""
        cell = np.zeros(places.size, np.int64)
        for values, size in zip(self.by_option.values(), SIZES, strict=True):
            cell = cell * size + values[places]
        return cell


def _buckets(option: ReliefOption, evidence: Evidence) -> Int8s:
    """Return the bucket of each candidate. Shape (n,)."""
    values = find(option.fact, evidence)
    if option.is_switch:
        found = _HOLDS[option.operator](values, option.value)
    else:
        assert option.operator == ">="
        found = np.clip(values - (option.first - 1), 0, len(option.settings) - 1)
    result: Int8s = found.astype(np.int8)
    return result


def count(caseload: Caseload, kinds: ChargeKinds, scopes: Scopes, as_of: int) -> Histogram:
    """Count the histogram of a caseload. as_of: day number."""
    seen = OptionBuckets.of(caseload, as_of)
    flags, section = caseload.candidates["flags"], caseload.section
    named = (caseload.charge & SECTION_BITS).astype(np.int16)
    in_scope, felony = section >= 0, flags & flag.FELONY != 0
    of_extract = scopes.of_extract[caseload.subjects["extract"]]
    state = np.full(of_extract.size, scopes.state, np.int32)
    size = scopes.state + 1
    totals, eligible = np.zeros((size, 2, 4), np.int64), np.zeros((size, 4), np.int64)
    after = add_years(as_of, -RECENT_YEARS)
    recent: Bools = caseload.candidates["event_date"] > after
    set_places = np.where(in_scope, np.searchsorted(kinds.sets, named), -1).astype(np.int8)
    views = [(state, caseload.canonical, caseload.subjects["canonical"])]
    if scopes.counties:
        everyone = np.ones(of_extract.size, np.bool_)
        views.append((of_extract, caseload.own, everyone))
    keys, profiles = [], []
    for scope, counted, chosen in views:
        places = np.flatnonzero(counted & in_scope)
        where = scope[caseload.candidates["history"][places]].astype(np.int64)
        np.add.at(totals, (where, np.where(felony[places], 0, 1), section[places]), 1)
        held = felony[places]
        places, where = places[held], where[held]
        group = np.searchsorted(kinds.groups, named[places] * 4 + section[places])
        keys.append((where * kinds.groups.size + group) * CELLS + seen.cells(places))
        found = np.empty((of_extract.size, profile_words(kinds.sets.size)), np.int64)
        many = profile_people(
            HistoriesInView(
                bounds=caseload.bounds, chosen=chosen, scopes=scope, others=caseload.others, persons=seen.persons
            ),
            CandidatesInView(
                counted=counted,
                places=set_places,
                flags=flags,
                under=seen.under_21,
                since=seen["years_since"],
                recent=recent,
            ),
            after,
            ProfileTable(found, eligible),
        )
        profiles.append(found[:many])
    cells, counts = np.unique(np.concatenate(keys), return_counts=True)
    together = np.concatenate(profiles)
    return Histogram(
        totals,
        eligible,
        CellCounts(cells, counts.astype(np.int64)[:, np.newaxis]),
        *_counted(together, np.ones(len(together), np.int64)),
    )
