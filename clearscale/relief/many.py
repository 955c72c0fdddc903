"""Deciding the same charges by many policies, and on many dates.

What is asked of a charge is found once for all of them, and rules with which several policies begin are asked once
for all of these. Only people are looked at who have a charge that a policy decides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from clearscale.charges.some_people import of_people
from clearscale.charges.tables import Tables
from clearscale_kernels.arrays import Bools, Int8s, Int64s
from clearscale_kernels.relief.groups import UNSURE, YES

from .deciding import Course
from .language import ChargePolicy, Rule
from .questions import Condition, all_hold
from .sharing import Kept, SharedEvidence
from .statutes import StatuteList


class Asked(NamedTuple):
    """A policy and the day on which it decides."""

    policy: ChargePolicy
    as_of: int


@dataclass
class _Node:
    """Policies that begin with the same rules. ends: those that have no more. after: by the next rule's number."""

    ends: list[int] = field(default_factory=list)
    after: dict[int, "tuple[Rule, _Node]"] = field(default_factory=dict)

    def all(self) -> list[int]:
        """All policies that begin so."""
        found, left = [], [self]
        while left:
            node = left.pop()
            found += node.ends
            left += [child for _, child in node.after.values()]
        return sorted(found)


@dataclass(frozen=True)
class _Family:
    """Policies with the same lists, whose facts are the same. scopes: by day and conditions, their rules."""

    lists: dict[str, StatuteList]
    scopes: dict[tuple[int, tuple[Condition, ...]], _Node] = field(default_factory=dict)


@dataclass(frozen=True)
class Decided:
    """What several policies make of the same charges.

    Attributes
    ----------
    policies
        Their places among all.
    outcome : int8, shape (n,)
        Code of an outcome, `NO_CANDIDATE` of a charge that they do not decide.
    """

    policies: tuple[int, ...]
    outcome: Int8s


@dataclass(frozen=True)
class Part:
    """Charges that some policies decide.

    Attributes
    ----------
    tables
        Of the people who have one; in their order.
    unsure
        Policies, and of each charge of the whole bucket whether it is unknown that it is one. Shape (all,).
    decided
        What becomes of those in `tables`; to be gone through once.
    """

    tables: Tables
    unsure: tuple[tuple[tuple[int, ...], Bools], ...]
    decided: Iterator[Decided]


class ManyDecider:
    """Decides bucket after bucket, whose words are the same, by each of many policies.

    Parameters
    ----------
    asked
        The policies, each with its day number.
    """

    def __init__(self, asked: Sequence[Asked]) -> None:
        numbers: dict[Any, int] = {}
        families: dict[tuple[StatuteList, ...], _Family] = {}
        for place, (policy, as_of) in enumerate(asked):
            family = families.setdefault(policy.lists, _Family({listed.name: listed for listed in policy.lists}))
            node = family.scopes.setdefault((as_of, policy.scope), _Node())
            for rule in policy.rules:
                number = numbers.setdefault(_what_decides(rule), len(numbers))
                node = node.after.setdefault(number, (rule, _Node()))[1]
            node.ends.append(place)
        self._families = tuple(families.values())
        self._on_lists: tuple[object, list[dict[str, Int8s]]] = (None, [])

    def parts(self, tables: Tables) -> Iterator[Part]:
        """Decide the charges of a bucket.

        Parameters
        ----------
        tables
            The bucket's.

        Yields
        ------
        Part
            Each policy is in one.
        """
        known = self._on_lists
        if known[0] is not tables.words:
            # One assignment: threads that decide other charges meanwhile keep what they have found of theirs.
            self._on_lists = known = (tables.words, [{} for _ in self._families])
        for family, on_lists in zip(self._families, known[1], strict=True):
            yield _part(family, tables, on_lists)


def _what_decides(rule: Rule) -> tuple[Any, ...]:
    """All of a rule but its words."""
    return rule.conditions, rule.waits, rule.outcome.code, rule.cap, rule.unknown_is_no


def _part(family: _Family, tables: Tables, on_lists: dict[str, Int8s]) -> Part:
    kept = Kept()
    candidates = np.zeros(tables.rows, np.bool_)
    unsure = []
    for (as_of, scope), node in family.scopes.items():
        holds = all_hold(scope, SharedEvidence(tables, as_of, family.lists, on_lists, kept))
        candidates |= holds == YES
        unsure.append((tuple(node.all()), holds == UNSURE))
    people: Int64s = np.unique(tables.charges.person[candidates]).astype(np.int64)
    own = tables if people.size == tables.people.birth_date.size else of_people(tables, people)
    return Part(own, tuple(unsure), _decided(family, own, on_lists))


def _decided(family: _Family, tables: Tables, on_lists: dict[str, Int8s]) -> Iterator[Decided]:
    kept = Kept()
    for (as_of, scope), node in family.scopes.items():
        evidence = SharedEvidence(tables, as_of, family.lists, on_lists, kept)
        yield from _walked(node, Course(scope, evidence))


def _walked(node: _Node, course: Course) -> Iterator[Decided]:
    """Ask the rules of all policies below a node, those that several share once for all of these.

    Where they part, each way but the last goes on with a copy, which is made when its turn comes.
    """
    left = [iter([(node, course, 0)])]
    while left:
        way = next(left[-1], None)
        if way is None:
            left.pop()
            continue
        node, course, place = way
        while not course.ended and not node.ends and len(node.after) == 1:
            ((rule, node),) = node.after.values()
            course.ask(place, rule)
            place += 1
        if course.ended or not node.after:
            yield Decided(tuple(node.all()), course.outcome)
            continue
        if node.ends:
            yield Decided(tuple(node.ends), course.outcome.copy())
        left.append(_ways(node, course, place))


def _ways(node: _Node, course: Course, place: int) -> Iterator[tuple[_Node, Course, int]]:
    """Ask each rule that follows a node. Yields what follows that, the charges, and the place of the next rule."""
    for number, (rule, after) in enumerate(node.after.values(), start=1):
        own = course if number == len(node.after) else course.forked()
        own.ask(place, rule)
        yield after, own, place + 1
