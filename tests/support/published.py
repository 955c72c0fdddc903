"""What the pages of a report give away, judged from their HTML alone, without the code that hides.

Somebody reads every page, knows the policy's options, how many people are in two counties' extracts, and that what
is hidden is not 0 where a page shows what is 0. Atoms are people of one standing by race, by sex and by age, and
convictions by section, severity and reason, and by year.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest

from clearscale.law import state
from clearscale.outputs.report import charts, maps
from clearscale.outputs.report.figures import ReportedRun
from clearscale.outputs.report.html import html
from clearscale.outputs.report.words import county_words
from clearscale.outputs.report.writing import page_of
from clearscale.runs import Run

from .judges import Program, ranges
from .reading_pages import Read, figure, titles_only

HIDDEN = "hidden"
SECTIONS = state().charges.sections
COUNTIES = "Counties: convictions and people, as each county alone counts"
DECIDED, REASONS, IN_COUNTY, BY_YEAR, LEFT = (
    "Prop 64 convictions by section and decision",
    "Prop 64 convictions by decision and reason",
    "Prop 64 convictions in this county",
    "Prop 64 convictions by year",
    "People who no longer have a felony or a conviction, under this policy and under broader ones",
)
LISTED = {
    "Dismissals by section, where the policy dismisses a whole section": "Dismiss all HS {} convictions",
    "Reductions by section, where the policy reduces a whole section": "Reduce all HS {} convictions",
    "Dismissals by additional relief": "{}",
}
PEOPLE = {"People by race": "race", "People by sex": "sex", "People by age on the as-of date": "age"}
GROUPED = ("with", "relief", "felony", "conviction")
HEADLINE = {
    "people with Prop 64 convictions": "with",
    "people with some relief": "relief",
    "people who no longer have a felony": "felony",
    "people who no longer have any conviction": "conviction",
    "people who no longer have a conviction in the last 7 years": "recent",
}
WORTH = {
    "would be dismissed": "Dismiss",
    "would be reduced to misdemeanors": "Reduce to a misdemeanor",
    "would get neither": "No determination",
}
MISDEMEANOR, UNDATED = "Misdemeanor or Infraction", "no usable date"
STANDINGS = (
    ("with",),
    *(("with", "relief", *more) for more in ((), ("felony",), ("conviction",), ("felony", "conviction"))),
)

Cell = tuple[Any, ...]
"""What a count is of, in words of the pages: `people` (measure, dimension, groups), `convictions` (section,
severity, decision, reason; empty for all), `years` (years), `flag` (flag), `decisions`, or `broader` (measure,
policy).
"""


def pages_of(run: Run, below: int | None) -> dict[str, Read]:
    """The HTML of all pages as a report writes it, of charts only what is told of their marks, read again."""
    return pages_from(ReportedRun.of(run, below))


def pages_from(source: ReportedRun) -> dict[str, Read]:
    """The same of a run that was read."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        for drawing in (charts, maps):
            patch.setattr(drawing, "draw", titles_only)
        for view in [source.of_state(), *map(source.of_county, source.counties)]:
            page = found[county_words(view.county)] = Read()
            page.feed(html(page_of(view, "")))
    return found


def cells(page: Read) -> Iterator[tuple[Cell, str]]:
    """Every count that a page shows or hides, wherever it stands."""
    for words, text in page.figures.items():
        if words in HEADLINE:
            yield ("people", HEADLINE[words], "", ()), text
        elif words in WORTH:
            yield ("convictions", "", "", WORTH[words], ""), text
        else:
            assert words == "Prop 64 convictions"
            yield ("convictions", "", "", "", ""), text
    for caption, rows in page.tables.items():
        titles, *rows = rows
        for row in rows:
            yield from _cells(caption, titles, row)
            if row[0] == "People with Prop 64 convictions":
                yield ("people", "with", "", ()), row[1]


def _cells(caption: str, titles: list[str], row: list[str]) -> Iterator[tuple[Cell, str]]:
    name = row[0]
    section = name[:5] if name[:5] in SECTIONS else ""
    if caption in PEOPLE:
        groups = () if name == "All" else parts_of(name)
        for measure, text in zip(GROUPED, row[1::2], strict=True):
            yield ("people", measure, PEOPLE[caption] if groups else "", groups), text
    elif caption == DECIDED:
        for title, text in zip(titles[1:], row[1:], strict=True):
            yield ("convictions", section, "", "" if title == "All" else title, ""), text
    elif caption == IN_COUNTY:
        for severity, text in zip(("felony", "other", ""), row[1:], strict=True):
            yield ("convictions", section, severity, "", ""), text
    elif caption == REASONS:
        for title, text in zip(titles[2:], row[2:], strict=True):
            yield ("convictions", "" if title == "All" else title, "", name, row[1]), text
    elif caption in LISTED:
        decision = "Reduce to a misdemeanor" if caption.startswith("Reduc") else "Dismiss"
        whole = "additional" not in caption
        yield ("convictions", "", "", decision, LISTED[caption].format(section if whole else name)), row[1]
    elif caption == BY_YEAR:
        yield ("convictions", "", "", "", "") if name == "All years" else ("years", years_of(name)), row[1]
    elif caption.startswith("Decisions that carry a flag"):
        yield ("flag", row[3]), row[1]
        every = caption.partition(", of ")[2]
        yield ("decisions",), every or HIDDEN
    elif caption == LEFT:
        measure = HEADLINE[name[0].lower() + name[1:]]
        for title, text in zip(titles[1:], row[1:], strict=True):
            own = title == "With this policy"
            yield ("people", measure, "", ()) if own else ("broader", measure, title), text


def county_cells(page: Read) -> Iterator[tuple[str, Cell, str]]:
    """(county, what, text) of the state's table of counties."""
    for row in page.tables[COUNTIES][1:]:
        convictions = [
            ("convictions", "", "", decision, "") for decision in ("", "Dismiss", "Reduce to a misdemeanor")
        ]
        people = [("people", measure, "", ()) for measure in HEADLINE.values()]
        *counts, rate = row[2:]
        for what, text in zip([*convictions, *people], counts, strict=True):
            yield row[0], what, text
        # A rate is the county's convictions, divided by what everybody knows.
        assert (rate == HIDDEN) == (counts[0] == HIDDEN)


def parts_of(name: str) -> tuple[str, ...]:
    """The groups that a row counts together."""
    return tuple(re.split(r", | and (?=[A-Z0-9u])", name.replace("65 and over", "65+")))


def years_of(name: str) -> tuple[str, ...]:
    """The years that a row counts together: all from the first to the last, as far as a page has them."""
    dated = re.findall(r"[12][0-9]{3}", name)
    years = [str(year) for year in range(int(dated[0]), int(dated[-1]) + 1)] if dated else []
    return (*years, *([UNDATED] if UNDATED in name else []))


Pages = Mapping[str, Read]
"""Every page by its county as its table of counties names it, the state's under an empty name."""


def read_cells(pages: Pages) -> dict[tuple[str, Cell], str]:
    """Every count of all pages; the same one is the same wherever it stands."""
    found: dict[tuple[str, Cell], str] = {}

    def add(place: str, what: Cell, text: str) -> None:
        assert found.setdefault((place, what), text) == text, "one count is shown in two ways"

    for county, page in pages.items():
        page.check()
        for what, text in cells(page):
            add(county, what, text)
    for county, what, text in county_cells(pages[""]):
        # A page without convictions has no decisions to list.
        add(county, what, text)
    return found


class Reader:
    """Somebody who reads all pages. options: the run's policy, a file of the counties' options."""

    standings = STANDINGS

    def __init__(self, shown: Pages, exact: Pages, options: Mapping[str, Any], below: int = 11) -> None:
        self.below = below
        self.shown = read_cells(shown)
        self.exact = {what: figure(text) for what, text in read_cells(exact).items()}
        self.options = options
        self.program = Program()
        self.groups = {
            dimension: sorted(
                {
                    groups[0]
                    for _, (kind, *rest) in self.exact
                    if kind == "people"
                    for _, by, groups in [rest]
                    if by == dimension
                }
            )
            for dimension in ("race", "sex", "age")
        }
        self.reasons = sorted(
            {(rest[2], rest[3]) for _, (kind, *rest) in self.exact if kind == "convictions" and rest[3]}
        )
        self.open = {county for county, page in shown.items() if DECIDED in page.tables}
        self.years = {
            county: {what[1][0] for at, what in self.exact if at == county and what[0] == "years"}
            for county in shown
        }
        self.places = list(shown)
        for place in self.places:
            self._add_people(place)
            self._add_convictions(place)
        self._add_what_is_known()

    def form(self, place: str, what: Cell) -> dict[int, float]:
        """A count as a sum of atoms."""
        kind, *rest = what
        if kind == "people":
            measure, by, groups = rest
            if measure not in GROUPED:
                return {self.program.atom((place, "people", measure)): 1}
            return {
                self.program.atom((place, by or "race", group, standing)): 1
                for group in groups or self.groups["race"]
                for standing in self.standings
                if measure in standing
            }
        if kind == "convictions":
            section, severity, decision, reason = rest
            return {
                self.program.atom((place, *atom)): 1
                for atom in self._possible()
                if section in ("", atom[0])
                and severity in ("", atom[1])
                and decision in ("", atom[2])
                and reason in ("", atom[3])
            }
        if kind == "years":
            return {
                self.program.atom((place, "year", year)): 1 for year in rest[0] if year in self._known_years(place)
            }
        if what == ("decisions",):
            return self.form(place, ("convictions", "", "", "", ""))
        if what == ("flag", "no-conviction-date"):
            return self.form(place, ("years", (UNDATED,)))
        return {self.program.atom((place, *what)): 1}

    def _known_years(self, place: str) -> set[str]:
        return (
            self.years[place] if place in self.open else {year for years in self.years.values() for year in years}
        )

    def _possible(self) -> Iterator[tuple[str, str, str, str]]:
        """Section, severity, decision and reason that can come together under the options."""
        dismissed = self.options["baselineEligibility"]["dismiss"]
        for section, severity, (decision, reason) in product(SECTIONS, ("felony", "other"), self.reasons):
            if (severity == "other") != (reason == MISDEMEANOR):
                continue
            # A felony of a section that is dismissed as a whole, or of one beside it in the same charge.
            if severity == "felony" and section in dismissed and not reason.startswith("Dismiss all HS"):
                continue
            yield section, severity, decision, reason

    def _add_people(self, place: str) -> None:
        add = self.program.row
        for standing, by in product(self.standings, ("sex", "age")):
            sides = [
                {self.program.atom((place, side, group, standing)): 1 for group in self.groups[side]}
                for side in ("race", by)
            ]
            add(0, 0, (1, sides[0]), (-1, sides[1]))
        total = {measure: self.form(place, ("people", measure, "", ())) for measure in HEADLINE.values()}
        add(0, np.inf, (1, total["relief"]), (-1, total["recent"]))
        wider = [{what[2] for at, what in self.exact if at == place and what[0] == "broader"}]
        for measure, policies in product(("felony", "conviction", "recent"), wider):
            chain = [
                total[measure],
                *(self.form(place, ("broader", measure, policy)) for policy in sorted(policies, key=len)),
            ]
            for one, other in pairwise(chain):
                add(0, np.inf, (1, other), (-1, one))
            if len(chain) > 1:
                add(0, np.inf, (1, total["with"]), (-1, chain[1]))
        convictions = {
            decision: self.form(place, ("convictions", "", "", decision, ""))
            for decision in ("", "No determination")
        }
        add(0, np.inf, (1, convictions[""]), (-1, total["with"]))
        add(0, np.inf, (1, convictions[""]), (-1, convictions["No determination"]), (-1, total["relief"]))
        add(0, np.inf, (1, convictions["No determination"]), (-1, total["with"]), (1, total["relief"]))

    def _add_convictions(self, place: str) -> None:
        every = self.form(place, ("convictions", "", "", "", ""))
        years = self._known_years(place)
        self.program.row(0, 0, (1, every), (-1, self.form(place, ("years", tuple(years)))))
        for _, flag in {what for at, what in self.exact if at == place and what[0] == "flag"}:
            self.program.row(0, np.inf, (1, every), (-1, self.form(place, ("flag", flag))))
        threshold = self.options["additionalRelief"].get("yearsSinceConvictionThreshold", 0)
        if threshold:
            # Whatever the options reach only after "so many years ago" is not of a year before that.
            late = tuple(year for year in years if year == UNDATED or int(year) >= 2020 - threshold)
            for decision in ("Reduce to a misdemeanor", "No determination"):
                later = self.form(place, ("convictions", "", "", decision, ""))
                self.program.row(0, np.inf, (1, self.form(place, ("years", late))), (-1, later))

    def _add_what_is_known(self) -> None:
        for (place, what), text in self.shown.items():
            form = self.form(place, what)
            if text == HIDDEN:
                # A page that lists nothing hides what is 0, too; so does one that hides the total of a measure.
                empty = what[0] != "people" and place not in self.open
                empty |= (
                    what[0] == "people"
                    and self.shown[place, ("people", what[1], "", ())] == HIDDEN
                    and what[2] != ""
                )
                self.program.row(0 if empty else 1, np.inf, (1, form))
            else:
                self.program.row(figure(text), figure(text), (1, form))
        counties = [place for place in self.places if place]
        for place, what in self.exact:
            if (
                place == ""
                and what[0] != "decisions"
                and (what[0] != "broader" or (counties[0], what) in self.exact)
            ):
                twice = self.exact[place, what] - sum(self.exact.get((county, what), 0) for county in counties)
                parts = [(-1.0, self.form(county, what)) for county in counties]
                self.program.row(twice, twice, (1.0, self.form(place, what)), *parts)
        for place in self.open:
            for (at, what), value in self.exact.items():
                # What an open page leaves out is 0.
                if at == place and not value and what[0] in ("convictions", "flag"):
                    self.program.row(0, 0, (1, self.form(place, what)))

    def secrets(self) -> dict[tuple[str, Cell], tuple[int, dict[int, float]]]:
        """Small counts, and small differences between those who are counted and those among whom they are."""
        found = {}
        for (place, what), value in self.exact.items():
            if 0 < value < self.below:
                found[place, what] = value, self.form(place, what)
            if what[0] == "people" and what[1] != "with":
                for whole in ("with", "relief") if what[1] != "relief" else ("with",):
                    wide = ("people", whole, *what[2:])
                    if (place, wide) not in self.exact:
                        continue
                    rest = self.exact[place, wide] - value
                    if 0 < rest < self.below:
                        form = dict(self.form(place, wide))
                        for atom, factor in self.form(place, what).items():
                            form[atom] = form.get(atom, 0) - factor
                        found[place, (*what, "not", whole)] = (
                            rest,
                            {atom: factor for atom, factor in form.items() if factor},
                        )
            if what[0] == "broader":
                rest = value - self.exact[place, ("people", what[1], "", ())]
                if 0 < rest < self.below:
                    form = {
                        **{a: -f for a, f in self.form(place, ("people", what[1], "", ())).items()},
                        **self.form(place, what),
                    }
                    found[place, (*what, "more")] = rest, form
        return found

    def findings(self) -> list[tuple[tuple[str, Cell], float, float]]:
        """Secrets that are shown, known, or narrowed to fewer values than the threshold, with what is left."""
        secrets = self.secrets()
        bounds = ranges(
            self.program,
            [form for _, form in secrets.values()],
            [value for value, _ in secrets.values()],
            self.below,
        )
        return [
            (name, least, most)
            for name, (least, most) in zip(secrets, bounds, strict=True)
            if np.floor(most + 1e-6) - np.ceil(least - 1e-6) + 1 < self.below
        ]
