"""Questions: what a condition asks of each charge, answered with no, unsure or yes, and what an answer lacks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from clearscale.charges.tables import NO_DAY
from clearscale_kernels.arrays import Int8s, Int32s, Int64s
from clearscale_kernels.relief import groups
from clearscale_kernels.relief.groups import NO, UNSURE, YES, Spans

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
    found: Spans = evidence.whole.once(quantity, lambda: quantity.find(evidence.whole))
    in_whole = evidence.in_whole(rows)
    return Spans(found.low[in_whole], found.high[in_whole])


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
        whole = evidence.whole
        found: Int8s = whole.once(("members", self), lambda: all_hold(self.conditions, whole))
        return found

    def lacks(self, evidence: Evidence) -> Int32s:
        """What is missing in each charge of the bucket where that is not known."""
        whole = evidence.whole

        def find() -> Int32s:
            unsure = np.flatnonzero(self.members(whole) == UNSURE)  # few, as a rule
            found = np.zeros(whole.rows, np.int32)
            found[unsure] = all_lack(self.conditions, whole, unsure)
            return found

        found: Int32s = whole.once(("lacks", self), find)
        return found


def of_part(key: object, own: Callable[[], Int32s], scope: str, evidence: Evidence, rows: Int64s) -> Int32s:
    """What is missing in any charge of the case or person of some; `OTHERS` where another lacks it. Shape (rows,).

    own: gives what each charge of the bucket lacks, the same for the same key.
    """
    whole = evidence.whole
    lacks = own()

    def find() -> Int32s:
        bounds, blind = whole.parts(scope)
        found = np.where(blind, np.int32(Missing.PERSON), np.int32(0))
        filled = bounds[:-1] < bounds[1:]
        if lacks.size:
            found[filled] |= np.bitwise_or.reduceat(lacks, bounds[:-1][filled])
        return found

    found: Int32s = whole.once(("lacking in parts", scope, key), find)
    of_rows = found[evidence.part(scope, rows)]
    others = of_rows & ~lacks[evidence.in_whole(rows)] & ~np.int32(Missing.PERSON) != 0
    return of_rows | np.where(others, np.int32(Missing.OTHERS), np.int32(0))


@dataclass(frozen=True)
class Quantified:
    """Whether some charge, or every charge, of the case or person is in a group."""

    scope: str
    every: bool
    group: Group

    def ask(self, evidence: Evidence) -> Int8s:
        """As of `Question`."""
        out = np.empty(evidence.whole.rows, np.int8)
        quantify = groups.only if self.every else groups.some
        quantify(self.group.members(evidence), evidence.parts(self.scope), out)
        return evidence.taken(out)

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Question`."""
        return of_part(self.group, lambda: self.group.lacks(evidence), self.scope, evidence, rows)


@dataclass(frozen=True)
class Count:
    """How many charges of the case or person are in a group."""

    scope: str
    group: Group

    def find(self, evidence: Evidence) -> Spans:
        """As of `Quantity`."""
        out = empty_spans(evidence.whole.rows)
        groups.count(self.group.members(evidence), evidence.parts(self.scope), out)
        return taken_spans(out, evidence)

    def find_of(self, evidence: Evidence, rows: Int64s) -> Spans:
        """As of `Quantity`."""
        return found_of(self, evidence, rows)

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Quantity`."""
        return of_part(self.group, lambda: self.group.lacks(evidence), self.scope, evidence, rows)


@dataclass(frozen=True)
class Latest:
    """The latest day of the person's charges in a group."""

    date: str
    group: Group

    def find(self, evidence: Evidence) -> Spans:
        """As of `Quantity`."""
        out, whole = empty_spans(evidence.whole.rows), evidence.whole
        groups.latest(self.group.members(whole), whole.dates(self.date), NO_DAY, whole.parts(PERSON), out)
        return taken_spans(out, evidence)

    def find_of(self, evidence: Evidence, rows: Int64s) -> Spans:
        """As of `Quantity`."""
        return found_of(self, evidence, rows)

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Quantity`."""
        return of_undated(self.group, self.date, evidence, rows)


@dataclass(frozen=True)
class Place:
    """The place that a charge has by the day of its disposition among the person's charges in a group, from 1."""

    group: Group

    def find(self, evidence: Evidence) -> Spans:
        """As of `Quantity`."""
        out, whole = empty_spans(evidence.whole.rows), evidence.whole
        groups.places(self.group.members(whole), whole.dates("disposition_date"), NO_DAY, whole.parts(PERSON), out)
        return taken_spans(out, evidence)

    def find_of(self, evidence: Evidence, rows: Int64s) -> Spans:
        """As of `Quantity`."""
        return found_of(self, evidence, rows)

    def lacks(self, evidence: Evidence, rows: Int64s) -> Int32s:
        """As of `Quantity`."""
        return of_undated(self.group, "disposition_date", evidence, rows)


def undated(group: Group, date: str, evidence: Evidence) -> Int32s:
    """What each charge of the bucket lacks to be known as in a group, and on which day."""
    whole = evidence.whole

    def find() -> Int32s:
        dateless = np.flatnonzero(whole.dates(date) == NO_DAY)  # few, as a rule
        dateless = dateless[group.members(whole)[dateless] != NO]
        found = group.lacks(whole).copy()
        found[dateless] |= np.int32(facts.FACTS[date].lacks)
        return found

    found: Int32s = whole.once(("undated", group, date), find)
    return found


def of_undated(group: Group, date: str, evidence: Evidence, rows: Int64s) -> Int32s:
    """The same of any charge of the person of some. Shape (rows,)."""
    return of_part((group, date), lambda: undated(group, date, evidence), PERSON, evidence, rows)
