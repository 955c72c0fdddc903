"""Two attacks that once found people on published pages, with their numbers."""

from collections import Counter
from itertools import product

import pytest

from clearscale.outputs.disclosure import (
    DIMENSIONS,
    GROUPED,
    LEFT,
    MEASURES_PUBLISHED,
    Outcome,
    PageCounts,
    PeopleCounts,
    Publication,
    publication,
)
from clearscale.policy.model import DISMISSAL

WIDER = "wider"
MISDEMEANOR, AGE, YEARS = "Misdemeanor or Infraction", "57 years or older", "12 or more years ago"

PEOPLE = {
    # with Prop 64 convictions, some relief, no felony, no conviction, none in 7 years; the latter three under WIDER
    "": (700, 500, 171, 120, 300, 208, 160, 400),
    "KERN": (400, 280, 120, 90, 200, 151, 120, 260),
    "YOLO": (300, 220, 51, 30, 100, 57, 40, 140),
}
"""Of the 37 people who have no felony only under WIDER, 31 are Kern's: 6 are of Yolo."""

CONVICTIONS = {
    ("11357", "other", MISDEMEANOR): 54,
    ("11357", "felony", AGE): 25,
    ("11358", "felony", AGE): 1,
    ("11358", "felony", YEARS): 200,
    ("11359", "other", MISDEMEANOR): 60,
    ("11359", "felony", YEARS): 120,
}


def people(*pages: str) -> PeopleCounts:
    """The people of some pages, all of one race, one sex and one age."""
    base = {}
    for page in pages:
        values = dict(zip([*MEASURES_PUBLISHED, *((name, WIDER) for name in LEFT)], PEOPLE[page], strict=True))
        base |= {(page, measure, "", ()): value for measure, value in values.items()}
        base |= {(page, name, by, ("all",)): values[name] for name, by in product(GROUPED, DIMENSIONS)}
    groups = {by: ["all"] for by in DIMENSIONS}
    return PeopleCounts(
        pages, groups, {(page, by): [("all",)] for page in pages for by in DIMENSIONS}, base, (WIDER,)
    )


def both(found: Publication, page: str) -> list[int | None]:
    """Who has no felony under both policies, as a page shows it."""
    scope = "county" if page else "state"
    return [found.figure(scope, page, measure) for measure in ("no_felony", ("no_felony", WIDER))]


def test_broader_policies_of_two_pages_leave_no_few_people_of_a_third() -> None:
    """208 less 171 statewide is 37; Kern's own 151 less 120 is 31."""
    apart = [both(Publication.of(people(page), {}), page) for page in ("", "KERN")]
    assert apart == [[171, 208], [120, 151]]  # page by page nothing is small
    together = Publication.of(people(*PEOPLE), {})
    assert None in [*both(together, ""), *both(together, "KERN")]


def convictions() -> PageCounts:
    """A county's convictions, all of one year and all dismissed, by a rule each."""
    counted: Counter[tuple[str, ...]] = Counter()
    outcomes = {
        Outcome(section, severity, "Dismiss", reason, DISMISSAL): count
        for (section, severity, reason), count in CONVICTIONS.items()
    }
    for outcome, count in outcomes.items():
        counted.update(dict.fromkeys((*outcome.keys, ("year", "2000"), ("decisions",)), count))
    possible = dict.fromkeys(
        [
            Outcome(section, severity, "Dismiss", reason, DISMISSAL)
            for section in ("11357", "11358", "11359")
            for severity, reason in (("other", MISDEMEANOR), ("felony", AGE), ("felony", YEARS))
        ],
        frozenset({"2000"}),
    )
    return PageCounts(counted, possible, {("Dismiss", reason): DISMISSAL for reason in (MISDEMEANOR, AGE, YEARS)})


def shown(found: Publication) -> dict[str, int | None]:
    """What the attack reads."""
    page = "KERN"
    return {
        "others": found.count(page, "severity", "other", "11357"),
        "their reason": found.count(page, "reason", "Dismiss", MISDEMEANOR, "11357"),
        "dismissed": found.count(page, "decision", "Dismiss", "11357"),
        "by age": found.count(page, "reason", "Dismiss", AGE),
        "by age, 11357": found.count(page, "reason", "Dismiss", AGE, "11357"),
        "by age, 11358": found.count(page, "reason", "Dismiss", AGE, "11358"),
    }


def solved(read: dict[str, int | None]) -> int | None:
    """Who was convicted under 11358 and has relief by age: of all those by age, those who are not of 11357."""
    others = read["others"] if read["others"] is not None else read["their reason"]
    first = read["by age, 11357"]
    if first is None and others is not None and read["dismissed"] is not None:
        first = read["dismissed"] - others
    return None if first is None or read["by age"] is None else read["by age"] - first


def test_two_names_of_one_count_do_not_give_a_third_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others under 11357 are those of the first reason: 79 less 54 is 25, and 26 less 25 is one person."""
    pages = dict.fromkeys(("", "KERN"), convictions())
    exact = Publication.of(people(*pages), pages, None)
    assert solved(shown(exact)) == 1
    found = Publication.of(people(*pages), pages)
    read = shown(found)
    assert (read["others"] is None) == (read["their reason"] is None)
    assert read["by age, 11358"] is None
    assert solved(read) is None
    # As pages were once written: each table hides by itself, and a count in two tables is two counts.
    alone = {**read, "others": 54, "their reason": None, "dismissed": 79, "by age": 26, "by age, 11357": None}
    assert solved(alone) == 1
    monkeypatch.setattr(publication, "_judged", lambda decided, below: decided)
    assert solved(shown(Publication.of(people(*pages), pages))) is None
