"""The statewide page."""

from clearscale.law import state
from clearscale.runs import summary_keys as keys

from . import charts, sections, sources
from .figures import PageFigures
from .lead import earliest, key_figures, sentences, subtitle
from .model import Chart, Page, Points, Section, Table, Texts
from .words import HIDDEN, MEASURE_WORDS, county_words, number

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
            f"Counted from {summary['extracts']:,} criminal-history extracts of {summary['counties']:,} counties, "
            f"{summary[keys.LINES]:,} records. Earliest conviction: {earliest(view)}. Each person counts once, "
            "with the relief of all counties together.",
        )
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
        rows.append((county_words(county), _letters(county), *map(number, [*figures, *people])))
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
        ),
        tuple(rows),
        notes=(
            "A county's people are those of its own extract, with the relief of that county only. Someone with "
            "convictions in two counties is in both rows, so the rows add up to more than the state's people.",
            *([sections.hidden_words(view)] if source.below is not None else []),
        ),
        numbers=tuple(range(2, 10)),
    )
    shown = sorted(((count, name) for name, count in counts.items() if count), reverse=True)[:3]
    place, listed = state().title, state().counties.listed
    alt = (
        f"A map of tiles, one for each of {place}'s {len(listed)} counties, {len(counts)} of them with figures, "
        "darker for more convictions. "
    )
    if shown:
        alt += "Most: " + ", ".join(f"{county_words(name)} {count:,}" for count, name in shown) + "."
    chart = Chart(
        "counties", "Prop 64 convictions by county", alt, charts.county_tiles(counts, HIDDEN), table, True
    )
    text = "Each county is a tile of the same size, roughly where it lies; the number is its Prop 64 convictions."
    if len(counts) < len(listed):
        text += " A county with a dash has no extract in this run."
    return Section("counties", "Counties", (Texts((text,)), chart))


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
        "A share is given where both its numbers are shown.",
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
