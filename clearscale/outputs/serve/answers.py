"""What a page shows of one setting: sentences, key figures and tables, for the page and for spreadsheets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from clearscale.law import state
from clearscale.outputs.report.words import (
    MEASURE_WORDS,
    RACE_WORDS,
    SECTION_WORDS,
    SHORT_MEASURES,
    county_words,
    listed,
    share,
)
from clearscale.outputs.report.words import group as group_words
from clearscale.runs.demography import AGE_BANDS, RACES
from clearscale.runs.tally import MEASURES
from clearscale.whatif.sweep.option_family import Grid
from clearscale_kernels.arrays import Int64s

from .counting import PolicyFigures
from .population import REASONS
from .session import Session
from .settings import address

_OUTCOMES = ("Dismissed", "Reduced to misdemeanors", "Neither")
KEY_WORDS = (
    "Prop 64 convictions",
    "would be dismissed",
    "would be reduced to misdemeanors",
    "would get neither",
    *MEASURE_WORDS.values(),
)
"""What the figures at a glance count."""

_COMPARED = tuple(SHORT_MEASURES)
_MOST_RACES = 3


@dataclass(frozen=True)
class Listing:
    """A table of figures. rows: a name, then figures, or texts for shares. total: the last row is that of all."""

    id: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]
    total: bool = False

    def as_table(self, note: tuple[str, ...]) -> pa.Table:
        """Return the listing for a spreadsheet. note: a first row, of what to know of all figures."""
        rows = [note, *(tuple(map(str, row)) for row in self.rows)]
        columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
        return pa.table(columns, names=list(self.columns))


@dataclass(frozen=True)
class Answer:
    """What a page shows. key: (what it counts, figure, the same under the run's policy)."""

    place: str
    grid: Grid
    lead: tuple[str, ...]
    key: tuple[tuple[str, int, int], ...]
    listings: tuple[Listing, ...]

    def document(self) -> dict[str, Any]:
        """Return the answer as JSON."""
        return {
            "place": self.place,
            "lead": self.lead,
            "key": self.key,
            "listings": {
                listing.id: {"rows": listing.rows, "total": listing.total, "columns": listing.columns}
                for listing in self.listings
            },
            "options": self.grid.options(),
        }

    def table(self, note: str) -> pa.Table:
        """Return the answer for a spreadsheet: a row a figure. note: what to know of all figures."""
        rows = [("about", self.place, "note", note)]
        rows += [("setting", self.place, name, text) for name, text in address(self.grid).items()]
        rows += [("at a glance", self.place, words, str(value)) for words, value, _ in self.key]
        for listing in self.listings:
            for name, *values in listing.rows:
                pairs = zip(listing.columns[1:], values, strict=True)
                rows += [(listing.caption, str(name), column, str(value)) for column, value in pairs]
        columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
        return pa.table(columns, names=["table", "of", "column", "figure"])


def place_words(county: str | None) -> str:
    """Name the state or county that figures are of."""
    return state().title if county is None else f"{county_words(county)} County"


def answer(session: Session, grid: Grid, county: str | None) -> Answer:
    """Count what a policy does in a county, or in the state."""
    found, own = session.figures(grid, county, by_who=True), session.own_figures(county)
    listings = [_sections(found), _reasons(found)]
    listings.append(_people("races", "race", [RACE_WORDS[race] for race in RACES], found.people))
    if found.by_sex is not None and found.by_age is not None:
        sexes, ages = ([group_words(of, name) for name in names] for of, names in _who(session))
        listings.append(_people("sexes", "sex", sexes, found.by_sex))
        listings.append(_people("ages", "age on the as-of date", ages, found.by_age))
    if county is None:
        listings.append(_counties(session, grid))
    place = place_words(county)
    key = zip(KEY_WORDS, key_figures(found), key_figures(own), strict=True)
    return Answer(place, grid, _lead(session, found, place), tuple(key), tuple(listings))


def key_figures(figures: PolicyFigures) -> list[int]:
    """Return the figures at a glance, in the order of KEY_WORDS."""
    outcomes = figures.outcomes.sum(axis=0)
    found: list[int] = [int(outcomes.sum()), *outcomes.tolist(), *figures.people.sum(axis=0).tolist()]
    return found


def _lead(session: Session, figures: PolicyFigures, place: str) -> tuple[str, ...]:
    convictions, dismissed, reduced, rest, people, relief, *_ = key_figures(figures)
    about = "about " if session.published else ""
    if not convictions or not people:
        if not session.published:
            return (f"{place} has no Prop 64 convictions in these extracts.",)
        return (f"{place} has too few people or convictions for figures that could point to nobody.",)
    races = sorted(zip(figures.people[:, 1].tolist(), RACES, strict=True), reverse=True)[:_MOST_RACES]
    shares = [f"{round(100 * count / relief)}% {RACE_WORDS[race]}" for count, race in races if count]
    return (
        f"Of {about}{convictions:,} Prop 64 convictions in {place}, {dismissed:,} would be dismissed, {reduced:,} "
        f"reduced to misdemeanors, and {rest:,} would get neither.",
        f"{about.capitalize()}{relief:,} of {people:,} people would receive some relief"
        + (f": {listed(shares)}." if shares else "."),
    )


def _sections(figures: PolicyFigures) -> Listing:
    rows: list[tuple[str | int, ...]] = [
        (SECTION_WORDS[section], *counts, sum(counts))
        for section, counts in zip(state().charges.sections, figures.outcomes.tolist(), strict=True)
    ]
    total = figures.outcomes.sum(axis=0).tolist()
    rows.append(("All sections", *total, sum(total)))
    columns = ("Section", *_OUTCOMES, "All")
    return Listing("sections", "Prop 64 convictions by section and decision", columns, tuple(rows), total=True)


def _reasons(figures: PolicyFigures) -> Listing:
    counts = figures.decided.sum(axis=0).tolist()
    rows = tuple((words[0].upper() + words[1:], count) for words, count in zip(REASONS, counts, strict=True))
    return Listing(
        "reasons", "Prop 64 convictions by reason, the first that holds", ("Reason", "Convictions"), rows
    )


def _who(session: Session) -> tuple[tuple[str, Sequence[str]], ...]:
    return ("sex", session.population.sexes), ("age", AGE_BANDS)


def _people(name: str, by: str, groups: Sequence[str], people: Int64s) -> Listing:
    places = [0, *(1 + MEASURES.index(measure) for measure in _COMPARED[1:])]
    counted = people[:, places]
    total: list[int] = counted.sum(axis=0).tolist()

    def row(name: str, counts: Sequence[int]) -> tuple[str | int, ...]:
        return (name, *(cell for pair in zip(counts, map(share, counts, total), strict=True) for cell in pair))

    rows = [row(group, counts) for group, counts in zip(groups, counted.tolist(), strict=True) if any(counts)]
    columns = [text for measure in _COMPARED for text in (_column(measure), f"Share, {SHORT_MEASURES[measure]}")]
    title = by.partition(" ")[0].capitalize()
    return Listing(name, f"People by {by}", (title, *columns), (*rows, row("All", total)), total=True)


def _column(measure: str) -> str:
    words = MEASURE_WORDS[measure].removeprefix("people ")
    return words[0].upper() + words[1:]


def _counties(session: Session, grid: Grid) -> Listing:
    rows = [
        (county_words(county), *counts)
        for county, counts in zip(session.counties, session.by_county(grid).tolist(), strict=True)
    ]
    columns = ("County", "Prop 64 convictions", *_OUTCOMES[:2], *map(_column, MEASURE_WORDS))
    return Listing("counties", "Counties, as each county alone counts", columns, tuple(rows))
