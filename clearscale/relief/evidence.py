"""What conditions are asked of: a bucket's charges, and what is found of them once and asked for again."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from clearscale.charges.tables import NO_DAY, UNKNOWN, Mark, Offense, Tables
from clearscale_kernels.arrays import Bools, Int8s, Int32s
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
    """

    def __init__(
        self,
        tables: Tables,
        as_of: int,
        lists: Mapping[str, StatuteList],
        on_lists: dict[str, Int8s] | None = None,
    ) -> None:
        self.tables, self.as_of = tables, as_of
        self._lists = lists
        self._on_lists: dict[str, Int8s] = {} if on_lists is None else on_lists
        self._found: dict[Any, Any] = {}

    @property
    def rows(self) -> int:
        """How many charges there are."""
        return self.tables.rows

    def column(self, name: str) -> "np.ndarray[Any, Any]":
        """A column of `Charges`. Shape (n,)."""
        return getattr(self.tables.charges, name)  # type: ignore[no-any-return]

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
        marks = self.tables.people.marks if of_person else self.column("marks")
        found = truth_of(marks & int(mark) != 0)
        if column and column not in self.tables.words.told:
            np.maximum(found, np.int8(UNSURE), out=found)
        return found[self.column("person")] if of_person else found

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

    def coded(self, codes: np.ndarray, words: tuple[str, ...], wanted: Collection[str], first: int = 0) -> Int8s:
        """Whether each code stands for one of the words; not known where there is none. first: of the codes."""
        chosen = [code for code, word in enumerate(words, first) if word.casefold() in wanted]
        if len(chosen) > _FEW and not first:
            table = np.full(len(words) + 1, NO, np.int8)
            table[chosen], table[UNKNOWN] = YES, UNSURE  # the last is also at place -1
            looked_up: Int8s = table[codes]
            return looked_up
        is_one = np.zeros(codes.size, np.bool_)
        for code in chosen:
            is_one |= codes == code
        found = truth_of(is_one)
        found += (codes < first).view(np.int8)
        return found

    def parts(self, scope: str) -> Parts:
        """Cases or people, as kernels take them."""
        return self.once(("parts", scope), lambda: self._parts(scope))  # type: ignore[no-any-return]

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


def taken_spans(spans: Spans, places: "np.ndarray[Any, Any]") -> Spans:
    """Spans at some places."""
    return Spans(spans.low[places], spans.high[places])


def compared(spans: Spans, low: int, high: int) -> Int8s:
    """Whether each lies within low and high, both included: NO, UNSURE or YES."""
    inside = (spans.low >= low) & (spans.high <= high)
    outside = (spans.high < low) | (spans.low > high)
    found: Int8s = inside.view(np.int8) - outside.view(np.int8)
    return np.add(found, np.int8(UNSURE), out=found)


def compared_days(days: Int32s, low: int, high: int) -> Int8s:
    """The same of days, any day where one is missing."""
    found = truth_of((days >= low) & (days <= high))
    of_missing = compared(spans_of_days(np.array([NO_DAY], np.int32)), low, high)[0]
    found += (days == NO_DAY).view(np.int8) * np.int8(of_missing - (YES if low <= NO_DAY <= high else NO))
    return found
