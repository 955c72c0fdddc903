"""Writing fabricated files of charges in the form of any column map, and beside them what they were made of.

`truth.csv` has a row for each record, in their order: who and what it is, told by what was drawn and never read
from a record. `truth.json`, written last, has the counts.
"""

import csv
import io
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from clearscale.errors import ClearscaleError
from clearscale.formats import ColumnMap
from clearscale.formats.column_map import YES_NO, several
from clearscale.formats.days import written_day
from clearscale.io.all_or_nothing import whole_file
from clearscale.io.files import Folder
from clearscale.law import state

from .charge_facts import GROUP, Charge, Recipe, Version, day_of
from .spelled_names import Person, Spelled, person_of, spelled

TRUTH, COUNTS = "truth.csv", "truth.json"
TRUE = (
    *("line", "person", "key", "case", "sequence", "birth_date", "arrest_date", "filing_date", "disposition_date"),
    *("amended", "code", "section", "subsection", "inchoate", "level", "class", "disposition"),
    *("grams", "grams_told", "outcome"),
    *("sentence_end_date", "supervision_end_date", "revoked", "registered", "deceased"),
)
"""Columns of `truth.csv`."""

_STEP, _START, _COUNT = 7_368_787_409, 1_029_384_757, 10**8
"""A bijection of numbers of eight digits, so that a person's does not tell their place."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class FabricatedCharges:
    """A file of charges that was made: its format, its URL, how many records, people and cases it has."""

    format: str
    path: str
    rows: int
    people: int
    cases: int


def recipe_for(stated: ColumnMap) -> Recipe:
    """What files of a map are made of: what its state says, or what is of no state."""
    name = stated.document.get("state")
    if name is not None and "ending" in state(name).fabricated:
        return Recipe(state(name).fabricated, state(name).statutes.amounts)
    return Recipe(_generic(), stated.statutes.amounts)


@cache
def _generic() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("generic-charges.toml").read_text("utf-8"))


def fabricate_charges(
    out: str, stated: ColumnMap, *, people: int | None, seed: int, progress: Progress | None = None
) -> FabricatedCharges:
    """Write a fabricated file in the form of a map, and what it was made of, under the fsspec URL `out`.

    The same arguments give the same bytes. Existing files of the same names are replaced.

    Parameters
    ----------
    out
        Folder: `NAME.csv`, `truth.csv` and `truth.json` are put there.
    stated
        The map.
    people
        How many; None for as many as were published.
    seed
        Of all that is drawn.
    progress
        Is called with the people written so far, and those to write.

    Returns
    -------
    FabricatedCharges

    Raises
    ------
    ClearscaleError
        If files of this format cannot be made here.
    """
    if stated.document.get("extract"):
        raise ClearscaleError(
            f"{stated.name} is the state's own extract: `clearscale synth` without --format fabricates it"
        )
    recipe = recipe_for(stated)
    total = people if people is not None else int(recipe.stated["people"])
    folder, root = Folder(out), out.rstrip("/")
    folder.remove(COUNTS)
    path = f"{root}/{stated.name}.csv"
    made = _Writer(stated, recipe, seed)
    with whole_file(path) as records, whole_file(f"{root}/{TRUTH}") as truth:
        records.write(made.header())
        truth.write((",".join(TRUE) + "\n").encode())
        for start in range(0, total, GROUP):
            size = min(GROUP, total - start)
            rows, facts = made.group(start, size)
            records.write(rows)
            truth.write(facts)
            if progress is not None:
                progress(start + size, total)
    folder.write_json(COUNTS, made.counts(total), lasting=True)
    return FabricatedCharges(stated.name, path, made.rows, total, made.cases)


class _Writer:
    """Turns facts into records of a map. rows, cases: so many were written."""

    def __init__(self, stated: ColumnMap, recipe: Recipe, seed: int) -> None:
        self.map, self.recipe, self.seed = stated, recipe, seed
        self.rows = self.cases = 0
        self.counted: dict[str, Counter[str]] = {
            "outcome": Counter(),
            "disposition": Counter(),
            "section": Counter(),
        }
        self._texts = {kind: self._said(kind) for kind in stated.words}
        self._who: tuple[int, Person] | None = None
        self._dates = {column: stated.dates(column)[0][0] for column in stated.columns if stated.dates(column)[0]}

    def _said(self, kind: str) -> dict[str, list[str]]:
        """Texts of each meaning, of those that mean nothing else."""
        words = self.map.words[kind]
        return {
            meaning: [text for word in texts if words.meaning(text := word.replace("*", "").strip()) == meaning]
            for meaning, texts in self.map.document["values"][kind].items()
        }

    def header(self) -> bytes:
        """The first line, if files have one."""
        form = self.map.form
        above = "Fabricated charges\n" * form.skip
        names = "" if form.header == "none" else form.separator.join(self.map.columns) + "\n"
        return (above + names).encode(form.encoding)

    def group(self, start: int, people: int) -> tuple[bytes, bytes]:
        """(records, what they were made of) of some people."""
        facts = io.StringIO()
        truth = csv.writer(facts, lineterminator="\n")
        lines = []
        for charge in self.recipe.charges(self.seed, people, start):
            lines.append(self._line(charge))
            self.rows += 1
            self.cases += charge.number == 1
            truth.writerow(self._truth(charge))
        return "".join(lines).encode(self.map.form.encoding), facts.getvalue().encode()

    def _line(self, charge: Charge) -> str:
        row = dict(self._filled(charge))
        form = self.map.form
        cells = []
        for column in self.map.columns:
            text = row.get(column, "")
            if form.quote and (form.separator in text or form.quote in text):
                text = f"{form.quote}{text.replace(form.quote, form.quote * 2)}{form.quote}"
            elif not form.quote:
                text = text.replace(form.separator, " ")
            cells.append(text)
        return form.separator.join(cells) + "\n"

    def _filled(self, charge: Charge) -> Iterator[tuple[str, str]]:
        """(column, text) of each column that has one."""
        stated = self.map.charge
        for column, template in self.recipe.stated["filler"].items():
            yield (
                column,
                template.format(number=_number(charge.person * 31 + charge.case), place=charge.race % 9000 + 100),
            )
        numbers = stated.get("person", ())
        skipped = len(numbers) > 1 and self._skips(charge.person)
        yield from (
            (column, str(_number(charge.person) + place))
            for place, column in enumerate(numbers[:2])
            if place or not skipped
        )
        yield from self._dated(charge)
        yield from self._named(charge)
        yield from self._put("case", self._case(charge))
        yield from self._put("sequence", f"{charge.number:03d}")
        yield from self._put("sex", self._word("sex", charge.sex, charge))
        yield from self._put("race", self._any("race", charge))
        yield from self._placed(charge)
        yield from self._put("disposition", self._word("disposition", charge.disposition, charge))
        for role in YES_NO:
            said = getattr(charge, role)
            yield from self._put(role, "" if said is None else self._word(role, "yes" if said else "no", charge))
        yield from self._version(charge.first, stated, charge)
        if charge.amended is not None:
            yield from self._version(charge.amended, self.map.amended, charge)
        if self.map.rows is not None and "is" in self.map.document["rows"]:
            yield self.map.rows.column, self.map.document["rows"]["is"][0].replace("*", "")

    def _placed(self, charge: Charge) -> Iterator[tuple[str, str]]:
        """County and court: those that the recipe states, or a county of no state."""
        text = self.recipe.county(self.seed, charge.person) or "Example"
        if "column" in self.map.county:
            yield self.map.county["column"], text
        place = None if self.map.places is None else self.map.places.county(text)
        if place is not None and place.court is not None:
            yield from self._put("court", place.court.name)

    def _put(self, role: str, text: str) -> Iterator[tuple[str, str]]:
        if role in self.map.charge:
            yield self.map.charge[role][0], text

    def _dated(self, charge: Charge) -> Iterator[tuple[str, str]]:
        none = charge.disposition == "none"
        days = {
            "birth_date": charge.birth,
            "offense_date": charge.arrest,
            "arrest_date": charge.arrest,
            "filing_date": charge.filed,
            "disposition_date": charge.disposed,
            "sentence_date": charge.disposed if charge.disposition == "convicted" else None,
            "sentence_end_date": charge.sentence_end,
            "supervision_end_date": charge.supervision_end,
        }
        for role, day in days.items():
            blank = (none and role == "disposition_date") or (not charge.arrest_known and role in _ARREST)
            if role in self.map.charge and day is not None and not blank:
                column = self.map.charge[role][0]
                yield column, written_day(day, self._dates[column])

    def _named(self, charge: Charge) -> Iterator[tuple[str, str]]:
        """Who it is, where people have no key; the birth date that is drawn with a name replaces the other."""
        stated = self.map.identity
        if not stated:
            return
        found = self._spelled(charge)
        texts = found.texts()
        yield from ((columns[0], texts[role]) for role, columns in stated.items() if role in texts)
        yield from ((column, found.number) for column in stated.get("numbers", ())[:1])
        column = self.map.charge["birth_date"][0]
        yield column, "" if found.born is None else written_day(day_of(found.born), self._dates[column])

    def _spelled(self, charge: Charge) -> Spelled:
        serial, last = charge.person, self._who
        if last is None or last[0] != serial:
            before = last[1] if last and last[0] == serial - 1 and serial % GROUP else None
            self._who = last = (serial, person_of(self.seed, serial, charge.birth, charge.sex, before))
        return spelled(self.seed, serial, charge.case, last[1])

    def _version(self, version: Version, columns: Any, charge: Charge) -> Iterator[tuple[str, str]]:
        texts = {
            "statute": version.text,
            "description": version.words,
            "level": self._word("level", version.level, charge),
            "class": self._class_word(version, columns, charge),
        }
        if not version.inchoate and ("code" in columns or "subsection" in columns):
            # Where a part has no column of its own, it stands in the statute's.
            before = "" if "code" in columns else f"{version.code} "
            behind = "" if "subsection" in columns else version.subsection
            texts |= {
                "code": version.code,
                "statute": f"{before}{version.section}{behind}",
                "subsection": version.subsection,
            }
        yield from ((several(columns[role])[0], text) for role, text in texts.items() if role in columns)

    def _word(self, kind: str, meaning: str, charge: Charge) -> str:
        texts = self._texts.get(kind, {}).get(meaning) or [""]
        return texts[(charge.race + charge.case * 7) % len(texts)]

    def _class_word(self, version: Version, columns: Any, charge: Charge) -> str:
        """A text for the class; where its column says the level, too, one that says both."""
        if columns.get("level") != columns.get("class"):
            return self._word("class", version.grade, charge)
        texts = self._texts["class"].get(version.grade, [])
        both = [text for text in texts if self.map.words["level"].meaning(text) == version.level]
        return both[0] if both else self._word("level", version.level, charge)

    def _any(self, kind: str, charge: Charge) -> str:
        meanings = list(self._texts.get(kind, {}))
        return self._word(kind, meanings[charge.race % len(meanings)], charge) if meanings else ""

    def _skips(self, person: int) -> bool:
        share: float = self.recipe.stated["no_number"]
        return _number(person) % 1000 < 1000 * share

    def _case(self, charge: Charge) -> str:
        year = 1970 + int(charge.filed / 365.2425)
        return f"{year % 100:02d}CR{charge.person * 21 + charge.case:08d}"

    def _truth(self, charge: Charge) -> list[str]:
        counts = charge.counts
        numbers = self.map.charge.get("person", ())
        key = str(_number(charge.person))
        if len(numbers) > 1 and self._skips(charge.person):
            key = f"{numbers[1]}:{_number(charge.person) + 1}"
        none, blank = charge.disposition == "none", not charge.arrest_known
        days = (charge.birth, None if blank else charge.arrest, charge.filed, None if none else charge.disposed)
        for kind, value in (
            ("outcome", charge.outcome),
            ("disposition", charge.disposition),
            ("section", counts.section),
        ):
            self.counted[kind][value] += 1
        first = self.map.form.skip + (self.map.form.header != "none")
        return [
            str(self.rows + first),
            str(charge.person),
            key if numbers else "",
            self._case(charge),
            f"{charge.number:03d}",
            *("" if day is None else written_day(day, "YYYY-MM-DD") for day in days),
            str(charge.amended is not None).lower(),
            counts.code,
            counts.section,
            counts.subsection,
            counts.inchoate,
            counts.level,
            counts.grade,
            charge.disposition,
            "" if charge.grams is None else f"{charge.grams:g}",
            str(charge.grams is not None and counts.told).lower(),
            charge.outcome,
            *(
                "" if day is None else written_day(day, "YYYY-MM-DD")
                for day in (charge.sentence_end, charge.supervision_end)
            ),
            *("" if (said := getattr(charge, role)) is None else str(said).lower() for role in YES_NO),
        ]

    def counts(self, people: int) -> dict[str, Any]:
        """What was made, as `truth.json` has it."""
        counted = {name: dict(sorted(values.items())) for name, values in self.counted.items()}
        return {"format": self.map.name, "rows": self.rows, "people": people, "cases": self.cases, **counted}


_ARREST = ("arrest_date", "offense_date")


def _number(serial: int) -> int:
    return (serial * _STEP + _START) % _COUNT * 10
