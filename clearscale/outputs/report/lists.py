"""Which counts of convictions pages may list: by section, severity, decision, reason, year and flag.

One conviction is one person's, so a small count of convictions is a small count of people. Lists of all pages are
decided on together: within a page they add up to one another, and the counties' nearly to the state's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from clearscale.outputs.disclosure import hide
from clearscale.outputs.disclosure.relations import Sum

Key = tuple[str, ...]
"""What a count is of: the name of the list, then what it is divided by.

`total`; `section` (section); `severity` (severity, and section); `decision` (determination, and section); `reason`
(determination, reason, and section); `worth` (worth, and determination); `year` (year, empty if unknown). Of
decisions, also those of related charges: `decisions`, `related` (determination), `flag` and `no flag` (flag).
"""

TOTAL: Key = ("total",)
DECISIONS: Key = ("decisions",)


@dataclass(frozen=True)
class PageCounts:
    """A page's counts that are not 0. worth: of a (determination, reason), where it is one and the same."""

    by: Mapping[Key, int]
    worth: Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Lists:
    """The counts of all pages, by page: a county, empty for the state.

    closed: pages that list nothing, not even what is 0. shown: of the other pages' counts those that may be seen.
    """

    pages: Mapping[str, PageCounts]
    closed: frozenset[str]
    shown: Mapping[str, Mapping[Key, int]]

    @classmethod
    def of(cls, pages: Mapping[str, PageCounts], closed: frozenset[str], below: int | None) -> "Lists":
        """Decide what may be listed. below: counts from 1 up to this are hidden; None hides nothing."""
        if below is None:
            return cls(pages, frozenset(), {page: counts.by for page, counts in pages.items()})
        figures = [(page, key) for page, counts in pages.items() for key in counts.by]
        place = {figure: number for number, figure in enumerate(figures)}
        values = np.array([pages[page].by[key] for page, key in figures], np.int64)
        sums = [
            Sum(place[page, total], tuple(place[page, part] for part in parts))
            for page, counts in pages.items()
            for total, parts in _parts(counts)
        ]
        # As people of several counties are in each, the counties only nearly add up to the state; see `disclosure`.
        for key in pages[""].by:
            parts = tuple(place[page, key] for page in pages if page and (page, key) in place)
            if parts:
                sums.append(Sum(place["", key], parts))
        already = np.array([page in closed for page, _ in figures], np.bool_)
        hidden = hide(values, sums, (), below, already)
        shown: dict[str, dict[Key, int]] = {page: {} for page in pages}
        for (page, key), value, is_hidden in zip(figures, values.tolist(), hidden.tolist(), strict=True):
            if not is_hidden:
                shown[page][key] = value
        return cls(pages, closed, shown)

    def count(self, page: str, *key: str) -> int | None:
        """Return a count, or None if it is hidden."""
        if page in self.closed:
            return None
        return self.shown[page].get(key) if key in self.pages[page].by else 0

    @property
    def hidden_count(self) -> int:
        """How many counts of all pages are hidden."""
        return sum(len(counts.by) - len(self.shown[page]) for page, counts in self.pages.items())


def _parts(counts: PageCounts) -> list[tuple[Key, list[Key]]]:
    """Return the totals of a page, each with the counts that add up to it."""
    found: dict[tuple[Key, str], list[Key]] = {}
    for key in counts.by:
        for total, how in _totals(key, counts.worth):
            found.setdefault((total, how), []).append(key)
    return [(total, parts) for (total, _), parts in found.items()]


def _totals(key: Key, worth: Mapping[tuple[str, str], str]) -> Iterator[tuple[Key, str]]:
    """Yield the totals that a count is a part of, each with how it is divided."""
    match key:
        case ("section" | "decision" | "worth" | "year" as name, _):
            yield TOTAL, name
        case ("severity", _):
            yield TOTAL, "severity"
        case ("severity" | "decision" as name, of, section):
            yield (name, of), "section"
            yield ("section", section), name
        case ("worth", of, determination):
            yield ("worth", of), "decision"
            yield ("decision", determination), "worth"
        case ("reason", determination, reason):
            yield ("decision", determination), "reason"
            # The same reason may be worth more in another county's policy.
            if (determination, reason) in worth:
                yield ("worth", worth[determination, reason], determination), "reason"
        case ("reason", determination, reason, section):
            yield ("reason", determination, reason), "section"
            yield ("decision", determination, section), "reason"
        case ("total",) | ("related", _):
            yield DECISIONS, "related"
        case ("flag" | "no flag", flag):
            yield DECISIONS, flag
