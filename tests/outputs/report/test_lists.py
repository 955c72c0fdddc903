"""What pages list of convictions gives no small count away: by sections, decisions, reasons, years and flags."""

import itertools
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.commands.demo import options
from clearscale.outputs.county_files import file_name
from clearscale.outputs.disclosure import DIMENSIONS, Outcome, PageCounts, PeopleCounts, Publication
from clearscale.outputs.report.words import county_words
from clearscale.runs import Run
from tests.support.examples import examples
from tests.support.judges import Span
from tests.support.published import Reader, pages_of, read_cells
from tests.support.reading_pages import Read, figure, read

SECTIONS, SEVERITIES, YEARS = ("11357", "11359"), ("felony", "not a felony"), ("1980", "1999", "")
REASONS = (("dismiss", "old", "dismissal"), ("dismiss", "young", "dismissal"), ("look", "other", "none"))
COUNTIES = ("ALPINE", "KERN", "YOLO")

Atom = tuple[str, str, str, tuple[str, str, str], str]
"""County, section, severity, reason, year: convictions that no page divides further."""


def names(atom: Atom) -> set[tuple[str, ...]]:
    """The counts that a conviction is in."""
    _, section, severity, (determination, reason, worth), year = atom
    return {
        ("total",),
        ("decisions",),
        ("section", section),
        ("severity", severity),
        ("severity", severity, section),
        ("decision", determination),
        ("decision", determination, section),
        ("reason", determination, reason),
        ("reason", determination, reason, section),
        ("worth", worth),
        ("worth", worth, determination),
        ("year", year),
        ("flag", "no-conviction-date") if not year else ("no flag", "no-conviction-date"),
    }


@st.composite
def convictions(draw: st.DrawFn) -> Counter[Atom]:
    """Some hundred convictions, most alike."""
    random = draw(st.randoms(use_true_random=False))
    found: Counter[Atom] = Counter()

    def some(values: Any) -> Any:
        return random.choices(values, [3.0**-place for place in range(len(values))])[0]

    for county in COUNTIES[: draw(st.integers(1, 3))]:
        for _ in range(draw(st.sampled_from([12, 40, 120, 400]))):
            found[county, some(SECTIONS), some(SEVERITIES), some(REASONS), some(YEARS)] += 1
    return found


def paged(made: Counter[Atom]) -> dict[str, PageCounts]:
    pages: dict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for atom, number in made.items():
        for page, key in itertools.product(("", atom[0]), names(atom)):
            pages[page][key] += number
    worth = {(determination, reason): value for determination, reason, value in REASONS}
    possible = {
        Outcome(section, severity, *reason): frozenset(YEARS)
        for section, severity, reason in itertools.product(SECTIONS, SEVERITIES, REASONS)
    }
    return {page: PageCounts(dict(found), possible, worth) for page, found in sorted(pages.items())}


def published(pages: dict[str, PageCounts], below: int | None) -> Publication:
    """The lists of pages of which nobody is counted."""
    nobody = PeopleCounts(
        list(pages), dict.fromkeys(DIMENSIONS, ()), dict.fromkeys(itertools.product(pages, DIMENSIONS), ()), {}
    )
    return Publication.of(nobody, pages, below)


@settings(derandomize=True, deadline=None, database=None, max_examples=examples(40))
@given(convictions(), st.sampled_from([2, 6, 11]))
def test_no_small_count_can_be_solved_for(made: Counter[Atom], below: int) -> None:
    pages = paged(made)
    lists = published(pages, below)
    # Whoever works them out knows which counts are 0, and no more of what is not there.
    possible = [
        (county, *atom)
        for county in pages
        if county
        for atom in itertools.product(SECTIONS, SEVERITIES, REASONS, YEARS)
        if names((county, *atom)) <= set(pages[county].by)
    ]
    parts = {
        (page, key): dict.fromkeys((atom for atom in possible if page in ("", atom[0]) and key in names(atom)), 1)
        for page, counts in pages.items()
        for key in counts.by
    }
    told = {
        (page, key): lists.count(page, *key) if key[0] != "year" or (key[1],) in lists.years(page) else None
        for page, key in parts
    }
    together = {(page, ("year", *block)): block for page in pages for block in lists.years(page) if len(block) > 1}
    shown = [atoms for name, atoms in parts.items() if told[name] is not None]
    for (page, key), block in together.items():
        if lists.count(page, *key) is not None:
            atoms_of = (parts[page, ("year", year)] for year in block)
            shown.append({atom: 1 for atoms in atoms_of for atom in atoms})
    span = Span(shown)
    for (page, key), atoms in parts.items():
        number = pages[page].by[key]
        assert told[page, key] in (None, number)
        if 0 < number < below:
            assert told[page, key] is None
            assert atoms not in span, "a small count can be solved for"
    assert lists.count("", "year", "1900") in (0, None)


def test_a_page_of_few_lists_nothing_and_no_bound_hides_nothing() -> None:
    made: Counter[Atom] = Counter({(county, "11357", "felony", REASONS[0], "1999"): 40 for county in COUNTIES})
    made["KERN", "11357", "felony", REASONS[0], "1999"] = 4
    closed = published(paged(made), 11)
    assert closed.count("KERN", "total") is None
    assert closed.count("KERN", "year", "1900") is None
    assert not closed.may_list_convictions("county", "KERN")
    # One that is hidden alone could be computed from the state's.
    assert [closed.count(page, "total") for page in ("", *COUNTIES)].count(None) == 2
    made["YOLO", "11359", "felony", REASONS[1], "1980"] = 1
    assert published(paged(made), None).count("YOLO", "year", "1980") == 1


def test_counts_that_are_one_by_the_policy_are_hidden_together() -> None:
    """What is no felony is decided by one rule alone: others of a section, and that rule's reason."""
    made: Counter[Atom] = Counter()
    for county, (section, others) in itertools.product(COUNTIES, (("11357", 5), ("11359", 40))):
        made[county, section, "not a felony", REASONS[0], "1999"] = others
        made[county, section, "felony", REASONS[1], "1999"] = 60
        made[county, section, "felony", REASONS[2], "1980"] = 70
    rules = {("not a felony", REASONS[0]), ("felony", REASONS[1]), ("felony", REASONS[2])}
    pages = {
        page: PageCounts(
            counts.by,
            {
                outcome: years
                for outcome, years in counts.possible.items()
                if (outcome.severity, (outcome.determination, outcome.reason, outcome.worth)) in rules
            },
            counts.worth,
        )
        for page, counts in paged(made).items()
    }
    lists = published(pages, 11)
    for county, section in itertools.product(COUNTIES, ("11357", "11359")):
        by_reason = lists.count(county, "reason", *REASONS[0][:2], section)
        assert lists.count(county, "severity", "not a felony", section) == by_reason
        assert section != "11357" or by_reason is None


@pytest.fixture(scope="module")
def exact(run: Run) -> dict[str, Read]:
    """Every page, nothing hidden; the state's under an empty name."""
    return pages_of(run, None)


@pytest.fixture(scope="module")
def shown(run: Run) -> dict[str, Read]:
    """Every page to publish."""
    return pages_of(run, 11)


def test_small_counts_are_on_no_page(shown: dict[str, Read], exact: dict[str, Read], pages: Path, run: Run) -> None:
    true, hidden = read_cells(exact), 0
    for name, text in read_cells(shown).items():
        if text == "hidden":
            hidden += 1
            continue
        number = figure(text)
        assert not 0 < number < 11
        assert name not in true or text == true[name]
    assert hidden
    for county in ("", *run.counties):
        file = pages / f"{file_name(county) if county else 'statewide'}.html"
        page, text = read(file), file.read_text()
        # The pages of the report itself say what was judged.
        assert page.figures == shown[county_words(county)].figures
        tables = {
            name: rows for name, rows in page.tables.items() if name not in ("Processing", "What the run was")
        }
        assert {name: shown[county_words(county)].tables[name] for name in tables} == tables
        said = [value for value in page.figures.values() if value != "hidden"]
        for words in re.findall(r'aria-label="(Bars for 1[^"]*)"', text):
            said += re.findall(r"([\d,]+) (?:dismiss|reduce|no determination)", words)
        assert not [value for value in said if 0 < figure(value) < 11]


def test_nothing_can_be_known_of_a_small_count_of_a_fabricated_state(
    shown: dict[str, Read], exact: dict[str, Read]
) -> None:
    reader = Reader(shown, exact, options())
    assert len(reader.secrets()) > 100
    assert reader.findings() == []
