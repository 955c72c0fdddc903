"""The figures of convictions: by section, severity, decision, reason, year and flag.

One conviction is one person's, so a small count of convictions is a small count of people.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from clearscale.policy.model import NONE

from .atoms import Atoms, Figure, Form, added, difference
from .merging import Block, merged_years
from .relations import Sum

Key = tuple[str, ...]
"""What a count is of: the name of the list, then what it is divided by.

`total`; `section` (section); `severity` (severity, and section); `decision` (determination, and section); `reason`
(determination, reason, and section); `worth` (worth, and determination); `year` (years that are counted together,
empty if unknown). Of decisions, also those of related charges: `decisions`, `related` (determination), `flag` and
`no flag` (flag). Under policies of sweeps that are published with the pages: `swept` (number of the policy, worth).
"""

SWEPT = "swept"
TOTAL: Key = ("total",)
DECISIONS: Key = ("decisions",)

UNDATED: Key = ("year", "")
UNDATED_FLAG: Key = ("flag", "no-conviction-date")
"""Without related charges, two names of the same convictions."""


@dataclass(frozen=True)
class Outcome:
    """What can become of a conviction: section, severity, decision, reason, and what that is worth to a person.

    swept: what it is worth under each policy of sweeps that are published with the pages.
    """

    section: str
    severity: str
    determination: str
    reason: str
    worth: str
    swept: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[Key, ...]:
        """The counts that such a conviction is in, whenever it was."""
        reason, decision = ("reason", self.determination, self.reason), ("decision", self.determination)
        return (
            TOTAL,
            ("section", self.section),
            ("severity", self.severity),
            ("severity", self.severity, self.section),
            decision,
            (*decision, self.section),
            reason,
            (*reason, self.section),
            ("worth", self.worth),
            ("worth", self.worth, self.determination),
            *((SWEPT, str(policy), worth) for policy, worth in enumerate(self.swept) if worth != NONE),
        )


@dataclass(frozen=True)
class PageCounts:
    """A page's counts that are not 0.

    possible: what can become of convictions under the policy, each with the years in which it can; all that is
    counted is among them. worth: of a (determination, reason), where it is one and the same. related: whether the
    policy decides related charges.
    """

    by: Mapping[Key, int]
    possible: Mapping[Outcome, frozenset[str]]
    worth: Mapping[tuple[str, str], str] = field(default_factory=dict)
    related: bool = False

    def blocks(self, below: int | None) -> tuple[Block, ...]:
        """Return the years that the page counts together."""
        return merged_years({key[1]: count for key, count in self.by.items() if key[0] == "year"}, below)

    @property
    def years(self) -> list[str]:
        """The years that have convictions."""
        return [key[1] for key in self.by if key[0] == "year"]


class ConvictionAtoms:
    """The atoms of a page's convictions, and the form of every count.

    years: those that everybody knows may have some. Years in which the same outcomes are possible are alike: their
    convictions are judged by outcome for all of them together, and by year for all outcomes together, as tables of
    both exist for any counts that come to the same total.
    """

    def __init__(self, counts: PageCounts, years: list[str], atoms: Atoms) -> None:
        alike: dict[frozenset[Outcome], list[str]] = {}
        for year in years:
            possible = frozenset(outcome for outcome, when in counts.possible.items() if year in when)
            alike.setdefault(possible, []).append(year)
        parts: dict[Key, list[Form]] = {}
        for possible, together in alike.items():
            of_years = []
            for year in together:
                of_years.append(atoms.new())
                parts.setdefault(("year", year), []).append(of_years[-1])
            made = []
            for outcome in counts.possible:
                if outcome in possible:
                    made.append(atoms.new())
                    for key in outcome.keys:
                        parts.setdefault(key, []).append(made[-1])
            atoms.equal(added(*made), added(*of_years))
        self.forms: dict[Key, Form] = {key: added(*found) for key, found in parts.items()}
        self.forms.setdefault(TOTAL, ())
        self._add_decisions(counts, atoms)

    def _add_decisions(self, counts: PageCounts, atoms: Atoms) -> None:
        """Add what is counted of all decisions, also those of related charges: decisions, and flags."""
        related = [key for key in counts.by if key[0] == "related"]
        self.forms |= {key: atoms.new() for key in related}
        self.forms[DECISIONS] = added(self.forms[TOTAL], *(self.forms[key] for key in related))
        for key in [key for key in counts.by if key[0] == "flag"]:
            undated = not counts.related and key == UNDATED_FLAG and counts.by.get(UNDATED, 0) == counts.by[key]
            self.forms[key] = self.forms[UNDATED] if undated and UNDATED in self.forms else atoms.new()
            self.forms["no flag", key[1]] = difference(self.forms[DECISIONS], self.forms[key])
            atoms.at_most(self.forms[key], self.forms[DECISIONS])

    def form(self, key: Key) -> Form:
        """Return the sum of atoms that a count is; of several years, the sum of theirs."""
        if key[0] == "year":
            return added(*(self.forms.get(("year", year), ()) for year in key[1:]))
        return self.forms.get(key, ())


@dataclass(frozen=True)
class PagesOfConvictions:
    """The convictions of all pages, a county's each, the state's under an empty name.

    closed: pages that list nothing, not even what is 0.
    """

    pages: Mapping[str, PageCounts]
    blocks: Mapping[str, tuple[Block, ...]]
    closed: frozenset[str]

    @classmethod
    def of(cls, pages: Mapping[str, PageCounts], closed: frozenset[str], below: int | None) -> "PagesOfConvictions":
        """Count years of few convictions together, on each page that lists any."""
        blocks = {page: counts.blocks(None if page in closed else below) for page, counts in pages.items()}
        return cls(pages, blocks, closed)

    def value(self, page: str, key: Key) -> int:
        """Return a count, of several years together."""
        by = self.pages[page].by
        return sum(by.get(("year", year), 0) for year in key[1:]) if key[0] == "year" else by.get(key, 0)

    def keys(self, page: str) -> Iterator[tuple[Key, bool]]:
        """Yield the keys of a page's counts that are not 0, and whether the page has a place for them."""
        blocks = [block for block in self.blocks[page] if len(block) > 1]
        alone = {*chain(*blocks)}
        for key in self.pages[page].by:
            yield key, key[0] != "no flag" and not (key[0] == "year" and key[1] in alone)
        for block in blocks:
            yield ("year", *block), True

    def atoms(self, atoms: Atoms) -> dict[str, ConvictionAtoms]:
        """Return each page's atoms. It is taken as known how many convictions counties count twice."""
        every = sorted({*chain(*(counts.years for counts in self.pages.values()))})
        found = {
            page: ConvictionAtoms(counts, every if page in self.closed else counts.years, atoms)
            for page, counts in self.pages.items()
        }
        for key, form in found.get("", ConvictionAtoms(PageCounts({}, {}), [], Atoms())).forms.items():
            counties = [page for page in found if page]
            if counties and key[0] not in ("no flag", SWEPT):
                twice = self.value("", key) - sum(self.value(page, key) for page in counties)
                atoms.equal(form, added(*(found[page].form(key) for page in counties)), twice)
        return found

    def figures(self, atoms: Mapping[str, ConvictionAtoms]) -> dict[tuple[str, Key], Figure]:
        """Return the figures by page and key; also those that an open page shows as 0."""
        found = {}
        for page, of_page in atoms.items():
            printed = dict(self.keys(page))
            for key in dict.fromkeys([*printed, *([] if page in self.closed else of_page.forms)]):
                value = self.value(page, key)
                form = of_page.form(key)
                found[page, key] = Figure(form, value, printed.get(key, not value), page not in self.closed)
        return found

    def relations(self, place: Mapping[tuple[str, Key], int]) -> list[Sum]:
        """Return which counts add up to which. place: of each count that is not 0, the same for the same sum."""
        sums = [
            Sum(place[page, total], tuple(place[page, part] for part in parts))
            for page in self.pages
            for total, parts in self._parts(page)
        ]
        # As people of several counties are in each, the counties only nearly add up to the state.
        for key in self.pages.get("", PageCounts({}, {})).by:
            parts = tuple(place[page, key] for page in self.pages if page and (page, key) in place)
            if parts:
                sums.append(Sum(place["", key], parts))
        return [relation for relation in dict.fromkeys(sums) if relation.parts != (relation.total,)]

    def _parts(self, page: str) -> list[tuple[Key, list[Key]]]:
        """Return the totals of a page, each with the counts that add up to it."""
        found: dict[tuple[Key, str], list[Key]] = {}
        counts = self.pages[page]
        of_year = {year: ("year", *block) for block in self.blocks[page] for year in block}
        for key, _ in self.keys(page):
            for total, how in _totals(key, counts.worth, of_year):
                found.setdefault((total, how), []).append(key)
        return [(total, parts) for (total, _), parts in found.items()]


def _totals(key: Key, worth: Mapping[tuple[str, str], str], block: Mapping[str, Key]) -> Iterator[tuple[Key, str]]:
    """Yield the totals that a count is a part of, each with how it is divided."""
    match key:
        case ("year", *years):
            if len(years) == 1 and block[years[0]] != key:
                yield block[years[0]], "year"
            else:
                yield TOTAL, "year"
        case ("section" | "decision" | "worth" as name, _):
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
