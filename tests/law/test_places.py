"""Counties and courts by what records call them."""

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest

import clearscale.law
from clearscale.law import state, state_names
from clearscale.law.places import Places

FILE = Path(clearscale.law.__file__).parent / "illinois/places.toml"
ILLINOIS = state("illinois").places


def test_illinois_has_its_counties_in_order() -> None:
    assert len(ILLINOIS.counties) == 102
    assert [place.fips for place in ILLINOIS.counties] == [f"17{2 * number + 1:03d}" for number in range(102)]
    assert len({place.name for place in ILLINOIS.counties}) == 102
    assert len(ILLINOIS.courts) == 24
    assert {place.court for place in ILLINOIS.counties} == set(ILLINOIS.courts)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("COOK", "Cook"),
        ("Cook County", "Cook"),
        ("County of Cook", "Cook"),
        ("17031", "Cook"),
        ("ST CLAIR", "St. Clair"),
        ("saint clair", "St. Clair"),
        ("De Kalb", "DeKalb"),
        ("DUPAGE", "DuPage"),
        ("Jo-Daviess", "Jo Daviess"),
        (" la salle ", "LaSalle"),
    ],
)
def test_a_county_has_many_spellings(text: str, name: str) -> None:
    place = ILLINOIS.county(text)
    assert place is not None
    assert place.name == name


@pytest.mark.parametrize("text", ["", "Cooke", "Los Angeles", "031", "County"])
def test_what_is_no_county_is_none(text: str) -> None:
    assert ILLINOIS.county(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("18TH JUDICIAL CIRCUIT COURT", "18th Judicial Circuit Court"),
        ("18th Judicial Circuit", "18th Judicial Circuit Court"),
        ("Circuit Court of DuPage County", "18th Judicial Circuit Court"),
        ("Saint Clair County Circuit Court", "20th Judicial Circuit Court"),
        ("circuit court of cook county", "Circuit Court of Cook County"),
        ("CIRCUIT COURT OF COOK", "Circuit Court of Cook County"),
    ],
)
def test_a_court_is_known_by_its_name_and_by_its_county(text: str, name: str) -> None:
    court = ILLINOIS.court(text)
    assert court is not None
    assert court.name == name


@pytest.mark.parametrize("text", ["", "Court", "Circuit Court", "18", "District 3", "99th Judicial Circuit Court"])
def test_what_is_no_court_is_none(text: str) -> None:
    assert ILLINOIS.court(text) is None
    assert state().places.court(text) is None


def test_agencies_are_known_where_a_state_lists_them() -> None:
    document: dict[str, Any] = tomllib.loads(FILE.read_text("utf-8"))
    listed = Places.read({**document, "agency": [{"name": "State Police", "aliases": ["ISP"]}]})
    assert ILLINOIS.agency("State Police") is None
    assert [listed.agency(text) for text in ("STATE POLICE", "I.S.P.")] == [listed.agencies[0]] * 2
    assert listed.agency("Park rangers") is None


def test_a_state_without_courts_has_its_counties() -> None:
    assert [place.name for place in state().places.counties] == list(state().counties.names)
    assert state().places.courts == ()
    assert state_names() == ("california", "illinois", "michigan", "new_jersey", "new_york")


@pytest.mark.parametrize(
    ("name", "fips", "counties", "courts"),
    [("michigan", "26", 83, 57), ("new_jersey", "34", 21, 15), ("new_york", "36", 62, 13)],
)
def test_other_states_have_their_counties_in_order(name: str, fips: str, counties: int, courts: int) -> None:
    places = state(name).places
    assert [place.fips for place in places.counties] == [f"{fips}{2 * k + 1:03d}" for k in range(counties)]
    assert len({place.name for place in places.counties}) == counties
    assert len(places.courts) == courts
    assert {place.court for place in places.counties} == set(places.courts)


@pytest.mark.parametrize(
    ("name", "text", "county", "court"),
    [
        ("new_york", "MANHATTAN", "New York", "1"),
        ("new_york", "Kings County", "Kings", "2"),
        ("new_york", "36103", "Suffolk", "10"),
        ("new_york", "st lawrence", "St. Lawrence", "4"),
        ("new_york", "STATEN ISLAND", "Richmond", "13"),
        ("michigan", "26163", "Wayne", "3"),
        ("michigan", "GRAND TRAVERSE", "Grand Traverse", "13"),
        ("michigan", "Saint Joseph", "St. Joseph", "45"),
        ("michigan", "26165", "Wexford", "28"),
        ("new_jersey", "CAPE MAY", "Cape May", "1"),
        ("new_jersey", "34013", "Essex", "5"),
        ("new_jersey", "county of union", "Union", "12"),
    ],
)
def test_a_county_of_another_state_has_a_court(name: str, text: str, county: str, court: str) -> None:
    place = state(name).places.county(text)
    assert place is not None
    assert place.court is not None
    assert (place.name, place.court.number) == (county, court)


def test_what_contradicts_is_refused() -> None:
    document: dict[str, Any] = tomllib.loads(FILE.read_text("utf-8"))
    twice = copy.deepcopy(document)
    twice["county"][1]["fips"] = twice["county"][0]["fips"]
    with pytest.raises(ValueError, match="two counties have one name or number"):
        Places.read(twice)
    twice = copy.deepcopy(document)
    twice["court"][1]["aliases"] = ["Circuit Court of Cook County"]
    with pytest.raises(ValueError, match="two courts have one name or number"):
        Places.read(twice)
    nowhere = copy.deepcopy(document)
    nowhere["county"][0]["court"] = "99"
    with pytest.raises(ValueError, match="a court that is not listed: 99"):
        Places.read(nowhere)
