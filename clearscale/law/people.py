"""Races and sexes as records write them, and how they are grouped; read from a state's `people.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Race:
    """One race. text, code: as records write it. group: one of `People.race_groups`. weight: when fabricated."""

    text: str
    code: str
    group: str
    weight: float


@dataclass(frozen=True)
class People:
    """Races and sexes of a state's records.

    Parameters
    ----------
    unknown
        The group of a blank or unheard-of text.
    race_groups
        What a reader calls each group of races, in the order of tables.
    races
        Every race that records write.
    sexes
        What a reader calls each sex that records write; empty where it has no words of its own.
    race_neighbors, sex_neighbors
        (group, the one with which it is counted where it is too few people to publish), in the order in which they
        are looked at. An empty sex stands for any that is not named.
    """

    unknown: str
    race_groups: Mapping[str, str]
    races: tuple[Race, ...]
    sexes: Mapping[str, str]
    race_neighbors: tuple[tuple[str, str], ...]
    sex_neighbors: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "People":
        """What a `people.toml` states.

        Parameters
        ----------
        document
            Its tables.

        Returns
        -------
        People
            In the order of the file.
        """
        return cls(
            document["unknown"],
            {group["name"]: group["words"] for group in document["race_group"]},
            tuple(Race(**race) for race in document["race"]),
            {sex["text"]: sex.get("words", "") for sex in document["sex"]},
            *(
                tuple((pair["group"], pair["with"]) for pair in document[name])
                for name in ("race_neighbor", "sex_neighbor")
            ),
        )

    def sex_group(self, text: str) -> str:
        """A sex as figures have it: as a record writes it, a blank or unheard-of text as unknown."""
        return text if text in self.sexes else self.unknown

    def race_group(self, text: str) -> str:
        """The group of a race as a record writes it.

        A group's name stands for the group; a blank or unheard-of text is unknown.
        """
        if text in self.race_groups:
            return text
        return next((race.group for race in self.races if race.text == text), self.unknown)
