"""A sweep over any policies: convictions for which the same rules hold are decided together.

So are people whose convictions are of the same kinds.

Every rule of every policy is evaluated once for every conviction. Policies differ only in their choice and order of
rules.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clearscale.dates import add_years
from clearscale.law import state
from clearscale.policy import Evidence, Policy, Rule, compiled
from clearscale.policy.caseload import Caseload
from clearscale.runs.snapshots import shared_snapshot
from clearscale.runs.tally import MEASURES, RECENT_YEARS
from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int64s
from clearscale_kernels.policy import masks
from clearscale_kernels.policy.count import DISMISSED, REDUCED
from clearscale_kernels.policy.decide import MOST_RULES, all_rules

from .cube import FIGURES, Figures
from .histogram import Scopes, SweepTask


@dataclass(frozen=True)
class DistinctRules:
    """Every rule of some policies, each once.

    policies: of each, its rules' places, reliefs and whether related charges are in scope. parts: all rules, in
    policies that hold no more than a mask's word does.
    """

    policies: tuple[tuple[tuple[int, ...], tuple[int, ...], bool], ...]
    parts: tuple[Policy, ...]

    @classmethod
    def of(cls, policies: Sequence[Policy]) -> "DistinctRules":
        """Collect the policies' rules, each set of conditions once."""
        places: dict[tuple[object, ...], int] = {}
        rules: list[Rule] = []
        found = []
        for policy in policies:
            chosen = []
            for rule in policy.rules:
                if rule.conditions not in places:
                    places[rule.conditions] = len(rules)
                    rules.append(rule)
                chosen.append(places[rule.conditions])
            found.append((tuple(chosen), tuple(rule.relief for rule in policy.rules), policy.related))
        parts = [tuple(rules[first : first + MOST_RULES]) for first in range(0, len(rules), MOST_RULES)]
        return cls(tuple(found), tuple(Policy(id="part", title="", rules=part) for part in parts))


@dataclass(frozen=True)
class Kinds:
    """Convictions and people by kind, additive.

    convictions: shape (n, 1 + words), scope and kind, sorted, each once; counts: shape (n,). people: how many of
    each sort: its scope, what they keep and the kinds of their convictions, all as bytes of one array.
    """

    convictions: Int64s
    counts: Int64s
    people: Counter[bytes]

    def __add__(self, other: "Kinds") -> "Kinds":
        return Kinds(
            *_together(
                np.concatenate([self.convictions, other.convictions]), np.concatenate([self.counts, other.counts])
            ),
            self.people + other.people,
        )


def _together(rows: Int64s, counts: Int64s) -> tuple[Int64s, Int64s]:
    """Merge equal rows: each once, sorted, with their counts added up."""
    found, places = np.unique(rows, axis=0, return_inverse=True)
    total = np.zeros(len(found), np.int64)
    np.add.at(total, places.reshape(-1), counts)
    return found, total


@dataclass(frozen=True)
class MaskTask:
    """A sweep over any policies, for its tasks."""

    sweep: SweepTask
    rules: DistinctRules


def kinds_of(task: MaskTask, buckets: Sequence[int]) -> Kinds:
    """Count the kinds of some buckets' convictions and people."""
    about = shared_snapshot(task.sweep.store, task.sweep.snapshot)
    scopes = Scopes.of(about.store, task.sweep.by_county)
    return count(about.caseload_of_buckets(buckets), task.rules, scopes, task.sweep.as_of)


def _words(caseload: Caseload, rules: DistinctRules, as_of: int, after: int) -> Int64s:
    """Return the kind of each candidate. Shape (n, words)."""
    evidence = Evidence(caseload, as_of)
    section, dates = caseload.section, caseload.candidates["event_date"]
    without = np.where(caseload.charge & flag.RELATED, masks.RELATED, masks.OTHER)
    first = np.where(section < 0, without, section).astype(np.int64)
    first |= np.where(caseload.candidates["flags"] & flag.FELONY, masks.IS_FELONY, 0)
    first |= np.where(dates > after, masks.IS_RECENT, 0)
    words = [first]
    for policy in rules.parts:
        program = compiled(policy)
        out = np.empty(section.size, np.uint64)
        all_rules(program.rules, program.matrices(evidence), out)
        words.append(out.view(np.int64))
    result: Int64s = np.stack(words, axis=1)
    return result


def count(caseload: Caseload, rules: DistinctRules, scopes: Scopes, as_of: int) -> Kinds:
    """Count the kinds of a caseload. as_of: day number."""
    after = add_years(as_of, -RECENT_YEARS)
    kinds, place = np.unique(_words(caseload, rules, as_of, after), axis=0, return_inverse=True)
    place = place.reshape(-1).astype(np.int64)
    of_extract = scopes.of_extract[caseload.subjects["extract"]].astype(np.int64)
    views = [(np.full(of_extract.size, scopes.state), caseload.canonical)]
    if scopes.counties:
        views.append((of_extract, caseload.own))
    convictions, people = [], Counter[bytes]()
    history = caseload.candidates["history"].astype(np.int64)
    for scope, counted in views:
        places = np.flatnonzero(counted)
        convictions.append(np.column_stack([scope[history[places]], kinds[place[places]]]))
        keeps = _keeps(caseload, kinds[place, 0], ~counted, after)
        people += _people(scope, keeps, history[places], place[places], kinds)
    rows = np.concatenate(convictions)
    return Kinds(*_together(rows, np.ones(len(rows), np.int64)), people)


def _keeps(caseload: Caseload, first: Int64s, stays: Bools, after: int) -> Int64s:
    """Return what each history's person keeps whatever the policy: `masks.KEEPS_ANY` and others. Shape (h,).

    first: a kind's first word, of each candidate. stays: which candidates no policy relieves in this view.
    """
    others = caseload.others
    any_other: Bools = others[0] > 0
    keeps = np.where(any_other, masks.KEEPS_ANY, 0).astype(np.int64)
    keeps |= np.where(others[1] > 0, masks.KEEPS_FELONY, 0)
    keeps |= np.where(any_other & (others[2] > after), masks.KEEPS_RECENT, 0)
    places = np.flatnonzero(stays)
    bits = np.full(places.size, masks.KEEPS_ANY, np.int64)
    bits |= np.where(first[places] & masks.IS_FELONY, masks.KEEPS_FELONY, 0)
    bits |= np.where(first[places] & masks.IS_RECENT, masks.KEEPS_RECENT, 0)
    np.bitwise_or.at(keeps, caseload.candidates["history"][places], bits)
    return keeps


def _people(scope: Int64s, keeps: Int64s, history: Int64s, place: Int64s, kinds: Int64s) -> Counter[bytes]:
    """Count the sorts of people among the histories with candidates in a view.

    history, place (of the kind): shape (n,).
    """
    pairs = np.unique(history * len(kinds) + place)
    owner, kind = np.divmod(pairs, max(len(kinds), 1))
    firsts = np.flatnonzero(np.diff(owner, prepend=-1))
    bounds = np.append(firsts, owner.size).tolist()
    heads = np.column_stack([scope[owner[firsts]], keeps[owner[firsts]]])
    rows = kinds[kind]
    return Counter(
        head.tobytes() + rows[first:last].tobytes()
        for head, first, last in zip(heads, bounds[:-1], bounds[1:], strict=True)
    )


def _person_counts(people: Counter[bytes], kinds: Int64s) -> masks.PersonCounts:
    """Return the sorts of people as the kernel takes them."""
    width = kinds.shape[1]
    place = {row.tobytes(): number for number, row in enumerate(kinds)}
    bounds, places, heads, counts = [0], [], [], []
    for content, many in sorted(people.items()):
        values = np.frombuffer(content, np.int64)
        heads.append(values[:2])
        places += [place[row.tobytes()] for row in values[2:].reshape(-1, width)]
        bounds.append(len(places))
        counts.append(many)
    head = np.array(heads, np.int64).reshape(-1, 2)
    return masks.PersonCounts(
        bounds=np.array(bounds, np.int64),
        places=np.array(places, np.int64),
        keeps=np.ascontiguousarray(head[:, 1]),
        scopes=np.ascontiguousarray(head[:, 0]),
        counts=np.array(counts, np.int64),
    )


def figures(found: Kinds, rules: DistinctRules, scopes: int) -> Figures:
    """Return FIGURES, and those of related charges, under each policy. Shapes (scopes, policies)."""
    kinds, of_row = np.unique(found.convictions[:, 1:], axis=0, return_inverse=True)
    of_convictions = masks.KindCounts(
        scopes=np.ascontiguousarray(found.convictions[:, 0]),
        places=of_row.reshape(-1).astype(np.int64),
        counts=found.counts,
    )
    of_people = _person_counts(found.people, kinds)
    size = len(rules.policies)
    convictions, people = (
        np.zeros((size, scopes, 3, 6), np.int64),
        np.zeros((size, scopes, len(MEASURES)), np.int64),
    )
    relief = np.empty(len(kinds), np.int8)
    for number, (chosen, reliefs, related) in enumerate(rules.policies):
        masks.decide_kinds(kinds, np.array(chosen, np.int32), np.array(reliefs, np.int8), related, relief)
        masks.count_kinds(of_convictions, kinds, relief, convictions[number])
        masks.count_persons(of_people, kinds, relief, people[number])
    result: Figures = {}
    for relief_name, kind in (("dismissed", DISMISSED), ("reduced", REDUCED)):
        result[f"convictions_{relief_name}"] = convictions[:, :, kind, : masks.RELATED].sum(axis=2).T
        for number, section in enumerate(state().charges.sections):
            result[f"{relief_name}_{section}"] = convictions[:, :, kind, number].T
    for number, measure in enumerate(MEASURES):
        result[f"people_{measure}"] = people[:, :, number].T
    ordered = {name: result[name] for name in FIGURES}
    if any(related for _, _, related in rules.policies):
        ordered["dismissed_related"] = convictions[:, :, DISMISSED, masks.RELATED].T
        ordered["reduced_related"] = convictions[:, :, REDUCED, masks.RELATED].T
    return ordered
