"""What was published about the relief of packs over charges, beside which a pack's own figures stand.

From the files `published.toml` of the states; the first of them says what its keys are.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

UNITS = ("people", "cases", "charges")
"""What figures count."""

WHERE = (
    *("any", "decided", "outcomes", "reasons", "lacks", "dispositions", "levels", "classes_but", "sections"),
    *("inchoate", "left", "beside"),
)
"""What charges can be counted by: keys of `found` and `among`."""


@dataclass(frozen=True)
class Figure:
    """A figure.

    Attributes
    ----------
    what
        In words.
    unit, of_unit
        What is counted, and what it is a share of; of `UNITS`.
    value, of
        The number that was published, and of how many; None where nothing was.
    share, said
        In place of these a share, or words.
    source, confidence
        Where, and how sure.
    note
        Why it differs from what is found.
    found, among
        Which decisions are the same, and of which: by keys of `WHERE`. Empty where nothing can be compared.
    parameters
        Values of the pack's parameters for this figure, where they are not the defaults.
    """

    what: str
    unit: str
    of_unit: str = ""
    value: int | None = None
    of: int | None = None
    share: float | None = None
    said: str = ""
    source: str = ""
    confidence: str = ""
    note: str = ""
    found: Mapping[str, Any] = field(default_factory=dict)
    among: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PackFigures:
    """Figures of a pack, and the fabricated file that it is tried on: its format, people and as-of date."""

    format: str
    people: int
    as_of: date
    note: str
    figures: tuple[Figure, ...]

    @classmethod
    def read(cls, stated: Mapping[str, Any]) -> "PackFigures":
        """What a table of `published.toml` states.

        Raises ValueError for a unit or a key that there is not.
        """
        figures = []
        for table in stated["figure"]:
            figure = Figure(**{"of_unit": table["unit"], **table})
            odd = {*figure.found, *figure.among} - {*WHERE} | {figure.unit, figure.of_unit} - {*UNITS}
            if odd:
                raise ValueError(f"published.toml: '{figure.what}' has {', '.join(sorted(odd))}, which is unknown")
            figures.append(figure)
        return cls(stated["format"], stated["people"], stated["as_of"], stated["note"], tuple(figures))


@cache
def published() -> Mapping[str, PackFigures]:
    """What was published, by the names of packs, sorted."""
    found = {}
    for folder in resources.files(__package__).iterdir():
        file = folder.joinpath("published.toml")
        if folder.is_dir() and file.is_file():
            packs = tomllib.loads(file.read_text("utf-8"))["packs"]
            found.update({name: PackFigures.read(stated) for name, stated in packs.items()})
    return dict(sorted(found.items()))
