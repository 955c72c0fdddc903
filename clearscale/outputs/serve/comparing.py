"""Two choices side by side, with what differs."""

from collections.abc import Iterator

from clearscale.law import state
from clearscale.outputs.report.words import RACE_WORDS, SECTION_WORDS
from clearscale.runs.demography import RACES

from .answers import KEY_WORDS, Figures, Listing, key_figures

COMPARED = ("Figure", "Kept choice", "This choice", "Difference")


def compared(kept: Figures, chosen: Figures) -> Listing:
    """Return key figures, dismissals by section, and people with some relief by race, under both choices."""
    pairs = zip(_figures(kept), _figures(chosen), strict=True)
    rows = tuple((words, before, now, now - before) for (words, before), (_, now) in pairs)
    return Listing("compared", "The kept choice and this one", COMPARED, rows)


def _figures(found: Figures) -> Iterator[tuple[str, int]]:
    for words, figure in zip(KEY_WORDS, key_figures(found), strict=True):
        yield words[0].upper() + words[1:], figure
    for section, outcomes in zip(state().charges.sections, found.outcomes.tolist(), strict=True):
        yield f"Dismissed: {SECTION_WORDS[section]}", outcomes[0]
    for race, people in zip(RACES, found.people.tolist(), strict=True):
        yield f"People with some relief: {RACE_WORDS[race]}", people[1]
