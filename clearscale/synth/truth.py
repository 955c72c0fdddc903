"""What extracts were made of, counted from the drawn codes while records are written, never from the records."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrays import Ints
from .histories import History
from .offenses import SECTIONS
from .people import RACES, SEXES

_PEOPLE = 0  # the first count of a group of people; then felonies by section, then the others by section


@dataclass(frozen=True)
class TrueCounts:
    """Counts of one extract, or of the state.

    rows: records; counts: int64 [RACES, SEXES, 1 + 2 * SECTIONS], people, felonies by section, other convictions
    by section.
    """

    rows: int
    counts: Ints

    @classmethod
    def none(cls) -> "TrueCounts":
        """Counts of an empty extract."""
        return cls(0, np.zeros((len(RACES), len(SEXES), 1 + 2 * len(SECTIONS)), dtype=np.int64))

    @property
    def people(self) -> int:
        """How many people, all with a Prop 64 conviction."""
        return int(self.counts[..., _PEOPLE].sum())

    def __add__(self, other: "TrueCounts") -> "TrueCounts":
        return TrueCounts(self.rows + other.rows, self.counts + other.counts)

    def document(self) -> dict[str, Any]:
        """The counts, then those of each race and sex that occurs."""
        groups = [
            {"race": race, "sex": sex, **_document(self.counts[i, j])}
            for i, race in enumerate(RACES)
            for j, sex in enumerate(SEXES)
            if self.counts[i, j, _PEOPLE]
        ]
        return {"rows": self.rows, **_document(self.counts.sum(axis=(0, 1))), "groups": groups}


def _document(counts: Ints) -> dict[str, Any]:
    people, *convictions = counts.tolist()
    felonies, others = convictions[: len(SECTIONS)], convictions[len(SECTIONS) :]
    return {
        "people": people,
        "convictions": sum(convictions),
        "felonies": dict(zip(SECTIONS, felonies, strict=True)),
        "others": dict(zip(SECTIONS, others, strict=True)),
    }


def count(history: History, place: int | None) -> TrueCounts:
    """The facts of a group's people: their convictions in one county of the route, or in all of them (None)."""
    convictions = history.convictions.sum(axis=0) if place is None else history.convictions[place]
    people = history.people
    facts = TrueCounts.none()
    by_severity = convictions.transpose(0, 2, 1).reshape(len(people), -1)  # felonies by section, others by section
    rows = np.concatenate([np.ones((len(people), 1), dtype=np.int64), by_severity], axis=1)
    np.add.at(facts.counts, (people.race, people.sex), rows)
    return TrueCounts(len(history.row_entry), facts.counts)
