"""Which rules of a policy can decide a conviction of a kind: what everybody who reads the policy knows.

What is said to be impossible is impossible in truth; the reverse does not hold, as in `regions`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from clearscale.dates import as_of_day
from clearscale.law import state
from clearscale.law.offense_texts import CONTAINS

from .model import Condition, Policy
from .regions import Region, both, closed, domain, region_of, values, without
from .text_questions import TextQuestion, text_question

_SECTIONS = state().charges.sections
_MOST_PIECES = 256
"""Beyond so many, what a rule leaves to the next is no longer looked at: then more seems possible."""


@dataclass(frozen=True)
class ConvictionKind:
    """What a publication tells of a conviction: section, severity, and the year if it is known.

    section: its place among the state's. year: None if it is not known, or there is no date.
    """

    section: int
    felony: bool
    year: int | None = None


def possible_rules(policy: Policy, kinds: Sequence[ConvictionKind], as_of: str) -> list[frozenset[int]]:
    """Return which rules can decide a conviction of each kind, an undecided one being past the last rule.

    as_of: the run's date, as it is written.
    """
    asked = asked_by(policy)
    return [_possible(asked, tuple(sorted(facts_of(kind, as_of, asked).items()))) for kind in kinds]


def asked_by(policy: Policy) -> tuple[tuple[Condition, ...], ...]:
    """Return the conditions of each rule, what asks for bits as a question that is answered with yes or no."""
    return tuple(tuple(_plain(condition) for condition in rule.conditions) for rule in policy.rules)


def _plain(condition: Condition) -> Condition:
    if condition.operator not in ("has", "lacks"):
        return condition
    answer = int(condition.operator == "has")
    named = [section for place, section in enumerate(_SECTIONS) if condition.value == 1 << place]
    if condition.fact == "charge" and named:
        return Condition(TextQuestion(CONTAINS, named[0]).name, "==", answer)
    return Condition(f"{{{condition.fact} has {condition.value}}}", "==", answer)


def facts_of(kind: ConvictionKind, as_of: str, asked: Sequence[Sequence[Condition]]) -> Region:
    """Return what a kind of conviction says of facts, those that are asked for among them.

    as_of: as it is written. asked: conditions without such as ask for bits; see `asked_by`.
    """
    found: dict[str, tuple[tuple[int, int], ...]] = {
        "section": ((kind.section, kind.section),),
        "felony": ((int(kind.felony), int(kind.felony)),),
        "prop64": ((1, 1),),
    }
    for condition in (condition for conditions in asked for condition in conditions):
        before, _, bits = condition.fact.strip("{}").partition(" has ")
        if before == "charge" and bits and int(bits) >> kind.section & 1:
            found[condition.fact] = ((1, 1),)
    if kind.year is not None:
        day = as_of_day(as_of)
        first, last = as_of_day(f"{kind.year:04}-01-01"), as_of_day(f"{kind.year:04}-12-31")
        ago = int(as_of[:4]) - kind.year
        dated = {
            "event_date": ((first, last),),
            "no_event_date": ((0, 0),),
            "years_since_conviction": ((ago - 1, ago),),
            "days_since_conviction": ((day - last, day - first),),
        }
        found |= {fact: both(interval, domain(fact)) for fact, interval in dated.items()}
    return found


@lru_cache(maxsize=2**12)
def _possible(
    asked: tuple[tuple[Condition, ...], ...], facts: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]
) -> frozenset[int]:
    names = dict.fromkeys(condition.fact for conditions in asked for condition in conditions)
    questions = [question for name in names if (question := text_question(name)) is not None]
    whole = closed(dict(facts), questions)
    left: list[Region] = [] if whole is None else [whole]
    found = set()
    for place, conditions in enumerate(asked):
        if any(region_of(conditions, piece, questions) is not None for piece in left):
            found.add(place)
        taken: dict[str, tuple[tuple[int, int], ...]] = {}
        for condition in conditions:
            taken[condition.fact] = both(taken.get(condition.fact, domain(condition.fact)), values(condition))
        rest = [piece for region in left for piece in without(region, taken, questions)]
        left = rest if len(rest) <= _MOST_PIECES else left
    if left:
        found.add(len(asked))
    return frozenset(found)
