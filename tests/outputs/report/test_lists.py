"""What pages list of convictions gives no small count away: by sections, decisions, reasons, years and flags."""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clearscale
from clearscale.outputs.report.lists import Lists, PageCounts
from clearscale.outputs.report.words import file_name
from clearscale.runs import Run
from tests.support.examples import examples
from tests.support.judges import Span
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
    return {page: PageCounts(dict(found), worth) for page, found in sorted(pages.items())}


@settings(derandomize=True, deadline=None, database=None, max_examples=examples(40))
@given(convictions(), st.sampled_from([2, 6, 11]))
def test_no_small_count_can_be_solved_for(made: Counter[Atom], below: int) -> None:
    pages = paged(made)
    lists = Lists.of(pages, frozenset(), below)
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
    span = Span(atoms for (page, key), atoms in parts.items() if lists.count(page, *key) is not None)
    for (page, key), atoms in parts.items():
        number, shown = pages[page].by[key], lists.count(page, *key)
        assert shown in (None, number)
        if 0 < number < below:
            assert shown is None
            assert atoms not in span, "a small count can be solved for"
    hidden = sum(lists.count(page, *key) is None for page, key in parts)
    assert lists.hidden_count == hidden
    assert lists.count("", "year", "1900") == 0


def test_a_closed_page_lists_nothing_and_no_bound_hides_nothing() -> None:
    made: Counter[Atom] = Counter({(county, "11357", "felony", REASONS[0], "1999"): 40 for county in COUNTIES})
    closed = Lists.of(paged(made), frozenset({"KERN"}), 11)
    assert closed.count("KERN", "total") is None
    assert closed.count("KERN", "year", "1900") is None
    # One that is hidden alone could be computed from the state's.
    assert [closed.count(page, "total") for page in ("", *COUNTIES)].count(None) == 2
    made["YOLO", "11359", "felony", REASONS[1], "1980"] = 1
    assert Lists.of(paged(made), frozenset({"KERN"}), None).count("YOLO", "year", "1980") == 1


DECIDED, REASONS_GIVEN, IN_COUNTY, BY_YEAR = (
    "Prop 64 convictions by section and decision",
    "Prop 64 convictions by decision and reason",
    "Prop 64 convictions in this county",
    "Prop 64 convictions by year",
)
LISTS = (
    DECIDED,
    REASONS_GIVEN,
    IN_COUNTY,
    BY_YEAR,
    "Dismissals by section, where the policy dismisses a whole section",
    "Reductions by section, where the policy reduces a whole section",
    "Dismissals by additional relief",
)

Cell = tuple[str, ...]
"""A list's caption, the words of a row, and the title of a column."""


def cells(page: Read) -> dict[Cell, str]:
    """The texts of a page's lists."""
    found = {}
    for caption in LISTS:
        title, *rows = page.tables.get(caption, [[]])
        words = 2 if title[:1] == ["Decision"] else 1
        for row in rows:
            for column, text in zip(title[words:], row[words:], strict=True):
                found[(caption, *row[:words], column)] = text
    return found


@pytest.fixture(scope="module")
def exact(run: Run, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[Cell, int]]:
    """The lists of every page, nothing hidden; the state's under an empty name."""
    folder = tmp_path_factory.mktemp("exact")
    clearscale.report(run, str(folder), all_counties=True, suppress_below=None)
    return {
        county: {cell: figure(text) for cell, text in cells(read(folder / file)).items()}
        for county, file in files(run).items()
    }


@pytest.fixture(scope="module")
def shown(run: Run, pages: Path) -> dict[str, dict[Cell, str]]:
    """The lists of every page to publish."""
    return {county: cells(read(pages / file)) for county, file in files(run).items()}


def files(run: Run) -> dict[str, str]:
    return {"": "statewide.html", **{county: f"{file_name(county)}.html" for county in run.counties}}


def test_small_counts_are_on_no_page(
    shown: dict[str, dict[Cell, str]], exact: dict[str, dict[Cell, int]], pages: Path, run: Run
) -> None:
    hidden = 0
    for county, listed in shown.items():
        for cell, text in listed.items():
            number = exact[county][cell]
            assert text in ("hidden", f"{number:,}")
            assert text == "hidden" or not 0 < number < 11
            hidden += text == "hidden"
    assert hidden
    for file in files(run).values():
        page, text = read(pages / file), (pages / file).read_text()
        said = [value for value in page.figures.values() if value != "hidden"]
        for words in re.findall(r'aria-label="(Bars for 1[^"]*)"', text):
            said += re.findall(r"([\d,]+) (?:dismiss|reduce|no determination)", words)
        assert not [value for value in said if 0 < figure(value) < 11]


def test_no_small_count_of_a_fabricated_state_can_be_solved_for(
    shown: dict[str, dict[Cell, str]], exact: dict[str, dict[Cell, int]]
) -> None:
    """Every equation that a reader can make of rows, columns, equal totals and counties."""
    known: list[dict[tuple[str, Cell], int]] = []
    for county, numbers in exact.items():
        texts = shown[county]
        known += [{(county, cell): 1} for cell in numbers if texts.get(cell, "hidden") != "hidden"]
        # Those that are 0 are taken as known where a page lists at all.
        known += [{(county, cell): 1} for cell, number in numbers.items() if not number and texts]
        known += [
            {**{(county, cell): 1 for cell in parts}, (county, whole): -1}
            for whole, parts in equations(list(numbers))
        ]
    counties = exact.keys() - {""}
    for cell in exact[""]:
        parts = {(county, cell): 1 for county in counties if cell in exact[county]}
        known.append({**parts, ("", cell): -1})
    span = Span(known)
    small = [(page, cell) for page, numbers in exact.items() for cell, number in numbers.items() if 0 < number < 11]
    assert len(small) > 100
    assert not [figure for figure in small if {figure: 1} in span]


def equations(listed: list[Cell]) -> Iterator[tuple[Cell, list[Cell]]]:
    """(total, parts) of a page's lists."""
    for caption, *words, column in listed:
        if column == "All" and caption != BY_YEAR:
            yield (
                (caption, *words, column),
                [cell for cell in listed if cell[:-1] == (caption, *words) and cell[-1] != "All"],
            )
        if words[0] in ("All sections", "All years", "In total"):
            yield (
                (caption, *words, column),
                [cell for cell in listed if (cell[0], cell[-1]) == (caption, column) and cell[1] != words[0]],
            )
        if caption == DECIDED and column != "All":
            section = "All" if words[0] == "All sections" else words[0][:5]
            reasons = [cell for cell in listed if cell[:2] == (REASONS_GIVEN, column) and cell[-1] == section]
            yield (caption, *words, column), reasons
        if caption == IN_COUNTY and column == "All":
            section = "All sections" if words[0] == "In total" else words[0]
            yield (caption, *words, column), [(DECIDED, section, "All")]
        if caption == BY_YEAR and words[0] == "All years":
            yield (caption, *words, column), [(DECIDED, "All sections", "All")]
