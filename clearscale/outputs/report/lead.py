"""The page in a few sentences and key figures, for readers who read nothing else."""

from collections.abc import Sequence
from datetime import date

from clearscale.dates import NO_DATE, iso
from clearscale.law import state
from clearscale.policy.model import NONE
from clearscale.runs.summary_keys import EARLIEST

from .figures import PageFigures
from .model import KeyFigures
from .words import MEASURE_WORDS, block, county_title, listed, number, outcome, share

_NONE = iso(NO_DATE)
_MOST_GROUPS = 3


def spoken_date(written: str | None) -> str:
    """Write a date in words: July 1, 2020, or `no usable date` for a missing one."""
    if written is None or written[:10] == _NONE:
        return "no usable date"
    day = date.fromisoformat(written[:10])
    return f"{day:%B} {day.day}, {day.year}"


def place_words(view: PageFigures) -> str:
    """Name the state or county that a page is about."""
    return county_title(view.county) if view.county else state().title


def subtitle(view: PageFigures, title: str) -> str:
    """Return the second line of a page."""
    return f"{title}, as of {spoken_date(view.source.run.info['as_of'])}"


def sentences(view: PageFigures) -> tuple[str, ...]:
    """Return sentences: what is decided, who gains by it, and what is left to them."""
    found = [_decided(view)]
    gain = view.people("some_relief")
    if gain:
        found.append(f"{gain:,} people would receive some relief{_races(view, gain)}.")
    felony, none = view.people("no_felony"), view.people("no_conviction")
    if felony is not None and none is not None:
        found.append(
            f"{felony:,} people would no longer have a felony on their record, and {none:,} no longer any "
            "conviction."
        )
    return tuple(found)


def _decided(view: PageFigures) -> str:
    place, every = _counted_place(view), view.listed("total")
    if every is None:
        return f"Figures of {place_words(view)} are so small that most of them are hidden."
    what = f"{every:,} marijuana convictions under Proposition 64 in {place}"
    dismissed, reduced = view.relief
    if dismissed is None or reduced is None:
        shown = [
            f"{count:,} {words}"
            for count, words in ((dismissed, "would be dismissed"), (reduced, "would be reduced to misdemeanors"))
            if count
        ]
        return f"Of {what}, {shown[0]}; the rest is hidden." if shown else f"There are {what}."
    outcomes = [
        f"{dismissed:,} would be dismissed",
        f"{reduced:,} reduced to misdemeanors" if reduced else "none reduced",
    ]
    if (rest := view.listed("worth", NONE)) != 0:
        outcomes.append(f"{number(rest)} get neither{_others(view)}")
    return f"Of {what}, {listed(outcomes)}."


def _counted_place(view: PageFigures) -> str:
    """Name what the convictions of a page are of: not the state where counties have sent nothing."""
    counties = state().counties.listed
    reported = {county.strip().upper() for county in view.source.counties}
    within = sum(county.name in reported for county in counties)
    if view.county or within == len(counties):
        return place_words(view)
    return f"{within} of {place_words(view)}'s {len(counties)} counties"


def _others(view: PageFigures) -> str:
    """Return the decisions on convictions that get neither, in the policy's words."""
    kinds = [key[2] for key in view.counts.by if key[:2] == ("worth", NONE) and len(key) == 3]
    found = [(count, kind) for kind in kinds if (count := view.listed("worth", NONE, kind)) is not None]
    words = [f"{count:,} {outcome(kind).lower()}" for count, kind in sorted(found, reverse=True)]
    return f" ({'; '.join(words)})" if words else ""


def _races(view: PageFigures, gain: int) -> str:
    figures = [
        (count, race)
        for race in view.groups("race")
        if (count := view.people("some_relief", race=race)) is not None
    ]
    largest = sorted(figures, key=lambda figure: -figure[0])[:_MOST_GROUPS]
    shares = [(round(100 * count / gain), race) for count, race in largest if count]
    words = [f"{percent}% {block('race', race)}" for percent, race in shares]
    # Percentages are of all: what is not named is said, too, so that they add up to 100.
    rest = 100 - sum(percent for percent, _ in shares)
    others = [race for race in view.groups("race") if view.people("some_relief", race=race) != 0]
    if words and rest > 0 and len(others) > len(shares):
        # The largest group may be among the hidden ones; without it the others would seem to be the largest.
        hidden = len(figures) < len(view.groups("race"))
        words.append(f"{rest}% other groups{', some of them with hidden counts' if hidden else ''}")
    # Names of groups that are counted together have commas.
    between = "; " if any(len(race) > 1 for _, race in largest) else ", "
    return ": " + between.join(words) if words else ""


def earliest(view: PageFigures) -> str:
    """Return the earliest conviction's date; where some have none, the first year known.

    A page to publish has the year only: the date is one person's.
    """
    recorded = view.summary[EARLIEST]
    dated = [key[1] for key in view.counts.by if key[0] == "year" and key[1]]
    missing = recorded is not None and recorded[:10] == _NONE
    if dated and (missing or view.source.below is not None):
        return min(dated, key=int) + (" (some have no usable date)" if missing else "")
    return spoken_date(recorded)


def key_figures(view: PageFigures) -> tuple[KeyFigures, KeyFigures]:
    """Return the headline counts: convictions, people."""
    dismissed, reduced = view.relief
    convictions = [
        (view.listed("total"), "Prop 64 convictions"),
        (dismissed, "would be dismissed"),
        (reduced, "would be reduced to misdemeanors"),
        (view.listed("worth", NONE), "would get neither"),
    ]
    people = [(view.people(measure), words) for measure, words in MEASURE_WORDS.items()]
    return with_parts(convictions, "of these convictions"), with_parts(people, "of these people")


def with_parts(counts: Sequence[tuple[int | None, str]], of: str) -> KeyFigures:
    """Return counts as key figures, each after the first with which part of the first it is."""
    whole = counts[0][0]
    return KeyFigures(
        tuple(
            (number(count), words, f"{share(count, whole)} {of}" if place and whole and count is not None else "")
            for place, (count, words) in enumerate(counts)
        )
    )
