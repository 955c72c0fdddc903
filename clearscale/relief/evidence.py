"""What conditions are asked of: a bucket's charges, and what is found of them once and asked for again."""

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from clearscale.charges.tables import NO_DAY, UNKNOWN, Mark, Offense, Tables
from clearscale_kernels.arrays import Bools, Int8s, Int32s, Int64s
from clearscale_kernels.relief.groups import EVER, NEVER, NO, UNSURE, YES, Parts, Spans

from .statutes import StatuteList, on_list

_FEW = 4
"""Up to so many words are compared with one by one, which is sooner done than to look each code up."""

CASE, PERSON = "case", "person"
"""What charges are asked together."""


class Evidence:
    """Charges, cases and people of a bucket, on a day.

    Parameters
    ----------
    tables
        The bucket's.
    as_of
        Day number.
    lists
        The policy's lists of statutes.
    on_lists
        What was found of offenses, by the list's name; grows. One for all buckets, whose words are the same.

    Attributes
    ----------
    whole : Evidence
        The same of all charges of the bucket, where this is of some of them; itself where it is of all. What a case
        or person has is found there.
    """

    def __init__(
        self,
        tables: Tables,
        as_of: int,
        lists: Mapping[str, StatuteList],
        on_lists: dict[str, Int8s] | None = None,
    ) -> None:
        self.tables, self.as_of, self.whole = tables, as_of, self
        self._lists = lists
        self._on_lists: dict[str, Int8s] = {} if on_lists is None else on_lists
        self._found: dict[Any, Any] = {}
        self._chosen: Int64s | None = None

    def of(self, tables: Tables) -> "Evidence":
        """The same of other charges with the same words."""
        return Evidence(tables, self.as_of, self._lists, self._on_lists)

    def of_some(self, rows: Int64s) -> "Evidence":
        """The same of some charges of the bucket, whose rows rise."""
        some = Evidence(self.tables, self.as_of, self._lists, self._on_lists)
        some.whole, some._chosen = self, rows
        return some

    @property
    def rows(self) -> int:
        """How many charges are asked about."""
        return self.tables.rows if self._chosen is None else int(self._chosen.size)

    def in_whole(self, rows: Int64s) -> Int64s:
        """Rows of charges among all of the bucket."""
        return rows if self._chosen is None else self._chosen[rows]

    def taken(self, values: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
        """What all charges of the bucket have, of those that are asked about."""
        return values if self._chosen is None else values[self._chosen]

    def column(self, name: str) -> "np.ndarray[Any, Any]":
        """A column of `Charges`. Shape (n,)."""
        values = getattr(self.tables.charges, name)
        if self._chosen is None:
            return values  # type: ignore[no-any-return]
        return self.once(("column", name), lambda: values[self._chosen])  # type: ignore[no-any-return]

    @cached_property
    def everybody(self) -> Int64s:
        """The rows of all charges that are asked about."""
        return np.arange(self.rows)

    def once(self, key: Any, find: Callable[[], Any]) -> Any:
        """What `find` gives, found once."""
        if key not in self._found:
            self._found[key] = find()
        return self._found[key]

    def dates(self, name: str) -> Int32s:
        """A date of the charges, or `birth_date`. Shape (n,)."""
        if name == "birth_date":
            found: Int32s = self.once(name, lambda: self.tables.people.birth_date[self.column("person")])
            return found
        return self.column(name)

    def marked(self, mark: Mark, column: str, of_person: bool) -> Int8s:
        """Whether the charge, or its person, bears a mark; if no record tells of it, only that it does is known."""
        marks = self.tables.people.marks[self.column("person")] if of_person else self.column("marks")
        without = NO if not column or column in self.tables.words.told else UNSURE
        return np.where(marks & int(mark) != 0, np.int8(YES), np.int8(without))

    def on_list(self, name: str) -> Int8s:
        """Whether each charge's statute is on a list. Shape (n,)."""
        if name not in self._on_lists:
            listed = on_list(self._lists[name], self.tables.words.offenses)
            self._on_lists[name] = np.append(listed, np.int8(UNSURE))  # a charge without an offense is at place -1
        found: Int8s = self._on_lists[name][self.column("offense")]
        return found

    def by_offense(self, find: Callable[[Offense], int]) -> Int8s:
        """What is so of each charge's offense."""
        answers = np.array([*map(find, self.tables.words.offenses), UNSURE], np.int8)
        found: Int8s = answers[self.column("offense")]
        return found

    def coded(self, codes: np.ndarray, words: tuple[str, ...], wanted: Collection[str]) -> Int8s:
        """Whether each code stands for one of the words; not known where there is none."""
        chosen = [code for code, word in enumerate(words) if word.casefold() in wanted]
        if len(chosen) > _FEW:
            table = np.full(len(words) + 1, NO, np.int8)
            table[chosen], table[UNKNOWN] = YES, UNSURE  # the last is also at place -1
            looked_up: Int8s = table[codes]
            return looked_up
        is_one = np.zeros(codes.size, np.bool_)
        for code in chosen:
            is_one |= codes == code
        found = truth_of(is_one)
        found += (codes == UNKNOWN).view(np.int8)
        return found

    def parts(self, scope: str) -> Parts:
        """Cases or people, as kernels take them, of all charges of the bucket."""
        return self.whole.once(("parts", scope), lambda: self._parts(scope))  # type: ignore[no-any-return]

    def part(self, scope: str, rows: Int64s) -> Int32s:
        """The case or person of some charges. Shape (rows,)."""
        found: Int32s = self.column(PERSON if scope == PERSON else CASE)[rows]
        return found

    def _parts(self, scope: str) -> Parts:
        tables = self.tables
        blind = tables.people.marks & int(Mark.NO_KEY) != 0
        if scope == PERSON:
            return Parts(tables.people.bounds, blind)
        return Parts(tables.cases.bounds, blind[tables.cases.person])

    @property
    def blind(self) -> Bools:
        """Whose charges nobody knows to belong together. Shape (n,)."""
        found: Bools = self.parts(PERSON).blind[self.column("person")]
        return found


def truth_of(holds: Bools) -> Int8s:
    """NO and YES of what is known. Shape (n,)."""
    found: Int8s = holds.view(np.int8) * np.int8(YES)
    return found


def spans_of_days(days: Int32s) -> Spans:
    """Days, any day where one is missing."""
    missing = days == NO_DAY
    return Spans(np.where(missing, np.int32(NEVER), days), np.where(missing, np.int32(EVER), days))


def empty_spans(rows: int) -> Spans:
    """Room for so many."""
    return Spans(np.empty(rows, np.int32), np.empty(rows, np.int32))


def taken_spans(spans: Spans, evidence: Evidence) -> Spans:
    """Spans of all charges of the bucket, of those that are asked about."""
    return Spans(evidence.taken(spans.low), evidence.taken(spans.high))


def compared(spans: Spans, low: int, high: int) -> Int8s:
    """Whether each lies within low and high, both included: NO, UNSURE or YES."""
    inside = (spans.low >= low) & (spans.high <= high)
    outside = (spans.high < low) | (spans.low > high)
    found: Int8s = inside.view(np.int8) - outside.view(np.int8)
    return np.add(found, np.int8(UNSURE), out=found)


def compared_days(days: Int32s, low: int, high: int) -> Int8s:
    """The same of days, any day where one is missing."""
    found = truth_of((days >= low) & (days <= high))
    of_missing = compared(spans_of_days(np.array([NO_DAY], np.int32)), low, high)
    found[days == NO_DAY] = of_missing
    return found
