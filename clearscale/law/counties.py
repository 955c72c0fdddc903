"""Counties, from a state's `counties.toml`: what records call them, where they lie, and what they published."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clearscale_cluster.shown import has_shape, shown

OTHER_COUNTY = "(none of the state's)"
"""In figures, in place of a text that is no county of the state: a shifted record may have a name there."""


@dataclass(frozen=True)
class Published:
    """What a county made public: convictions that relief is for, and where known its people and its felonies."""

    convictions: int
    people: int | None = None
    felonies: int | None = None


@dataclass(frozen=True)
class County:
    """One county.

    Parameters
    ----------
    name, code
        As records write them.
    letters, tile
        On a map of tiles: its name in two or three letters; column from the west, row from the north.
    population
        People who live there, rounded.
    latitude, longitude
        In degrees, to a tenth; they serve only to tell which counties are near.
    towns
        Names of its agencies.
    published
        What it made public, if anything.
    race_shares
        Shares of its people with convictions that relief is for, by `Counties.race_shares_of`, then of all others;
        empty if it published none.
    """

    name: str
    code: int
    letters: str
    tile: tuple[int, int]
    population: int
    latitude: float
    longitude: float
    towns: tuple[str, ...]
    published: Published | None
    race_shares: tuple[float, ...]

    @property
    def slug(self) -> str:
        """The name as a file name: lower case, with hyphens."""
        return self.name.lower().replace(" ", "-")


@dataclass(frozen=True)
class Counties:
    """A state's counties, in the order of their codes.

    Parameters
    ----------
    listed
        Every county.
    convictions
        Convictions in the state that relief is for, by the best published estimate.
    race_shares_of
        The groups of `County.race_shares`.
    example
        Name of one that messages give as an example.
    population_of
        The year that populations are of.
    """

    listed: tuple[County, ...]
    convictions: int
    race_shares_of: tuple[str, ...]
    example: str
    population_of: int

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Counties":
        """The counties that a `counties.toml` states.

        Parameters
        ----------
        document
            Its tables.

        Returns
        -------
        Counties
            Sorted by code.

        Raises
        ------
        ValueError
            If a table names a county that is not listed, or a name has a character that nobody sees.
        """
        towns, published, shares = document["towns"], document["published"], document["race_shares"]
        unheard_of = {*towns, *published, *shares, document["example"]} - {
            county["name"] for county in document["county"]
        }
        if unheard_of:
            raise ValueError(f"counties.toml: no such county: {', '.join(sorted(unheard_of))}")
        unseen = [county["name"] for county in document["county"] if not has_shape(county["name"])]
        if unseen:
            raise ValueError(f"counties.toml: a name has a character that nobody sees: {shown(', '.join(unseen))}")
        listed = [
            County(
                name=county["name"],
                code=county["code"],
                letters=county["letters"],
                tile=(county["tile"][0], county["tile"][1]),
                population=county["population"],
                latitude=county["at"][0],
                longitude=county["at"][1],
                towns=tuple(towns[county["name"]]),
                published=Published(**published[county["name"]]) if county["name"] in published else None,
                race_shares=tuple(shares.get(county["name"], ())),
            )
            for county in document["county"]
        ]
        return cls(
            tuple(sorted(listed, key=lambda county: county.code)),
            document["convictions"],
            tuple(document["race_shares_of"]),
            document["example"],
            document["population_of"],
        )

    def group(self, text: str) -> str:
        """A county as figures have it: as records write it, or `OTHER_COUNTY` for a text that is none of them."""
        return text if text in self._known or not text.strip() else OTHER_COUNTY

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.names)

    @property
    def names(self) -> tuple[str, ...]:
        """Their names as records write them."""
        return tuple(county.name for county in self.listed)
