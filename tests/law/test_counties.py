"""The one list of counties, and that of races and sexes."""

import pytest

from clearscale.law import state
from clearscale.law.counties import Counties, Published
from clearscale.synth.arrays import quoted

DOCUMENT = {
    "county": [
        {"name": "NORTH", "code": 2, "letters": "N", "tile": [0, 0], "population": 5, "at": [1.5, -2.5]},
        {"name": "FAR SOUTH", "code": 1, "letters": "S", "tile": [0, 1], "population": 7, "at": [0.5, -2.5]},
    ],
    "convictions": 9,
    "example": "NORTH",
    "race_shares_of": ["SOME"],
    "population_of": 2020,
    "race_shares": {"NORTH": [0.25, 0.75]},
    "published": {"FAR SOUTH": {"convictions": 3, "felonies": 2}},
    "towns": {"NORTH": ["NORTHTOWN"], "FAR SOUTH": []},
}


def test_counties_stand_by_code() -> None:
    counties = Counties.read(DOCUMENT)
    south, north = counties.listed
    assert counties.names == ("FAR SOUTH", "NORTH")
    assert (south.slug, south.tile, south.published) == ("far-south", (0, 1), Published(3, felonies=2))
    assert (north.latitude, north.longitude, north.towns, north.race_shares) == (
        1.5,
        -2.5,
        ("NORTHTOWN",),
        (0.25, 0.75),
    )
    assert south.race_shares == ()
    assert north.published is None


def test_a_county_without_towns_is_refused() -> None:
    with pytest.raises(KeyError):
        Counties.read({**DOCUMENT, "towns": {}})


@pytest.mark.parametrize("table", ["towns", "published", "race_shares"])
def test_a_table_of_an_unlisted_county_is_refused(table: str) -> None:
    with pytest.raises(ValueError, match="no such county: EAST"):
        Counties.read({**DOCUMENT, table: {**DOCUMENT[table], "EAST": {}}})  # type: ignore[dict-item]


def test_the_state_has_all_its_counties() -> None:
    counties = state().counties
    assert len(counties.names) == 58
    assert [county.code for county in counties.listed] == list(range(1, 59))
    assert counties.names == tuple(sorted(counties.names))
    assert all(county.towns and all(map(quoted, county.towns)) for county in counties.listed)
    for county in counties.listed:
        if county.race_shares:
            assert sum(county.race_shares) == pytest.approx(1)
            assert len(county.race_shares) == len(counties.race_shares_of) + 1
        if county.published:
            assert county.published.convictions >= (county.published.felonies or 0)
            assert county.published.convictions >= (county.published.people or 0)


def test_every_race_is_of_a_group() -> None:
    people = state().people
    assert {race.group for race in people.races} <= set(people.race_groups)
    assert people.unknown in people.race_groups
    assert set(state().counties.race_shares_of) < set(people.race_groups)
    texts = [race.text for race in people.races]
    assert len(set(texts)) == len(texts) == len({race.code for race in people.races})
    assert people.race_group("KOREAN") == people.race_group("ASIAN OR PACIFIC ISLANDER")
    assert people.race_group("MARTIAN") == people.unknown


def test_a_name_that_a_terminal_would_obey_is_refused() -> None:
    county = DOCUMENT["county"][0] | {"name": "NORTH\x1b[2J"}
    with pytest.raises(ValueError, match=r"a character that nobody sees: NORTH\\x1b\[2J"):
        Counties.read(DOCUMENT | {"county": [county, *DOCUMENT["county"]]})
