"""Whose extract is it? The one county in which every subject has a Prop 64 conviction, and no guess elsewhere."""

import itertools
from pathlib import Path

import pytest

import clearscale
from clearscale.errors import ClearscaleError, ExtractError
from clearscale.law import state
from clearscale.store.ingest.county import named_counties, named_county
from tests.support.damaged import CASES, taken
from tests.support.fabricate import Layout, render
from tests.support.samples import Row, conviction, ingest, put, rendered

CASE = CASES / "county-guess"


def county_of(store: Path) -> list[tuple[str, str]]:
    return [(entry.name, entry.county) for entry in clearscale.open_store(store).manifest.extracts]


def test_more_convictions_elsewhere_do_not_make_it_another_countys(tmp_path: Path) -> None:
    store = tmp_path / "store"
    clearscale.ingest(CASE / "los-angeles.csv", store)
    before = clearscale.open_store(store).manifest
    outcome = taken(CASE / "alpine.csv", store)
    assert outcome.refused is not None
    assert "--county. Its 1 subject has Prop 64 convictions in each of ALPINE, LOS ANGELES." in outcome.refused
    assert clearscale.open_store(store).manifest == before
    assert not (store / "staging").exists() or not any((store / "staging").rglob("*.arrow"))
    assert taken(CASE / "alpine.csv", store, county=" alpine ").findings == {}
    assert county_of(store) == [("los-angeles.csv", "LOS ANGELES"), ("alpine.csv", "ALPINE")]


def test_all_subjects_share_one_county(tmp_path: Path) -> None:
    # Three people of Napa; most of their convictions are elsewhere, but nowhere else have all of them one.
    rows = [conviction(str(person), "NAPA") for person in range(1, 4)]
    rows += [
        conviction(str(person), "KERN", count) for person, count in itertools.product(range(1, 3), range(2, 6))
    ]
    assert taken(Path(put(tmp_path, "a.csv", rendered(rows))), tmp_path / "store").refused is None
    assert county_of(tmp_path / "store") == [("a.csv", "NAPA")]


@pytest.mark.parametrize("block_bytes", [1, 2**20])
def test_a_subject_is_found_in_any_block(tmp_path: Path, block_bytes: int) -> None:
    """The conviction there and the other rows of a subject may lie far apart."""
    rows = [conviction(str(person), "KERN") for person in range(5)]
    rows += [conviction(str(person), "NAPA", 2) for person in reversed(range(4))]
    path = put(tmp_path, "a.csv", rendered(rows))
    report = ingest(path, tmp_path / "store", county=None, block_bytes=block_bytes)
    assert report.counties == {"a.csv": "KERN"}


def without(**values: str) -> Row:
    return conviction("9", "NAPA", **values)


@pytest.mark.parametrize(
    "odd",
    [
        without(STP_ORI_CNTY_NAME="NAPPA"),
        without(STP_ORI_CNTY_NAME="napa"),
        without(STP_ORI_CNTY_NAME=""),
        without(OFFENSE_DESCR="459 PC-BURGLARY"),
        without(DISP_DESCR="DISMISSED"),
    ],
)
def test_one_subject_without_asks_for_the_county_and_says_how_many(tmp_path: Path, odd: Row) -> None:
    rows = [*(conviction(str(person), "NAPA") for person in range(1, 9)), odd]
    path, store = Path(put(tmp_path, "a.csv", rendered(rows))), tmp_path / "store"
    refused = taken(path, store).refused
    assert refused is not None
    assert (
        "In no county do all of its 9 subjects have a Prop 64 conviction; nearest is NAPA (1 have none" in refused
    )
    assert not store.exists() or not any(path.is_file() for path in store.rglob("*"))
    assert taken(path, store, county="Napa").findings["convicted-elsewhere"] == 1
    found = clearscale.open_store(store).manifest.extracts[0].findings
    [finding] = [finding for finding in found if finding.name == "convicted-elsewhere"]
    assert (finding.name, finding.grade, finding.of) == ("convicted-elsewhere", "warn", 9)


def test_another_countys_extract_is_refused(tmp_path: Path) -> None:
    path = Path(put(tmp_path, "a.csv", rendered([conviction(str(person), "NAPA") for person in range(1, 9)])))
    refused = taken(path, tmp_path / "store", county="Kern").refused
    assert refused is not None
    assert "convicted-elsewhere: 8 of 8 subjects have no Prop 64 conviction in the county" in refused
    assert taken(path, tmp_path / "store", county="Kern", accept=["convicted-elsewhere"]).refused is None


def test_many_counties_in_one_file_are_nobodys(tmp_path: Path) -> None:
    refused = taken(CASES / "one-file-many-counties" / "statewide.csv", tmp_path / "store").refused
    assert refused is not None
    assert "LOS ANGELES (4 have none there), ORANGE (6 have none there), ALPINE (8 have none there)" in refused


def test_a_county_is_one_of_the_states(tmp_path: Path) -> None:
    for given in (
        "los angeles",
        "  Los   Angeles ",
        "los-angeles",
        "LOS ANGELES",
        "Los Angeles County",
        "County of Los Angeles",
    ):
        assert named_county(given) == "LOS ANGELES"
    assert {named_county(name.title()) for name in state().counties.names} == set(state().counties.names)
    with pytest.raises(ClearscaleError, match=r"there is no county 'los angles'; did you mean 'LOS ANGELES'\?"):
        named_county("los angles")
    with pytest.raises(ClearscaleError, match="they are: ALAMEDA, ALPINE"):
        named_county("Springfield, 9")
    with pytest.raises(ClearscaleError, match="no county"):
        clearscale.ingest(CASE / "alpine.csv", tmp_path / "store", county="alpino, mostly")
    assert not (tmp_path / "store").exists()


def test_counties_are_given_by_file(tmp_path: Path) -> None:
    both = [CASE / "alpine.csv", CASE / "los-angeles.csv"]
    report = clearscale.ingest(both, tmp_path / "store", county={"alpine.csv": "alpine"})
    assert report.counties == {"alpine.csv": "ALPINE", "los-angeles.csv": "LOS ANGELES"}
    assert named_counties({"in/a.csv": "napa"}, ["a.csv", "b.csv"]) == {"a.csv": "NAPA"}
    with pytest.raises(ClearscaleError, match=r"none of the extracts; did you mean alpine.csv\?"):
        clearscale.ingest(both, tmp_path / "store", county={"alpin.csv": "alpine"})


@pytest.mark.parametrize("content", [b"", render([], Layout())])
def test_nothing_usable_is_refused_even_where_nothing_is_replaced(tmp_path: Path, content: bytes) -> None:
    path = put(tmp_path, "a.csv", content)
    with pytest.raises(ExtractError, match="nothing-usable: 1 of 1 extracts has no record that can be used"):
        clearscale.ingest(path, tmp_path / "store", county="NAPA")
