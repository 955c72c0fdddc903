"""What a page shows of one setting: sentences, key figures and tables, for the page and for spreadsheets."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import pyarrow as pa

from clearscale.law import state
from clearscale.outputs.report.words import (
    MEASURE_WORDS,
    RACE_WORDS,
    SECTION_WORDS,
    SHORT_MEASURES,
    county_title,
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
_LISTED = ("rows", "total", "columns", "bars", "stacked", "numbers", "notes")
_SHARES = (2, 4, 6, 8)
"""Of people, each group's share under each measure."""


class Figures(Protocol):
    """What a policy does in a county or in the state."""

    @property
    def outcomes(self) -> Int64s:
        """Prop 64 convictions dismissed, reduced, and neither, by section. Shape (4, 3)."""

    @property
    def people(self) -> Int64s:
        """Those with Prop 64 convictions, then MEASURES, by race. Shape (RACES, 5)."""


@dataclass(frozen=True)
class SavedPolicy:
    """A setting as a file. name: to save it under; empty if there is none. words: what to do with it."""

    name: str
    text: str
    words: str


@dataclass(frozen=True)
class Listing:
    """A table of figures.

    rows: a name, or more texts, then figures, or texts for shares. total: the last row is that of all. bars: the
    columns that are drawn, if any; of counties, the one picked at first. stacked: in one bar a row. numbers: the
    columns that hold figures, all but the first if empty. notes: what stands below. folded: the table is.
    """

    id: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]
    total: bool = False
    bars: tuple[int, ...] = (1,)
    stacked: bool = False
    numbers: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    folded: bool = False

    @property
    def figures(self) -> tuple[int, ...]:
        """The columns that hold figures."""
        return self.numbers or tuple(range(1, len(self.columns)))

    def name_of(self, row: Sequence[str | int]) -> str:
        """Name a row by the texts before its figures."""
        return ": ".join(str(text) for text in row[: self.figures[0]] if text)

    def document(self) -> dict[str, Any]:
        """Return the listing as JSON."""
        document = {**asdict(self), "numbers": self.figures}
        return {name: document[name] for name in _LISTED}

    def as_table(self, note: tuple[str, ...]) -> pa.Table:
        """Return the listing for a spreadsheet. note: a first row, of what to know of all figures."""
        rows = [note, *(tuple(map(str, row)) for row in self.rows)]
        columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
        return pa.table(columns, names=list(self.columns))


@dataclass(frozen=True)
class Answer:
    """What a page shows.

    setting: as an address has it. key: (what it counts, figure, the same under the run's policy). strip: the main
    figures in a line, for small screens.
    """

    place: str
    setting: Mapping[str, str]
    saved: SavedPolicy
    lead: tuple[str, ...]
    key: tuple[tuple[str, int, int], ...]
    listings: tuple[Listing, ...]
    strip: str = ""

    def document(self) -> dict[str, Any]:
        """Return the answer as JSON."""
        return {
            "place": self.place,
            "lead": self.lead,
            "key": self.key,
            "strip": self.strip,
            "listings": {listing.id: listing.document() for listing in self.listings},
            "saved": asdict(self.saved),
        }

    def table(self, note: str) -> pa.Table:
        """Return the answer for a spreadsheet: a row a figure. note: what to know of all figures."""
        rows = [("about", self.place, "note", note)]
        rows += [("setting", self.place, name, text) for name, text in self.setting.items()]
        rows += [("at a glance", self.place, words, str(value)) for words, value, _ in self.key]
        for listing in self.listings:
            for row in listing.rows:
                of = {listing.columns[place]: row[place] for place in listing.figures}
                rows += [
                    (listing.caption, listing.name_of(row), column, str(value)) for column, value in of.items()
                ]
        columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
        return pa.table(columns, names=["table", "of", "column", "figure"])


def place_words(county: str | None) -> str:
    """Name the state or county that figures are of."""
    return state().title if county is None else county_title(county)


def answer(session: Session, grid: Grid, county: str | None) -> Answer:
    """Count what a policy does in a county, or in the state."""
    found, own = session.figures(grid, county, by_who=True), session.own_figures(county)
    listings = [_sections(found), _reasons(found)]
    listings += people_listings(found.people, found.by_sex, found.by_age, session.population.sexes)
    if county is None:
        listings.append(counties_listing(session.counties, session.by_county(grid)))
    place = place_words(county)
    return Answer(
        place,
        address(grid),
        saved_options(grid),
        _lead(session, found, place),
        key_of(found, own),
        tuple(listings),
        strip_of(found),
    )


def saved_options(grid: Grid) -> SavedPolicy:
    """Return eligibility options as a file."""
    return SavedPolicy(
        "policy.json",
        f"{json.dumps(grid.options(), indent=1)}\n",
        "Saved as policy.json, these eligibility options are a policy: clearscale run --policy policy.json",
    )


def key_of(found: Figures, own: Figures) -> tuple[tuple[str, int, int], ...]:
    """Return the figures at a glance beside those under the run's policy."""
    return tuple(zip(KEY_WORDS, key_figures(found), key_figures(own), strict=True))


def strip_of(found: Figures) -> str:
    """Return the main figures in a line."""
    _, dismissed, _, _, _, relief, *_ = key_figures(found)
    return f"{dismissed:,} dismissed, {relief:,} people with some relief"


def key_figures(figures: Figures) -> list[int]:
    """Return the figures at a glance, in the order of KEY_WORDS."""
    outcomes = figures.outcomes.sum(axis=0)
    found: list[int] = [int(outcomes.sum()), *outcomes.tolist(), *figures.people.sum(axis=0).tolist()]
    return found


def _lead(session: Session, figures: PolicyFigures, place: str) -> tuple[str, ...]:
    convictions, dismissed, reduced, rest, people, relief, *_ = key_figures(figures)
    about = "about " if session.published else ""
    if not convictions or not people:
        if not session.published:
            return nothing(place)
        return (f"{place} has too few people or convictions for figures that could point to nobody.",)
    return (
        f"Of {about}{convictions:,} Prop 64 convictions in {place}, {dismissed:,} would be dismissed, {reduced:,} "
        f"reduced to misdemeanors, and {rest:,} would get neither.",
        f"{about.capitalize()}{relief:,} of {people:,} people would receive some relief{races_words(figures)}.",
    )


def nothing(place: str) -> tuple[str, ...]:
    """Say that there is nothing to decide."""
    return (f"{place} has no Prop 64 convictions in these extracts.",)


def races_words(figures: Figures) -> str:
    """Return the shares of the largest groups among people with some relief, after a colon."""
    relief = int(figures.people[:, 1].sum())
    races = sorted(zip(figures.people[:, 1].tolist(), RACES, strict=True), reverse=True)[:_MOST_RACES]
    shares = [f"{round(100 * count / relief)}% {RACE_WORDS[race]}" for count, race in races if count]
    return f": {listed(shares)}" if shares else ""


def _sections(figures: PolicyFigures) -> Listing:
    rows: list[tuple[str | int, ...]] = [
        (SECTION_WORDS[section], *counts, sum(counts))
        for section, counts in zip(state().charges.sections, figures.outcomes.tolist(), strict=True)
    ]
    total = figures.outcomes.sum(axis=0).tolist()
    rows.append(("All sections", *total, sum(total)))
    return sections_listing(_OUTCOMES, rows)


def sections_listing(decisions: Sequence[str], rows: Sequence[tuple[str | int, ...]]) -> Listing:
    """Return convictions by section and decision. rows: of each section, and of all; their sum is the last."""
    columns = ("Section", *decisions, "All")
    bars = tuple(range(1, len(columns) - 1))
    caption = "Prop 64 convictions by section and decision"
    return Listing("sections", caption, columns, tuple(rows), total=True, bars=bars, stacked=True)


def _reasons(figures: PolicyFigures) -> Listing:
    counts = figures.decided.sum(axis=0).tolist()
    rows = tuple((words[0].upper() + words[1:], count) for words, count in zip(REASONS, counts, strict=True))
    return Listing(
        "reasons", "Prop 64 convictions by reason, the first that holds", ("Reason", "Convictions"), rows
    )


def people_listings(
    by_race: Int64s, by_sex: Int64s | None, by_age: Int64s | None, sexes: Sequence[str]
) -> Iterable[Listing]:
    """Yield people by race, sex and age, each group's share beside its share before."""
    yield _people("races", "race", [RACE_WORDS[race] for race in RACES], by_race)
    if by_sex is not None and by_age is not None:
        yield _people("sexes", "sex", [group_words("sex", name) for name in sexes], by_sex)
        yield _people("ages", "age on the as-of date", [group_words("age", name) for name in AGE_BANDS], by_age)


def _people(name: str, by: str, groups: Sequence[str], people: Int64s) -> Listing:
    places = [0, *(1 + MEASURES.index(measure) for measure in _COMPARED[1:])]
    counted = people[:, places]
    total: list[int] = counted.sum(axis=0).tolist()

    def row(name: str, counts: Sequence[int]) -> tuple[str | int, ...]:
        return (name, *(cell for pair in zip(counts, map(share, counts, total), strict=True) for cell in pair))

    rows = [row(group, counts) for group, counts in zip(groups, counted.tolist(), strict=True) if any(counts)]
    columns = [text for measure in _COMPARED for text in (_column(measure), f"Share, {SHORT_MEASURES[measure]}")]
    title = by.partition(" ")[0].capitalize()
    caption, listed = f"People by {by}", (*rows, row("All", total))
    return Listing(name, caption, (title, *columns), listed, total=True, bars=_SHARES)


def _column(measure: str) -> str:
    words = MEASURE_WORDS[measure].removeprefix("people ")
    return words[0].upper() + words[1:]


def counties_listing(counties: Sequence[str], figures: Int64s) -> Listing:
    """Return counties side by side. figures: convictions, dismissed, reduced, people, MEASURES of each."""
    rows = [(county_words(county), *counts) for county, counts in zip(counties, figures.tolist(), strict=True)]
    columns = ("County", "Prop 64 convictions", *_OUTCOMES[:2], *map(_column, MEASURE_WORDS))
    caption = "Counties, as each county alone counts"
    return Listing("counties", caption, columns, tuple(rows), bars=(2,), folded=True)
