"""Questions: what a condition asks of each charge, answered with no, unsure or yes, and what an answer lacks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from clearscale.charges.tables import NO_DAY
from clearscale_kernels.arrays import Int8s, Int32s, Int64s
from clearscale_kernels.relief import groups, lacking
from clearscale_kernels.relief.groups import UNSURE, YES, Spans

from . import facts
from .evidence import PERSON, Evidence, compared, compared_days, empty_spans, spans_of_days, taken_spans
from .missing import Missing


class Question(Protocol):
    """What can be asked of charges."""

    def ask(self, evidence: Evidence) -> Int8s:
        """Answer for each charge: NO, UNSURE or YES. Shape (n,)."""

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """Say what is missing, of some charges, where the answer is not known, as bits of `Missing`.

        Shape (rows,).
        """


class Quantity(Protocol):
    """A number or day that can be compared."""

    def find(self, evidence: Evidence) -> Spans:
        """Find what it can be at least and at most."""

    def find_of(self, evidence: Evidence, rows: Int64s) -> Spans:
        """Find the same of some charges. Shapes (rows,)."""

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """Say what is missing, of some charges, where that is not one. Shape (rows,)."""


@dataclass(frozen=True)
class Flag:
    """A yes-or-no fact."""

    name: str

    def ask(self, evidence: Evidence) -> Int8s:
        """As of `Question`."""
        return facts.flag(self.name, evidence)

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Question`."""
        return facts.lacking(self.name, evidence, rows)


@dataclass(frozen=True)
class Word:
    """Whether a fact is one of some words."""

    name: str
    wanted: tuple[str, ...]

    def ask(self, evidence: Evidence) -> Int8s:
        """As of `Question`."""
        return facts.word(self.name, frozenset(self.wanted), evidence)

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Question`."""
        return facts.lacking(self.name, evidence, rows)


@dataclass(frozen=True)
class Known:
    """Whether a fact is known, which is always known itself."""

    name: str

    def ask(self, evidence: Evidence) -> Int8s:
        """As of `Question`."""
        return facts.known(self.name, evidence)

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Question`."""
        return np.zeros(rows.size, np.int32)


@dataclass(frozen=True)
class Listed:
    """Whether the statute is on a list."""

    name: str

    def ask(self, evidence: Evidence) -> Int8s:
        """As of `Question`."""
        return evidence.on_list(self.name)

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Question`."""
        return np.full(rows.size, int(Missing.STATUTE), np.int32)


@dataclass(frozen=True)
class Grams:
    """Whether the weight is up to a limit."""

    limit: float

    def ask(self, evidence: Evidence) -> Int8s:
        """As of `Question`."""
        return facts.grams_to(self.limit, evidence)

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Question`."""
        return facts.lacking("grams", evidence, rows)


@dataclass(frozen=True)
class Named:
    """A date or number by its name."""

    name: str

    def find(self, evidence: Evidence) -> Spans:
        """As of `Quantity`."""
        return facts.spans(self.name, evidence)

    def find_of(self, evidence: Evidence, rows: Int64s) -> Spans:
        """As of `Quantity`."""
        if facts.FACTS[self.name].kind is facts.Kind.DATE:
            return spans_of_days(evidence.dates(self.name)[rows])
        return found_of(self, evidence, rows)

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Quantity`."""
        return facts.lacking(self.name, evidence, rows)


def found_of(quantity: Quantity, evidence: Evidence, rows: Int64s) -> Spans:
    """Find what a quantity of some charges can be, once for all charges of the bucket."""
    found: Spans = evidence.once(quantity, lambda: quantity.find(evidence))
    return taken_spans(found, rows)


@dataclass(frozen=True)
class Compared:
    """Whether a quantity lies within low and high, both included; `today`: they count from the as-of date."""

    quantity: Quantity
    low: int
    high: int
    today: bool = False

    def ask(self, evidence: Evidence) -> Int8s:
        """As of `Question`."""
        low, high = self.low, self.high
        if self.today:
            low, high = (end if end in (groups.NEVER, groups.EVER) else end + evidence.as_of for end in (low, high))
        if isinstance(self.quantity, Named) and facts.FACTS[self.quantity.name].kind is facts.Kind.DATE:
            return compared_days(evidence.dates(self.quantity.name), low, high)
        found: Spans = evidence.once(self.quantity, lambda: self.quantity.find(evidence))
        return compared(found, low, high)

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Question`."""
        return self.quantity.lacks(evidence, rows)


@dataclass(frozen=True)
class Condition:
    """A question, or its opposite. text: as it is written, with the parameters' values in place."""

    text: str
    question: Question
    denied: bool = False

    def ask(self, evidence: Evidence) -> Int8s:
        """As of `Question`."""
        found: Int8s = evidence.once(self.question, lambda: self.question.ask(evidence))
        return np.int8(YES) - found if self.denied else found

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Question`; nothing where the answer is known."""
        unsure = self.ask(evidence)[rows] == UNSURE
        return np.where(unsure, self.question.lacks(evidence, rows), np.int32(0))


def all_hold(conditions: Sequence[Condition], evidence: Evidence) -> Int8s:
    """Answer for each charge whether all conditions hold. Shape (n,)."""
    found = np.full(evidence.rows, YES, np.int8)
    for condition in conditions:
        np.minimum(found, condition.ask(evidence), out=found)
    return found


def all_lack(conditions: Sequence[Condition], evidence: Evidence, rows: Int64s) -> Int32s:
    """Say what is missing, of some charges, where that is not known. Shape (rows,)."""
    found = np.zeros(rows.size, np.int32)
    for condition in conditions:
        found |= condition.lacks(evidence, rows)
    return np.where(all_hold(conditions, evidence)[rows] == UNSURE, found, np.int32(0))


@dataclass(frozen=True)
class Group:
    """Charges that some conditions, of the charge alone, hold for."""

    name: str
    conditions: tuple[Condition, ...]

    def members(self, evidence: Evidence) -> Int8s:
        """Whether each charge of the bucket is in it."""
        found: Int8s = evidence.once(("members", self), lambda: all_hold(self.conditions, evidence))
        return found

    def lacks(self, evidence: Evidence) -> Int32s:
        """What is missing in each charge where that is not known."""

        def find() -> Int32s:
            unsure = np.flatnonzero(self.members(evidence) == UNSURE)  # few, as a rule
            found = np.zeros(evidence.rows, np.int32)
            found[unsure] = all_lack(self.conditions, evidence, unsure)
            return found

        found: Int32s = evidence.once(("lacks", self), find)
        return found


def of_part(group: Group, scope: str, evidence: Evidence, rows: Int64s, date: str | None = None) -> Int32s:
    """What is missing to know which charges of the case or person of some are in a group, and on which day.

    `OTHERS` where another charge lacks what this one does not. date: the day that matters, if one does. Shape
    (rows,).
    """
    days = evidence.dates(date or "disposition_date")
    undated = int(facts.FACTS[date].lacks) if date else 0
    lacks = lacking.Lacks(
        group.lacks(evidence), group.members(evidence), days, np.array([NO_DAY, undated], np.int32)
    )
    bits, out = np.array([Missing.PERSON, Missing.OTHERS], np.int32), np.empty(rows.size, np.int32)
    lacking.of_parts(lacks, evidence.parts(scope), evidence.column(scope), rows, bits, out)
    return out


@dataclass(frozen=True)
class Quantified:
    """Whether some charge, or every charge, of the case or person is in a group."""

    scope: str
    every: bool
    group: Group

    def ask(self, evidence: Evidence) -> Int8s:
        """As of `Question`."""
        out = np.empty(evidence.rows, np.int8)
        quantify = groups.only if self.every else groups.some
        quantify(self.group.members(evidence), evidence.parts(self.scope), out)
        return out

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Question`."""
        return of_part(self.group, self.scope, evidence, rows)


@dataclass(frozen=True)
class Count:
    """How many charges of the case or person are in a group."""

    scope: str
    group: Group

    def find(self, evidence: Evidence) -> Spans:
        """As of `Quantity`."""
        out = empty_spans(evidence.rows)
        groups.count(self.group.members(evidence), evidence.parts(self.scope), out)
        return out

    def find_of(self, evidence: Evidence, rows: Int64s) -> Spans:
        """As of `Quantity`."""
        return found_of(self, evidence, rows)

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Quantity`."""
        return of_part(self.group, self.scope, evidence, rows)


@dataclass(frozen=True)
class Latest:
    """The latest day of the person's charges in a group."""

    date: str
    group: Group

    def find(self, evidence: Evidence) -> Spans:
        """As of `Quantity`."""
        return taken_spans(self._of_people(evidence), evidence.column(PERSON))

    def find_of(self, evidence: Evidence, rows: Int64s) -> Spans:
        """As of `Quantity`."""
        return taken_spans(self._of_people(evidence), evidence.column(PERSON)[rows])

    def _of_people(self, evidence: Evidence) -> Spans:
        def find() -> Spans:
            parts = evidence.parts(PERSON)
            out = empty_spans(parts.blind.size)
            groups.latest(self.group.members(evidence), evidence.dates(self.date), NO_DAY, parts, out)
            return out

        found: Spans = evidence.once(("of people", self), find)
        return found

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Quantity`."""
        return of_part(self.group, PERSON, evidence, rows, self.date)


@dataclass(frozen=True)
class Place:
    """The place that a charge has by the day of its disposition among the person's charges in a group, from 1."""

    group: Group

    def find(self, evidence: Evidence) -> Spans:
        """As of `Quantity`."""
        out, days = empty_spans(evidence.rows), evidence.dates("disposition_date")
        groups.places(self.group.members(evidence), days, NO_DAY, evidence.parts(PERSON), out)
        return out

    def find_of(self, evidence: Evidence, rows: Int64s) -> Spans:
        """As of `Quantity`."""
        return found_of(self, evidence, rows)

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Quantity`."""
        return of_part(self.group, PERSON, evidence, rows, "disposition_date")
