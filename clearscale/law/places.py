"""Counties, courts and agencies of a state by what records call them, read from a state's `places.toml`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .counties import Counties

_COURT = "COURT"
_DROPPED = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True)
class Court:
    """A court. number: what its counties name it by. aliases: other spellings."""

    name: str
    number: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Agency:
    """An agency that brings charges. aliases: other spellings."""

    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """A county. fips: its number in the federal standard, five digits. court: where its cases are."""

    name: str
    fips: str
    aliases: tuple[str, ...] = ()
    court: Court | None = None


@dataclass(frozen=True, eq=False)
class Places:
    """A state's counties, in the order of their numbers, its courts, and its agencies.

    courts_of_counties: what records call the court of a county by the county's name, such as
    `Circuit Court of {county} County`.
    """

    counties: tuple[Place, ...]
    courts: tuple[Court, ...]
    agencies: tuple[Agency, ...] = ()
    courts_of_counties: tuple[str, ...] = ()

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
            If two counties, courts or agencies have one name or number, or a county names a court that is not
            listed.
        """
        courts = tuple(Court(**_with_aliases(court)) for court in document["court"])
        agencies = tuple(Agency(**_with_aliases(agency)) for agency in document.get("agency", ()))
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
        _require_one_each("counties", ((place.name, place.fips, *place.aliases) for place in counties))
        _require_one_each("courts", ((court.name, court.number, *court.aliases) for court in courts))
        _require_one_each("agencies", ((agency.name, *agency.aliases) for agency in agencies))
        return cls(tuple(counties), courts, agencies, tuple(document.get("courts_of_counties", ())))

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

    def court(self, text: str) -> Court | None:
        """The court that a text names: by name, without regard to case, blanks and points, or by its county.

        Parameters
        ----------
        text
            As a record has it; `Court` behind the name does not matter.

        Returns
        -------
        Court or None
            None where it is none of the state's, or the state lists none.
        """
        key = _key(text)
        return self._known_courts.get(key) or self._known_courts.get(key + _COURT)

    def agency(self, text: str) -> Agency | None:
        """The agency that a text names, by name, without regard to case, blanks and points.

        Parameters
        ----------
        text
            As a record has it.

        Returns
        -------
        Agency or None
            None where it is none of the state's, or the state lists none.
        """
        return self._known_agencies.get(_key(text))

    @cached_property
    def _known_courts(self) -> Mapping[str, Court]:
        of_counties = {
            _key(spelling.format(county=name)): place.court
            for place in self.counties
            if place.court is not None
            for name in (place.name, *place.aliases)
            for spelling in self.courts_of_counties
        }
        return of_counties | {_key(name): court for court in self.courts for name in (court.name, *court.aliases)}

    @cached_property
    def _known_agencies(self) -> Mapping[str, Agency]:
        return {_key(name): agency for agency in self.agencies for name in (agency.name, *agency.aliases)}

    @cached_property
    def _known(self) -> Mapping[str, Place]:
        return {
            _key(name): place
            for place in self.counties
            for name in (place.name, place.fips, *place.aliases)
            if name
        }


def _with_aliases(stated: Mapping[str, Any]) -> dict[str, Any]:
    return {**stated, "aliases": tuple(stated.get("aliases", ()))}


def _require_one_each(what: str, named: Iterable[tuple[str, ...]]) -> None:
    """Raise ValueError where two of what is named have one name."""
    keys = [key for names in named for key in {*map(_key, names)}]
    if len(keys) != len(set(keys)):
        raise ValueError(f"places.toml: two {what} have one name or number")


def _key(text: str) -> str:
    return _DROPPED.sub("", text.upper())
