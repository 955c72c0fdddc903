"""Writes `figures.json`: what each pack over charges finds in a fabricated file, beside what was published.

`python docs/policies/figures.py` makes the files anew, which takes a minute or two; then
`python -m clearscale.relief.pages docs` puts the figures on the packs' pages.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import clearscale
from clearscale.charges.grouping import tables_of
from clearscale.charges.tables import Disposition, Tables
from clearscale.formats import load_map
from clearscale.formats.reading import Reading
from clearscale.law.published import Figure, PackFigures, published
from clearscale.relief import NO_CANDIDATE, OUTCOMES, Decisions, decide, missing_words
from clearscale.relief.packs import pack
from clearscale.synth import fabricate, fabricate_charges

FILE = Path(__file__).with_name("figures.json")
SEED, COUNTIES = 1, 5
_NAMES = {outcome.code: name for name, outcome in OUTCOMES.items()}


def fabricated(form: str, people: int, folder: Path) -> Iterator[Tables]:
    """The charges of a fabricated file of a format, or of the state's extracts."""
    stated = load_map(form)
    if not stated.document.get("extract"):
        file = fabricate_charges(str(folder), stated, people=people, seed=SEED)
        yield tables_of(piece.charges for piece in Reading([file.path], stated))
        return
    extracts = fabricate(str(folder / "extracts"), counties=COUNTIES, people=people, seed=SEED)
    clearscale.ingest([extract.path for extract in extracts], folder / "store")
    clearscale.ingest_charges([str(folder / "store")], folder / "charges", form)
    store = clearscale.open_charges(folder / "charges")
    yield from (store.tables(bucket) for bucket in range(store.buckets))


class Counter:
    """Counts decisions of a bucket by what `found` and `among` of a figure ask for."""

    def __init__(self, tables: Tables, decisions: Decisions, reasons: Sequence[str]) -> None:
        charges, words = tables.charges, tables.words
        self.person, self.case, self.rows = charges.person, charges.case, tables.rows
        self.outcome = np.array(
            ["" if code == NO_CANDIDATE else _NAMES[code] for code in decisions.outcome.tolist()]
        )
        self.reason = np.array([reasons[rule] if rule >= 0 else "" for rule in decisions.rule.tolist()])
        self.lacks = [missing_words(int(bits)) for bits in decisions.missing.tolist()]
        ended = {int(disposition): disposition.name.lower().replace("_", "-") for disposition in Disposition}
        self.disposition = np.array([ended[code] for code in charges.disposition.tolist()])
        self.level = np.array([*words.levels, ""])[charges.level]
        self.severity = np.array([*words.classes, ""])[charges.severity]
        self.section = np.array([offense.section for offense in words.offenses])[charges.offense]
        self.inchoate = np.array([bool(offense.inchoate) for offense in words.offenses])[charges.offense]

    def chosen(self, where: Mapping[str, Any]) -> Any:
        """Which charges are asked for. Shape (rows,)."""
        found = np.ones(self.rows, np.bool_)
        texts = {
            "outcomes": self.outcome,
            "reasons": self.reason,
            "dispositions": self.disposition,
            "levels": self.level,
        }
        for key, column in texts.items():
            if key in where:
                found &= np.isin(column, where[key])
        if where.get("decided"):
            found &= self.outcome != ""
        if "classes_but" in where:
            found &= ~np.isin(self.severity, where["classes_but"])
        if "sections" in where:
            found &= [any(fnmatchcase(section, wanted) for wanted in where["sections"]) for section in self.section]
        if "inchoate" in where:
            found &= self.inchoate == where["inchoate"]
        if "lacks" in where:
            found &= [where["lacks"] in words for words in self.lacks]
        if where.get("left") is False:
            convicted = np.isin(self.level, ["felony", "misdemeanor"]) & (self.disposition == "convicted")
            found &= ~np.isin(self.person, self.person[convicted & ~np.isin(self.outcome, where["outcomes"])])
        if where.get("beside"):
            found &= np.isin(self.person, self.person[~np.isin(self.outcome, where["outcomes"])])
        return found

    def count(self, where: Mapping[str, Any], unit: str) -> int:
        """How many people, cases or charges are asked for."""
        found = self.chosen(where)
        return int(
            {"people": np.unique(self.person[found]), "cases": np.unique(self.case[found])}.get(
                unit, np.flatnonzero(found)
            ).size
        )


def figures_of(name: str, stated: PackFigures, people: int, made: Sequence[Tables]) -> dict[str, Any]:
    """What a pack finds: how many people and charges there are, and (found, of how many) of each figure."""
    as_of = (stated.as_of - date(1970, 1, 1)).days

    @cache
    def counters(parameters: tuple[tuple[str, Any], ...]) -> list[Counter]:
        policy = pack(name).policy(dict(parameters))
        reasons = [rule.reason for rule in policy.rules]
        return [Counter(tables, decide(tables, policy, as_of), reasons) for tables in made]

    def counted(figure: Figure) -> list[int]:
        if not figure.found:
            return []
        asked = [(figure.found, figure.unit), *([(figure.among, figure.of_unit)] if figure.among else [])]
        found = counters(tuple(figure.parameters.items()))
        return [sum(counter.count(where, unit) for counter in found) for where, unit in asked]

    return {
        "people": people,
        "charges": sum(tables.rows for tables in made),
        "found": {str(place): counted(figure) for place, figure in enumerate(stated.figures)},
    }


def figures(sizes: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Figures of all packs. sizes: people by format, in place of those that the states name."""
    found: dict[str, Any] = {}
    made: dict[str, list[Tables]] = {}
    for name, stated in published().items():
        people = (sizes or {}).get(stated.format, stated.people)
        if stated.format not in made:
            with tempfile.TemporaryDirectory() as folder:
                made[stated.format] = [*fabricated(stated.format, people, Path(folder))]
        found[name] = figures_of(name, stated, people, made[stated.format])
    return {"seed": SEED, "packs": found}


if __name__ == "__main__":
    FILE.write_text(json.dumps(figures(), indent=1) + "\n", "utf-8")
