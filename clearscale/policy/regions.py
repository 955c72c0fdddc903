"""Regions: what a rule's conditions leave of each fact's values, and what one region leaves of another.

Every fact is taken for itself, apart from the implications below, so a region may hold combinations that no
conviction has. What is empty here is empty in truth; the reverse does not hold.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from clearscale.law import state
from clearscale.law.offense_texts import BEGINS_WITH, CONTAINS, IS

from .facts import known
from .model import Condition
from .text_questions import TextQuestion

_SECTIONS = state().charges.sections


Interval = tuple[int, int]
Intervals = tuple[Interval, ...]
Region = Mapping[str, Intervals]
"""Of each fact that it limits, the values left, as intervals in order; both ends belong to an interval."""

Implication = tuple[str, Intervals, str, Intervals]

_YES, _NO = ((1, 1),), ((0, 0),)
_MANY = 2**31 - 1

_IMPLICATIONS: tuple[Implication, ...] = (
    ("prop64", _YES, "section", ((0, len(_SECTIONS) - 1),)),
    ("section", ((0, len(_SECTIONS) - 1),), "prop64", _YES),
    ("superstrike_prior", _YES, "superstrike_earlier", _YES),
    ("superstrike_earlier", _YES, "superstrikes", ((1, _MANY),)),
    ("superstrike_same_case", _YES, "superstrikes", ((1, _MANY),)),
    ("pc290_prior", _YES, "pc290_earlier", _YES),
    ("pc290_earlier", _YES, "pc290_convictions", ((1, _MANY),)),
    ("pc290_same_case", _YES, "pc290_convictions", ((1, _MANY),)),
    ("no_event_date", _YES, "any_no_event_date", _YES),
)
"""Where the first fact lies in these values, the second lies in those."""


def of_switch(name: str) -> str:
    """Name what stands for a parameter's being on or off among the facts of a region."""
    return f"{{{name}}}"


@lru_cache(maxsize=2**10)
def domain(fact: str) -> Intervals:
    """Return all values of a fact."""
    if fact.startswith("{"):
        return ((0, 1),)
    about = known(fact)
    return ((about.least, about.most),)


def values(condition: Condition) -> Intervals:
    """Return the values of its fact for which a condition holds. Raises ValueError for one that asks for bits."""
    number, all_values = condition.value, domain(condition.fact)
    least, most = all_values[0]
    wanted: dict[str, Intervals] = {
        "==": ((number, number),),
        "!=": ((least, number - 1), (number + 1, most)),
        "<": ((least, number - 1),),
        "<=": ((least, number),),
        ">": ((number + 1, most),),
        ">=": ((number, most),),
    }
    if condition.operator not in wanted:
        raise ValueError(f"{condition.operator} asks for bits")
    return both(wanted[condition.operator], all_values)


@lru_cache(maxsize=2**14)  # asked again and again of the same few
def both(first: Intervals, second: Intervals) -> Intervals:
    """Return the values in both."""
    found = ((max(a, c), min(b, d)) for a, b in first for c, d in second)
    return tuple(sorted((low, high) for low, high in found if low <= high))


@lru_cache(maxsize=2**14)
def outside(inner: Intervals, whole: Intervals) -> Intervals:
    """Return the values of `whole` that `inner` lacks."""
    left = list(whole)
    for low, high in inner:
        left = [
            piece
            for a, b in left
            for piece in ((a, min(b, low - 1)), (max(a, high + 1), b))
            if piece[0] <= piece[1]
        ]
    return tuple(left)


def of_region(region: Region, fact: str) -> Intervals:
    """Return the values that a region leaves of a fact."""
    return region[fact] if fact in region else domain(fact)


def region_of(
    conditions: Iterable[Condition], within: Region, questions: Sequence[TextQuestion] = ()
) -> Region | None:
    """Find the part of a region where all conditions hold, None if there is none. questions: see `closed`."""
    found = dict(within)
    for condition in conditions:
        found[condition.fact] = both(of_region(found, condition.fact), values(condition))
    return closed(found, questions)


def closed(region: Region, questions: Sequence[TextQuestion] = ()) -> Region | None:
    """Add to the region what its limits say of other facts; None if it is empty.

    questions: those on the code section that matter, whose answers follow from each other.
    """
    found = dict(region)
    rules = implications(tuple(questions))
    changed = True
    while changed:
        changed = False
        for first, when, second, then in rules:
            if not outside(when, of_region(found, first)):
                changed |= _narrow(found, second, then)
            if not both(of_region(found, second), then):
                changed |= _narrow(found, first, outside(when, domain(first)))
        if not all(found.values()):
            return None
    return found


def implications(questions: tuple[TextQuestion, ...]) -> tuple[Implication, ...]:
    """Return what facts say of each other; with the answers to questions on the code section."""
    return (*_IMPLICATIONS, *_between_texts(questions))


def _narrow(region: dict[str, Intervals], fact: str, allowed: Intervals) -> bool:
    """Leave only these values of a fact; returns whether that took any away."""
    before = of_region(region, fact)
    after = both(before, allowed)
    if after != before:
        region[fact] = after
    return after != before


@lru_cache(maxsize=64)
def _between_texts(questions: tuple[TextQuestion, ...]) -> tuple[Implication, ...]:
    """Find what answers to questions on the same text say of each other, and of its section."""
    found: list[Implication] = []
    for one in questions:
        for other in questions:
            if one != other and (answer := _answer(one, other)) is not None:
                found.append((one.name, _YES, other.name, answer))
        sections = [place for place, section in enumerate(_SECTIONS) if section in one.text]
        if sections and one.how == CONTAINS:
            found.append((one.name, _YES, "prop64", _YES))
        elif sections:
            # The leftmost section of the beginning is that of the whole.
            first = min(sections, key=lambda place: one.text.index(_SECTIONS[place]))
            found.append((one.name, _YES, "section", ((first, first),)))
        elif one.how == IS:
            found.append((one.name, _YES, "section", ((-1, -1),)))
        for place, section in enumerate(_SECTIONS):
            if one.how == CONTAINS and one.text in section:
                found.append(("section", ((place, place),), one.name, _YES))
    return tuple(found)


def _answer(one: TextQuestion, other: TextQuestion) -> Intervals | None:
    """Return what yes to one question says to the other: yes, no, or nothing (None)."""
    text, asked = one.text, other.text
    if one.how == IS:
        holds = {BEGINS_WITH: text.startswith(asked), IS: text == asked, CONTAINS: asked in text}[other.how]
        return _YES if holds else _NO
    if other.how == CONTAINS:
        return _YES if asked in text else None
    if one.how == BEGINS_WITH:
        if other.how == BEGINS_WITH and text.startswith(asked):
            return _YES
        return None if asked.startswith(text) else _NO
    return _NO if other.how == IS and text not in asked else None


def without(region: Region, taken: Region, questions: Sequence[TextQuestion] = ()) -> Iterator[Region]:
    """Return what one region leaves of another, in pieces that do not meet."""
    rest = dict(region)
    for fact, allowed in taken.items():
        here = of_region(rest, fact)
        left = outside(allowed, here)
        if left and (piece := closed({**rest, fact: left}, questions)) is not None:
            yield piece
        rest[fact] = both(here, allowed)
        if not rest[fact]:
            return
