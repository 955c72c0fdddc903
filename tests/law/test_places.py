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


def test_a_state_without_courts_has_its_counties() -> None:
    assert [place.name for place in state().places.counties] == list(state().counties.names)
    assert state().places.courts == ()
    assert state_names() == ("california", "illinois")


def test_what_contradicts_is_refused() -> None:
    document: dict[str, Any] = tomllib.loads(FILE.read_text("utf-8"))
    twice = copy.deepcopy(document)
    twice["county"][1]["fips"] = twice["county"][0]["fips"]
    with pytest.raises(ValueError, match="two counties have one name or number"):
        Places.read(twice)
    nowhere = copy.deepcopy(document)
    nowhere["county"][0]["court"] = "99"
    with pytest.raises(ValueError, match="a court that is not listed: 99"):
        Places.read(nowhere)
