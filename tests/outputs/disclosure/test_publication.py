"""What a run's pages show gives no small count of people away."""

import itertools
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clearscale
from clearscale.commands.demo import options
from clearscale.errors import RunError
from clearscale.outputs.disclosure import GROUPED, MEASURES_PUBLISHED, Publication
from clearscale.outputs.report.counting import people_counts
from clearscale.synth import fabricate
from tests.support.examples import examples, is_long
from tests.support.judges import Span, bounds
from tests.support.made_up import tables

stable = settings(derandomize=True, deadline=None, database=None, max_examples=examples(40))

DIMENSIONS = ("race", "sex", "age")
NESTED = (
    ("some_relief", "with_prop64"),
    ("no_felony", "some_relief"),
    ("no_conviction", "some_relief"),
    ("no_recent_conviction", "some_relief"),
    ("no_felony", "with_prop64"),
    ("no_conviction", "with_prop64"),
    ("no_recent_conviction", "with_prop64"),
)
"""(those counted, among whom): their difference counts people too."""

Page = tuple[str, str]
Group = tuple[tuple[str, str], ...]
Key = tuple[str, Page, Group]
Counts = dict[Key, int]


def counts(made: dict[str, pa.Table]) -> Counts:
    """Every figure of every page, added up row by row."""
    result: Counter[Key] = Counter()
    for row in made["people"].to_pylist():
        for by, measure in itertools.product(
            [(), *(((name, row[name]),) for name in DIMENSIONS)], MEASURES_PUBLISHED
        ):
            if not by or measure in GROUPED:
                result[measure, (row["scope"], row["county"]), by] += row[measure]
    return dict(result)


def published(made: dict[str, pa.Table], below: int | None) -> Publication:
    """What may be shown of people; no page has convictions."""
    return Publication.of(people_counts(made["people"], below, {}), {}, below)


def shown(publication: Publication, figures: Counts) -> Counts:
    """The figures that are shown, as the publication gives them; of groups counted together under all of them."""
    given = {key: publication.figure(*key[1], key[0], **dict(key[2])) for key in figures}
    for page, measure, by, block in itertools.chain(*map(publication.people.printed, publication.people.pages)):
        if len(block) > 1:
            scope = "county" if page else "state"
            key = (measure, (scope, page), tuple((by, group) for group in block))
            given[key] = publication.figure(scope, page, measure, **{by: block})
    return {key: value for key, value in given.items() if value is not None}


def true(figures: Counts, key: Key) -> int:
    """A figure, of several groups together too."""
    measure, page, groups = key
    if len(groups) < 2:
        return figures[key]
    return sum(figures.get((measure, page, (group,)), 0) for group in groups)


def small(value: int, below: int) -> bool:
    return 0 < value < below


@st.composite
def made_up(draw: st.DrawFn) -> dict[str, pa.Table]:
    return tables(
        draw(st.integers(0, 10**6)),
        draw(st.integers(0, 900)),
        draw(st.integers(1, 4)),
        draw(st.integers(2, 4)),
        draw(st.sampled_from([0.1, 0.6, 0.98, 1.0])),
    )


def spans(figures: Counts, given: Counts, measure: str, counties_add_up: bool) -> tuple[Span, dict[Key, dict]]:
    """What follows from a measure's shown figures, and each figure's atoms.

    counties_add_up: as if nobody were in two counties, so that the state's people are the counties' together.
    Otherwise the state's atoms are its own. Groups that nobody is in have no atoms.
    """
    keys = [key for key in figures if key[0] == measure and figures[key]]
    pages = sorted({page for _, page, _ in keys})
    groups = {
        page: [
            [group[0] for _, at, group in keys if at == page and group and group[0][0] == name]
            for name in DIMENSIONS
        ]
        for page in pages
    }
    own = {page: [(page, *choice) for choice in itertools.product(*groups[page])] for page in pages}
    if counties_add_up:
        own["state", ""] = [atom for page in pages if page[0] == "county" for atom in own[page]]
    told = [key for key in given if key[0] == measure and key[1] in own]
    atoms = {
        key: dict.fromkeys((atom for atom in own[key[1]] if not key[2] or set(key[2]) & set(atom[1:])), 1)
        for key in dict.fromkeys([*keys, *told])
    }
    return Span(atoms[key] for key in told), {key: atoms[key] for key in keys}


def assert_nothing_solved(figures: Counts, given: Counts, below: int) -> None:
    """No small figure, and of no small difference both figures, follow from what is shown."""
    for counties_add_up in (False, True):
        followed = {}
        for measure in MEASURES_PUBLISHED:
            span, atoms = spans(figures, given, measure, counties_add_up)
            # A state's figure that no county has a part in has no atoms: it tells nothing, and nothing tells it.
            followed |= {key: key in given or (bool(atoms[key]) and atoms[key] in span) for key in atoms}
        for (measure, page, group), value in figures.items():
            key = (measure, page, group)
            assert not (small(value, below) and followed[key]), "a small figure can be solved for"
            for part, whole in NESTED:
                if measure == part and (whole, page, group) in followed and key in followed:
                    rest = figures[whole, page, group] - value
                    assert not (small(rest, below) and followed[key] and followed[whole, page, group])


@stable
@given(made_up(), st.sampled_from([2, 6, 11, 20]))
def test_no_small_count_can_be_solved_for(made: dict[str, pa.Table], below: int) -> None:
    figures, publication = counts(made), published(made, below)
    given = shown(publication, figures)
    assert all(true(figures, key) == value for key, value in given.items())
    assert not any(small(value, below) for value in given.values())
    assert_nothing_solved(figures, given, below)


def assert_nothing_pinned(figures: Counts, given: Counts, below: int) -> None:
    """No small figure has only one value left if counts are not negative and parts are not more than the whole."""
    together = {key: true(figures, key) for key in given if len(key[2]) > 1}
    place = {key: number for number, key in enumerate([*figures, *together])}
    sums = [
        (place[key], [place[key[0], key[1], (one,)] for one in key[2] if (key[0], key[1], (one,)) in figures])
        for key in together
    ]
    for measure, page, group in figures:
        if not group:
            for name in DIMENSIONS if measure in GROUPED else ():
                parts = [key for key in figures if key[:2] == (measure, page) and key[2] and key[2][0][0] == name]
                sums.append((place[measure, page, ()], [place[key] for key in parts]))
        if page[0] == "state":
            parts = [
                place[key] for key in figures if key[0] == measure and key[1][0] == "county" and key[2] == group
            ]
            if any(figures[key] for key in figures if place[key] in parts):
                sums.append((place[measure, page, group], parts))
    nested = NESTED
    at_most = [
        (place[part, page, group], place[whole, page, group])
        for part, whole in nested
        for measure, page, group in figures
        if measure == part and (whole, page, group) in place
    ]
    hidden = [place[key] for key in figures if key not in given]
    secrets = [place[key] for key, value in figures.items() if small(value, below)]
    if secrets:
        for least, greatest in bounds(
            [*figures.values(), *together.values()], hidden, sums, at_most, secrets
        ).values():
            assert greatest - least >= 1 - 1e-6, "only one value is left for a small figure"


@settings(stable, max_examples=examples(15))
@given(made_up())
def test_no_small_count_is_left_with_one_value(made: dict[str, pa.Table]) -> None:
    figures = counts(made)
    assert_nothing_pinned(figures, shown(published(made, 11), figures), 11)


@stable
@given(made_up())
def test_the_same_tables_hide_the_same(made: dict[str, pa.Table]) -> None:
    first = published(made, 11)
    shuffled = {name: table.take(pa.array(range(table.num_rows)[::-1], pa.int64())) for name, table in made.items()}
    second = published(shuffled, 11)
    assert first.hidden_people == second.hidden_people


def test_without_a_bound_nothing_is_hidden() -> None:
    made = tables(3, 60, 3)
    figures, publication = counts(made), published(made, None)
    assert publication.hidden_count == 0
    assert publication.below is None
    assert shown(publication, figures) == figures


def test_shares_are_given_where_both_numbers_are() -> None:
    made = tables(5, 300, 3)
    publication = published(made, 11)
    asked = 0
    for measure, page, group in counts(made):
        share = publication.share(*page, measure, **dict(group))
        part, total = publication.figure(*page, measure, **dict(group)), publication.figure(*page, measure)
        if share is None:
            assert part is None or not total
        else:
            asked += 1
            assert part is not None
            assert total
            assert Fraction(part, total) == Fraction(share).limit_denominator(total)
    assert asked


def test_what_does_not_occur_counts_nobody_and_what_makes_no_sense_is_refused() -> None:
    publication = published(tables(5, 300, 3), 11)
    assert publication.figure("county", "MODOC", "with_prop64") == 0
    assert publication.figure("county", "ALAMEDA", "with_prop64", sex="NONE") == 0
    assert publication.share("county", "MODOC", "with_prop64") is None
    for wrong in (
        lambda: publication.figure("country", "", "with_prop64"),
        lambda: publication.figure("state", "", "persons"),
        lambda: publication.figure("state", "", "with_prop64", race="BLACK", sex="F"),
        lambda: publication.figure("state", "", "with_prop64", year="1999"),
        lambda: published(tables(5, 30, 3), 1),
    ):
        with pytest.raises(RunError):
            wrong()


def test_a_small_county_is_hidden_with_all_its_groups_and_another_with_it() -> None:
    made = tables(1, 2000, 3)
    others = [row for row in made["people"].to_pylist() if row["county"] != "ALPINE"]
    few = [row | {"county": "ALPINE"} for row in tables(2, 4, 1)["people"].to_pylist() if row["scope"] == "county"]
    people = pa.Table.from_pylist([*others, *few], made["people"].schema)
    publication = published({**made, "people": people}, 11)
    assert publication.figure("county", "ALPINE", "with_prop64") is None
    # Not even that nobody is in a group.
    assert publication.figure("county", "ALPINE", "with_prop64", race="OTHER") is None
    assert publication.figure("state", "", "with_prop64") is not None
    counties = [publication.figure("county", county, "with_prop64") for county in ("ALAMEDA", "ALPINE", "KERN")]
    assert counties.count(None) == 2
    assert not publication.may_list_convictions("county", "ALPINE")


def test_one_county_alone_is_the_state() -> None:
    made = tables(7, 150, 1)
    publication = published(made, 11)
    for page, measure, by, block in publication.people.printed("ALAMEDA"):
        same = ("", measure, by, block) in publication.hidden_people
        assert ((page, measure, by, block) in publication.hidden_people) == same


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pa.Table]:
    """Tables of a fabricated state of many small counties."""
    folder: Path = tmp_path_factory.mktemp("state")
    made = fabricate(str(folder / "in"), counties=12, people=2500 if is_long() else 1200, seed=5)
    clearscale.ingest([extract.path for extract in made], str(folder / "store"))
    run = clearscale.run(str(folder / "store"), options(), "2020-07-01", str(folder / "run"))
    return {name: run.table(name) for name in ("people", "convictions")}


def places(figures: Counts) -> Iterator[Page]:
    return iter(dict.fromkeys(page for _, page, _ in figures))


@pytest.mark.sampled
def test_a_fabricated_state_gives_no_small_count_away(state: dict[str, pa.Table]) -> None:
    figures, publication = counts(state), published(state, 11)
    given = shown(publication, figures)
    assert len(list(places(figures))) == 13
    assert all(true(figures, key) == value for key, value in given.items())
    assert len(given) > len(figures) / 4
    assert_nothing_solved(figures, given, 11)
    assert_nothing_pinned(figures, given, 11)
    # The headline: people with convictions, people with relief, statewide and by race.
    assert publication.figure("state", "", "with_prop64")
    assert publication.figure("state", "", "some_relief")
    assert publication.share("state", "", "some_relief", race="HISPANIC")
