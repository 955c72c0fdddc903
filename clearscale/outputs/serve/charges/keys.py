"""The figures at a glance of a page of charges: beside those of the run, beside a kept choice, and along curves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from clearscale.outputs.disclosure.charges import GROUPS, RELIEF, STATE
from clearscale.outputs.report.charges.counting import DIMENSIONS
from clearscale.outputs.report.charges.view import Place
from clearscale.outputs.report.charges.words import (
    DECIDED_WORDS,
    PEOPLE_WORDS,
    RELIEF_WORDS,
    WOULD,
    group_words,
    people_words,
)
from clearscale.outputs.serve.answers import Listing
from clearscale.outputs.serve.choosing import PREFIX
from clearscale.outputs.serve.comparing import COMPARED
from clearscale.outputs.serve.curves import Curve, Curves
from clearscale.relief import OUTCOMES, ChargePolicy
from clearscale.whatif.sweep.charges.plan import outcomes_of

from .session import FIGURES, Settled

Compared = tuple[str, int, int]
"""Words, and a figure of each of two choices."""


@dataclass(frozen=True)
class Figure:
    """A figure. words: after its number. alone: without one. column: in FIGURES. of: an outcome, RELIEF, or all."""

    words: str
    alone: str
    column: str
    people: bool
    of: str = ""

    def value(self, settled: Settled, place: Place) -> int:
        """Count it."""
        if self.people and self.of == RELIEF:
            return settled.relieved(place)
        view, of = settled.view(place), (self.of,) if self.of else ()
        found = view.people(*of) if self.people else view.charges(*of)
        assert found is not None  # nothing is hidden
        return found


def figures_at(place: Place, outcomes: Iterable[str]) -> tuple[Figure, ...]:
    """Return the figures at a glance, in the report's order. outcomes: names of those that there may be."""
    names = [*outcomes]
    found = [Figure(DECIDED_WORDS, DECIDED_WORDS, "charges_decided", people=False)]
    found += [
        Figure(WOULD[name], f"charges that {WOULD[name]}", f"charges_{_column(name)}", people=False, of=name)
        for name in names
    ]
    if isinstance(place, tuple):
        return tuple(found)
    relief = [name for name in names if OUTCOMES[name].relief]
    found.append(Figure(PEOPLE_WORDS, PEOPLE_WORDS, "people_decided", people=True))
    if len(relief) > 1:
        found.append(Figure(RELIEF_WORDS, RELIEF_WORDS, "people_relief", people=True, of=RELIEF))
    for name in relief:
        words = people_words(name)
        found.append(Figure(words, words, f"people_{_column(name)}", people=True, of=name))
    return tuple(found)


def key_of(found: Settled, own: Settled, place: Place) -> tuple[Compared, ...]:
    """Return the figures at a glance beside those under the run's policy."""
    return tuple((figure.words, now, before) for figure, now, before in _both(found, own, place))


def compared(kept: Settled, chosen: Settled, place: Place) -> Listing:
    """Return the figures at a glance, and in the state people with relief by group, under both choices."""
    pairs = [(figure.alone, before, now) for figure, before, now in _both(kept, chosen, place)]
    if place == STATE:
        pairs += _groups(kept, chosen)
    rows = tuple((words[0].upper() + words[1:], before, now, now - before) for words, before, now in pairs)
    return Listing("compared", "The kept choice and this one", COMPARED, rows)


def strip_of(found: Settled, place: Place) -> str:
    """Return the main figures in a line."""
    view = found.view(place)
    charges = sum(view.charges(name) or 0 for name in view.outcomes if OUTCOMES[name].relief)
    of = "" if isinstance(place, tuple) else f", of {found.relieved(place):,} people"
    return f"{charges:,} charges with relief{of}"


def curves_of(found: tuple[Curve, ...], policies: Iterable[ChargePolicy], place: Place) -> Curves:
    """Return curves of the figures at a glance. policies: all that they are over."""
    shown = figures_at(place, [outcome.name for outcome in outcomes_of(policies)])
    columns = [FIGURES.index(figure.column) for figure in shown]
    relieving = [
        at for at, figure in enumerate(shown) if figure.of == RELIEF or (figure.of and OUTCOMES[figure.of].relief)
    ]
    of_people = [at for at in relieving if shown[at].people]
    return Curves(
        tuple(
            replace(
                curve,
                name=f"{PREFIX}{curve.name}",
                figures=tuple(tuple(figures[column] for column in columns) for figures in curve.figures),
            )
            for curve in found
        ),
        tuple(figure.alone for figure in shown),
        next(iter([*of_people, *relieving]), 0),
    )


def _both(one: Settled, other: Settled, place: Place) -> Iterator[tuple[Figure, int, int]]:
    occurring = {*one.view(place).outcomes, *other.view(place).outcomes}
    for figure in figures_at(place, [name for name in OUTCOMES if name in occurring]):
        yield figure, figure.value(one, place), figure.value(other, place)


def _groups(one: Settled, other: Settled) -> Iterator[Compared]:
    views = [settled.view(STATE) for settled in (one, other)]
    for dimension in DIMENSIONS:
        for group in dict.fromkeys(name for view in views for name in view.groups(dimension)):
            before, now = (view.figure(GROUPS, STATE, dimension, group, RELIEF) or 0 for view in views)
            yield f"{RELIEF_WORDS}, {dimension} {group_words(dimension, group)}", before, now


def _column(outcome: str) -> str:
    return outcome.replace("-", "_")
