"""The statewide page."""

from clearscale.law import state
from clearscale.runs import summary_keys as keys

from . import glossary, sections, sources
from .figures import PageFigures
from .lead import earliest, key_figures, sentences, subtitle
from .maps import CountyMap
from .model import Chart, Page, Picture, Points, Section, Table, Texts
from .words import HIDDEN, MEASURE_WORDS, county_words, listed, number, share

_RESIDENTS = 100_000
"""Convictions of a county are given for so many of its residents, too."""

_RELIEF = state().charges.marked("relief")


def page(view: PageFigures, *, footer: str, warning: str, note: str, command: str, version: str) -> Page:
    """Return the statewide page of a run."""
    return Page(
        file="statewide",
        title=f"Clearing old marijuana convictions in {state().title}",
        subtitle=subtitle(view, view.summary["policyTitle"]),
        lead=sentences(view),
        sections=(
            Section("headline", "At a glance", (*key_figures(view), _scope(view))),
            _counties(view),
            *(_divided(view) if view.listable else (sections.withheld(view),)),
            sources.policy(view),
            _how_to_read(view),
            sources.reproduce(view, command, version),
            glossary.of_convictions(view.source.below),
        ),
        footer=footer,
        warning=warning,
        note=note,
    )


def _divided(view: PageFigures) -> tuple[Section, ...]:
    return (
        sections.decisions(view),
        sections.people(view),
        Section("left", "Free of felonies, free of convictions", (sections.left(view),)),
        sections.years(view),
        sections.missing(view),
        *sections.found(view),
    )


def _scope(view: PageFigures) -> Texts:
    summary = view.summary
    return Texts(
        (
            _covered(view),
            f"Counted from {summary['extracts']:,} criminal-history extracts of {summary['counties']:,} counties, "
            f"{summary[keys.LINES]:,} records. Earliest conviction: {earliest(view)}. Each person counts once, "
            "with the relief of all counties together.",
        )
    )


def _covered(view: PageFigures) -> str:
    """Say how much of the state the run is about: what is not in it is in no figure."""
    counties, place = state().counties.listed, state().title
    reported = {county.strip().upper() for county in view.source.counties}
    within = [county for county in counties if county.name in reported]
    missing = [county for county in counties if county.name not in reported]
    if not missing:
        return f"All {len(counties)} counties of {place} are in these figures."
    fewer = missing if len(missing) < len(within) else within
    names = listed([county_words(county.name) for county in fewer])
    residents = share(sum(county.population for county in within), sum(county.population for county in counties))
    return (
        f"These figures cover {len(within)} of {place}'s {len(counties)} counties "
        f"({'all but ' if fewer is missing else ''}{names}), in which {residents} of its people live. "
        f"{len(missing)} have no extract in this run: the figures say nothing of them."
    )


def _counties(view: PageFigures) -> Section:
    source = view.source
    rows = []
    counts: dict[str, int | None] = {}
    for county in source.counties:
        county_view = source.of_county(county)
        figures = [county_view.listed("total"), *county_view.relief]
        counts[county.strip().upper()] = figures[0]
        people = [county_view.people(measure) for measure in MEASURE_WORDS]
        rate = _rate(county, figures[0])
        rows.append((county_words(county), _letters(county), *map(number, [*figures, *people]), rate))
    table = Table(
        "Counties: convictions and people, as each county alone counts",
        (
            "County",
            "On the map",
            "Prop 64 convictions",
            "Dismissed",
            "Reduced",
            "People",
            "With some relief",
            "No felony left",
            "No conviction left",
            "None left in 7 years",
            f"Convictions per {_RESIDENTS:,} residents",
        ),
        tuple(rows),
        notes=(
            "A county's people are those of its own extract, with the relief of that county only. Someone with "
            "convictions in two counties is in both rows, so the rows add up to more than the state's people.",
            f"Residents are those of {state().counties.population_of}, of any age.",
            *([sections.hidden_words(view)] if source.below is not None else []),
        ),
        numbers=tuple(range(2, 11)),
    )
    shown = sorted(((count, name) for name, count in counts.items() if count), reverse=True)[:3]
    place, every = state().title, len(state().counties.listed)
    alt = (
        f"A map of tiles, one for each of {place}'s {every} counties, {len(counts)} of them with figures, "
        "darker for more convictions. "
    )
    if shown:
        alt += "Most: " + ", ".join(f"{county_words(name)} {count:,}" for count, name in shown) + "."
    drawn = CountyMap(counts, "Prop 64 convictions")
    text = "Each county is a tile of the same size, roughly where it lies; the number is its Prop 64 convictions."
    if len(counts) < every:
        text += " A county with a dash has no extract in this run."
    beside = []
    if shapes := drawn.shapes():
        text += " The map beside the tiles shows the same figures."
        said = f"A map of {place}'s {every} counties as they are shaped, in the same colors as the tiles."
        beside.append(Picture("county-shapes", said, shapes))
    chart = Chart(
        "counties", "Prop 64 convictions by county", alt, drawn.tiles(), table, long=True, beside=tuple(beside)
    )
    return Section("counties", "Counties", (Texts((text,)), chart))


def _rate(county: str, convictions: int | None) -> str:
    """Write convictions by residents: no more than the count and what is known of the county tell."""
    found = next((entry for entry in state().counties.listed if entry.name == county.strip().upper()), None)
    if convictions is None or found is None:
        return HIDDEN if found else "-"
    return f"{_RESIDENTS * convictions / found.population:,.1f}"


def _letters(county: str) -> str:
    named = (entry.letters for entry in state().counties.listed if entry.name == county.strip().upper())
    return next(named, "-")


def _how_to_read(view: PageFigures) -> Section:
    items = [
        f"Prop 64 convictions are convictions under {_RELIEF.words}. Dismissed and reduced are what the policy "
        "decides; a court still has to act.",
        "People who no longer have a felony had one, and every one is dismissed or reduced. People who no longer "
        "have any conviction had every one dismissed. The 7 years are those before the as-of date.",
        "Race and sex are as the Department of Justice records them, age is on the as-of date. Unknown and blank "
        "are groups of their own.",
        "A share is given where both its numbers are shown, rounded to a tenth, so that a column may add up to "
        "99.9% or 100.1%.",
    ]
    if view.source.below is not None:
        hidden = view.source.publication.hidden_count
        items.append(
            f"Small numbers could point to a person. Counts of people from 1 to {view.source.below - 1} are "
            "hidden, and further ones wherever a hidden count could be computed from the rest of this page and "
            f"the counties' pages. Counts of convictions are treated alike. In this run {hidden:,} figures of all "
            "pages are hidden."
        )
    return Section("reading", "How to read these figures", (Points(tuple(items)),))
