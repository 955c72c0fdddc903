"""Counties and courts of a state by what records call them, read from a state's `places.toml`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .counties import Counties

_DROPPED = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True)
class Court:
    """A court. number: what its counties name it by."""

    name: str
    number: str


@dataclass(frozen=True)
class Place:
    """A county. fips: its number in the federal standard, five digits. court: where its cases are."""

    name: str
    fips: str
    aliases: tuple[str, ...] = ()
    court: Court | None = None


@dataclass(frozen=True, eq=False)
class Places:
    """A state's counties, in the order of their numbers, and its courts."""

    counties: tuple[Place, ...]
    courts: tuple[Court, ...]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Places":
        """The counties and courts that a `places.toml` states.

        Parameters
        ----------
        document
            Its tables.

        Returns
        -------
        Places
            In the order of the file.

        Raises
        ------
        ValueError
            If two counties have one name or number, or one names a court that is not listed.
        """
        courts = tuple(Court(**court) for court in document["court"])
        numbered = {court.number: court for court in courts}
        counties = []
        for county in document["county"]:
            if county["court"] not in numbered:
                raise ValueError(
                    f"places.toml: {county['name']} names a court that is not listed: {county['court']}"
                )
            fips = document["state_fips"] + county["fips"]
            counties.append(
                Place(county["name"], fips, tuple(county.get("aliases", ())), numbered[county["court"]])
            )
        places = cls(tuple(counties), courts)
        keys = [key for place in counties for key in {*map(_key, (place.name, place.fips, *place.aliases))}]
        if len(keys) != len(set(keys)):
            raise ValueError("places.toml: two counties have one name or number")
        return places

    @classmethod
    def of(cls, counties: Counties) -> "Places":
        """The counties of a state that has no `places.toml`, without courts."""
        return cls(tuple(Place(county.name, "") for county in counties.listed), ())

    def county(self, text: str) -> Place | None:
        """The county that a text names: by name, without regard to case, blanks and points, or by its number.

        Parameters
        ----------
        text
            As a record has it; `County` behind the name, or `County of` before it, does not matter.

        Returns
        -------
        Place or None
            None where it is none of the state's.
        """
        key = _key(text)
        return self._known.get(key) or self._known.get(key.removesuffix("COUNTY").removeprefix("COUNTYOF"))

    @cached_property
    def _known(self) -> Mapping[str, Place]:
        return {
            _key(name): place
            for place in self.counties
            for name in (place.name, place.fips, *place.aliases)
            if name
        }


def _key(text: str) -> str:
    return _DROPPED.sub("", text.upper())
