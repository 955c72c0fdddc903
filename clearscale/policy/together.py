"""What several policies can do with one conviction: which of their decisions go together.

A cell is a combination of answers to all that the policies ask. Every cell is asked of every policy, but for those
that nobody can be in: facts say something of each other, as in `regions`, and of dates.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

import numpy as np

from clearscale.errors import PolicyError
from clearscale_kernels.arrays import Bools, Int64s

from .model import Condition, Policy
from .possible import ConvictionKind, asked_by, facts_of
from .regions import Interval, Intervals, Region, both, closed, domain, implications, of_region, values
from .text_questions import TextQuestion, text_question

MOST_CELLS = 2**19
"""Beyond so many, policies are not asked together."""

AGE, THEN, SINCE, CLEAR = "age", "age_at_conviction", "years_since_conviction", "years_crime_free"
YEARS = {AGE, THEN, SINCE, CLEAR}
"""Facts that are whole years, and say something of each other: an age is that at the conviction and the years
since; no conviction is later than the latest on record."""

_MOST_CODES = 2**62
"""So many decisions of several policies fit in a number."""

_SLACK = 1
"""Years by which an age may be off that is added up, for leap days."""


def possible_together(
    policies: Sequence[Policy], labels: Sequence[Sequence[int]], kinds: Sequence[ConvictionKind], as_of: str
) -> list[Int64s]:
    """Return what the policies can decide together, for each kind of conviction. Shapes (n, policies).

    labels: of each policy's rules, and of what none decides last, from 0: what is told apart of decisions. as_of:
    the date that all decide for, as it is written. What is impossible here is impossible in truth; the reverse does
    not hold. Raises PolicyError if the policies ask too much together.
    """
    asked = [asked_by(policy) for policy in policies]
    conditions = [condition for rules in asked for rule in rules for condition in rule]
    cells = _Cells(conditions)
    held: dict[tuple[tuple[Intervals, ...], bytes], Int64s] = {}
    found = []
    for kind in kinds:
        region = closed(facts_of(kind, as_of, [conditions]), cells.questions) or {}
        whole, left = cells.of(region)
        able = _Grid(cells.facts, left).possible(region, tuple(cells.questions))
        key = (whole, able.tobytes())
        if key not in held:
            held[key] = _decided(_Grid(cells.facts, whole), able, asked, labels)
        found.append(held[key])
    return found


class _Cells:
    """The facts that conditions ask for, and the pieces of their values that all conditions answer alike."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self.facts = list(dict.fromkeys(condition.fact for condition in conditions))
        self.questions: list[TextQuestion] = [
            question for fact in self.facts if (question := text_question(fact)) is not None
        ]
        self._pieces = {
            fact: list(_pieces(fact, [condition for condition in conditions if condition.fact == fact]))
            for fact in self.facts
        }

    def of(self, region: Region) -> tuple[tuple[Intervals, ...], tuple[Intervals, ...]]:
        """Return the pieces of each fact that a region leaves something of, and what it leaves of them.

        Raises PolicyError if the cells are too many.
        """
        whole: list[Intervals] = []
        left: list[Intervals] = []
        for fact in self.facts:
            within = of_region(region, fact)
            parts = [(piece, both((piece,), within)) for piece in self._pieces[fact]]
            whole.append(tuple(piece for piece, part in parts if part))
            left.append(tuple((part[0][0], part[-1][1]) for _, part in parts if part))
        if prod(map(len, whole)) > MOST_CELLS:
            raise PolicyError(
                f"the policies ask for {len(self.facts)} facts of a conviction, too many to say what they do "
                "together; vary fewer parameters"
            )
        return tuple(whole), tuple(left)


def _pieces(fact: str, conditions: Sequence[Condition]) -> Iterator[Interval]:
    cuts = {cut for condition in conditions for low, high in values(condition) for cut in (low, high + 1)}
    for low, high in domain(fact):
        bounds = [low, *sorted(cut for cut in cuts if low < cut <= high), high + 1]
        yield from ((first, after - 1) for first, after in pairwise(bounds))


@dataclass(frozen=True)
class _Grid:
    """The cells of some pieces of facts: an axis a fact. What is of one fact lies along its axis alone."""

    facts: Sequence[str]
    pieces: Sequence[Intervals]

    def along(self, fact: str, of_pieces: Sequence[int]) -> Int64s:
        sizes = [1] * len(self.facts)
        place = self.facts.index(fact)
        sizes[place] = len(self.pieces[place])
        return np.array(of_pieces, np.int64).reshape(sizes)

    def inside(self, fact: str, wanted: Intervals) -> Bools:
        """Return which pieces lie in these values: each does, or none of it does."""
        found: Bools = self.along(fact, [bool(both((piece,), wanted)) for piece in self.of(fact)]) != 0
        return found

    def of(self, fact: str) -> Intervals:
        return self.pieces[self.facts.index(fact)]

    def possible(self, region: Region, questions: tuple[TextQuestion, ...]) -> Bools:
        """Return the cells that somebody can be in. region: what is known of facts, asked for or not."""
        able: Bools = np.ones([len(pieces) for pieces in self.pieces], np.bool_)
        for first, when, second, then in implications(questions):
            if first in self.facts and second in self.facts:
                sure = self.along(first, [both((piece,), when) == (piece,) for piece in self.of(first)]) != 0
                able &= ~sure | self.inside(second, then)
        low, high = (
            {
                fact: self.along(fact, [piece[side] for piece in self.of(fact)])
                if fact in self.facts
                else np.array(of_region(region, fact)[-side][side])
                for fact in YEARS
            }
            for side in (0, 1)
        )
        able &= low[CLEAR] <= high[SINCE]
        able &= low[THEN] + low[SINCE] - _SLACK <= high[AGE]
        able &= low[AGE] <= high[THEN] + high[SINCE] + 1 + _SLACK
        return able


def _decided(
    grid: _Grid,
    able: Bools,
    asked: Sequence[Sequence[Sequence[Condition]]],
    labels: Sequence[Sequence[int]],
) -> Int64s:
    answers = {
        condition: grid.inside(condition.fact, values(condition))
        for rules in asked
        for conditions in rules
        for condition in conditions
    }
    columns: list[Int64s] = []
    codes, many = np.zeros(np.count_nonzero(able), np.int64), 1
    for rules, names in zip(asked, labels, strict=True):
        decided, left = np.full(able.shape, names[-1], np.int64), able
        for conditions, name in zip(rules, names, strict=False):
            hit = left
            for condition in conditions:
                hit = hit & answers[condition]
            decided[hit] = name
            left = left & ~hit
        columns.append(decided[able])
        several = max(names) + 1
        if many * several > _MOST_CODES:
            codes = np.unique(codes, return_inverse=True)[1].reshape(-1)
            many = int(codes.max(initial=0)) + 1
        codes, many = codes * several + columns[-1], many * several
    _, firsts = np.unique(codes, return_index=True)
    return np.stack([column[firsts] for column in columns], axis=1)
