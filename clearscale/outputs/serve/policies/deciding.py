"""A snapshot that stays in memory and is decided anew for each question, by the code that a run decides with."""

import operator
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from typing import TypeVar

import numpy as np

from clearscale.law import state
from clearscale.outputs.serve.opening import caseloads
from clearscale.policy import AnyPolicy, Evidence
from clearscale.policy.caseload import Caseload
from clearscale.runs.crosstabs import PEOPLE_COUNTS, SCOPES, Labels, count_people, people_axes, person_cells
from clearscale.runs.demography import AGE_BANDS, RACES
from clearscale.runs.evaluate import Decisions, evaluate
from clearscale.runs.snapshots import SharedSnapshot
from clearscale.runs.tally import MEASURES, tally
from clearscale.whatif.sweep.histogram import Scopes
from clearscale_cluster import ProgressCallback
from clearscale_kernels.arrays import Bools, Int8s, Int64s
from clearscale_kernels.policy.count import DISMISSED, REDUCED

RELATED = len(state().charges.sections)
"""In place of a section, of related charges that a policy decides."""

CANDIDATES_AT_ONCE = 2**16
"""Candidates that a thread decides at a time."""

MOST_FACTS = 64
"""Facts that are kept of a part of the snapshot for the next policy."""

KEY_COUNTS = 3 + 1 + len(MEASURES)
"""Convictions dismissed, reduced and neither; people with Prop 64 convictions, and by MEASURES."""

_PEOPLE = PEOPLE_COUNTS[1:]
_STATE = SCOPES.index("state")


@dataclass(frozen=True)
class Decided:
    """What a policy does in every place. The last of s scopes is the state, the others are counties.

    convictions: shape (s, sections + 1, rules + 1), by leftmost section (RELATED last) and deciding rule (none
    last). by_race, by_sex, by_age: shape (s, groups, 5), those with Prop 64 convictions, then MEASURES.
    """

    convictions: Int64s
    by_race: Int64s
    by_sex: Int64s
    by_age: Int64s

    def __add__(self, other: "Decided") -> "Decided":
        return Decided(
            self.convictions + other.convictions,
            self.by_race + other.by_race,
            self.by_sex + other.by_sex,
            self.by_age + other.by_age,
        )


@dataclass(frozen=True)
class _View:
    """Candidates that a view counts, and the scope of each. Shapes (n,)."""

    places: Int64s
    scope: Int64s

    def where(self, chosen: Bools) -> "_View":
        """Return those of the chosen candidates."""
        kept = chosen[self.places]
        return _View(self.places[kept], self.scope[kept])


@dataclass(frozen=True)
class _Part:
    """Candidates that are decided together, and what of them no policy changes.

    views: of counties and of the state. prop64: those of them that are Prop 64 convictions.
    """

    caseload: Caseload
    evidence: Evidence
    cells: Int64s
    views: tuple[_View, ...]
    prop64: tuple[_View, ...]

    @classmethod
    def of(cls, caseload: Caseload, scopes: Scopes, labels: Labels, as_of: int) -> "_Part":
        """Look at what no policy changes."""
        own, once = (np.flatnonzero(chosen) for chosen in (caseload.own, caseload.canonical))
        views = (
            _View(own, scopes.of_extract[caseload.extract[own]].astype(np.int64)),
            _View(once, np.full(once.size, scopes.state, np.int64)),
        )
        inside: Bools = caseload.section >= 0
        evidence = Evidence(caseload, as_of, keeping=True)
        cells = person_cells(caseload, labels, as_of)
        return cls(caseload, evidence, cells, views, tuple(view.where(inside) for view in views))


Found = TypeVar("Found")


class Deciding:
    """A snapshot's convictions and people, read once. as_of: day number. progress: of reading."""

    def __init__(self, about: SharedSnapshot, as_of: int, progress: ProgressCallback | None = None) -> None:
        self._as_of, self.labels = as_of, about.labels
        self._scopes = Scopes.of(about.store, by_county=True)
        self.counties = self._scopes.counties
        self._lock = threading.Lock()
        self._parts = [
            _Part.of(caseload, self._scopes, self.labels, as_of)
            for caseload in caseloads(about, CANDIDATES_AT_ONCE, progress)
        ]

    @property
    def sexes(self) -> tuple[str, ...]:
        """The groups of sex, in the order of figures."""
        return self.labels.sex.texts

    def decide(self, policy: AnyPolicy) -> Decided:
        """Decide everything by a policy."""
        return reduce(operator.add, self._over_parts(lambda part: self._counted(part, policy)))

    def key_counts(self, policies: Sequence[AnyPolicy]) -> Int64s:
        """Return KEY_COUNTS of each place under each policy. Shape (policies, s, KEY_COUNTS)."""
        found: Int64s = np.sum(self._over_parts(lambda part: self._key_counts(part, policies)), axis=0)
        return found

    def _over_parts(self, work: Callable[[_Part], Found]) -> list[Found]:
        with self._lock, ThreadPoolExecutor() as threads:
            return list(threads.map(work, self._parts))

    def _counted(self, part: _Part, policy: AnyPolicy) -> Decided:
        decisions = self._decisions(part, policy)
        _, standings = tally(part.caseload, [decisions], self._as_of)
        by_race, by_sex, by_age = self._people(part, standings)
        return Decided(self._convictions(part, decisions), by_race, by_sex, by_age)

    def _decisions(self, part: _Part, policy: AnyPolicy) -> Decisions:
        if len(part.evidence.found) > MOST_FACTS:
            part.evidence.found.clear()
        return evaluate(part.caseload, policy, self._as_of, part.evidence)

    def _convictions(self, part: _Part, decisions: Decisions) -> Int64s:
        rules = len(decisions.policy.rules) + 1
        shape = len(self.counties) + 1, RELATED + 2, rules  # the last section is of what is not decided at all
        section = np.where(part.caseload.section < 0, RELATED, part.caseload.section).astype(np.int64)
        section[~decisions.in_scope] = RELATED + 1
        keys = section * rules + np.where(decisions.rules < 0, rules - 1, decisions.rules)
        found = np.zeros(shape, np.int64)
        for view in part.views:
            packed = view.scope * ((RELATED + 2) * rules) + keys[view.places]
            found += np.bincount(packed, minlength=found.size).reshape(shape)
        return found[:, :-1]

    def _people(self, part: _Part, standings: Int8s) -> tuple[Int64s, ...]:
        counted = count_people(part.caseload, standings, self.labels, part.cells)
        places = people_axes(self.labels).places(counted.keys)
        known = {county: place for place, county in enumerate(self.counties)}
        of_text = np.array([known.get(text, -1) for text in self.labels.extract_county.texts], np.int64)
        scope = np.where(places["scope"] == _STATE, self._scopes.state, of_text[places["county"]])
        counts = counted.counts[:, 1:]
        found = []
        for name, size in (("race", len(RACES)), ("sex", len(self.sexes)), ("age", len(AGE_BANDS))):
            table = np.zeros((len(self.counties) + 1, size, len(_PEOPLE)), np.int64)
            np.add.at(table, (scope, places[name]), counts)
            found.append(table)
        return tuple(found)

    def _key_counts(self, part: _Part, policies: Sequence[AnyPolicy]) -> Int64s:
        decisions = [self._decisions(part, policy) for policy in policies]
        counted, _ = tally(part.caseload, decisions, self._as_of)
        extracts = [*self._scopes.of_extract.tolist(), self._scopes.state]
        found = np.zeros((len(policies), len(self.counties) + 1, KEY_COUNTS), np.int64)
        for number, scope in enumerate(extracts):
            found[:, scope, 3] += counted.people[number]
            found[:, scope, 4:] += counted.measures[number]
        for policy, decided in enumerate(decisions):
            worth = _PLACES.take(decided.relief)
            for view in part.prop64:
                counts = np.bincount(view.scope * 3 + worth.take(view.places), minlength=3 * found.shape[1])
                found[policy, :, :3] += counts.reshape(-1, 3)
        return found


_PLACES = np.array([{DISMISSED: 0, REDUCED: 1}.get(relief, 2) for relief in range(3)], np.int8)
"""Place among KEY_COUNTS of what a decision is worth."""
