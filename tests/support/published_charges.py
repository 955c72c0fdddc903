"""What the pages of a run over charges give away together: read from their HTML, and judged anew.

Atoms are charges by county, court, outcome and reason, which no page shows. Nothing of what hides figures is used.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from unittest import mock

import numpy as np

from clearscale.outputs.report import charts
from clearscale.outputs.report.charges.page import page
from clearscale.outputs.report.charges.view import ReportedRun, View
from clearscale.outputs.report.html import html
from clearscale.outputs.report.words import county_words

from .judges import Program, ranges
from .reading_pages import Read, titles_only

BELOW, HIDDEN = 11, "hidden"
RELIEVING = ("Dismiss", "Reduce", "Vacate", "Expunge", "Seal", "List for pardon")
Key = tuple[Hashable, ...]
Form = dict[int, float]


def read_pages(source: ReportedRun) -> dict[str, Read]:
    """The pages of the state, by an empty name, and of all counties and courts, as they are published."""
    places = ["", *source.counties, *source.courts]
    found = {}
    with mock.patch.object(charts, "draw", titles_only):
        for place in places:
            made = page(View(source, place), footer="", warning="", note="", command="", version="")
            read = Read()
            read.feed(html(made))
            read.check()
            found[" / ".join(map(county_words, [place] if isinstance(place, str) else place))] = read
    return found


def exactly(source: ReportedRun) -> ReportedRun:
    """The same pages with every figure."""
    other = ReportedRun(source.run, source.below)
    other.__dict__["shown"] = other.counts.shown(None)
    return other


@dataclass
class Published:
    """Figures by what they count; None is hidden. What is not there is 0."""

    figures: dict[Key, int | None] = field(default_factory=dict)

    @classmethod
    def of(cls, pages: Mapping[str, Read]) -> "Published":
        found = cls()
        for name, read in pages.items():
            county, _, court = name.partition(" / ")
            if court:
                found._court(read, county, court)
            else:
                found._place(read, county)
        return found

    def put(self, key: Key, text: str) -> None:
        value = None if text == HIDDEN else int(text.replace(",", ""))
        if value != 0:
            assert self.figures.setdefault(key, value) == value, f"{key} is told in two ways"

    def _place(self, read: Read, county: str) -> None:
        outcomes = {}
        for outcome, reason, text in read.tables["Charges by outcome and reason"][1:-1]:
            self.put(("reason", county, outcome, reason), text)
            outcomes[outcome] = None
        self.put(("charges", county), read.tables["Charges by outcome and reason"][-1][2])
        words = list(read.figures)
        assert words[0] == "charges that the policy decides"
        for outcome, said in zip(outcomes, words[1:], strict=False):
            self.put(("charges", county, outcome), read.figures[said])
        self.put(("people", county), read.figures["people with such charges"])
        for outcome, text in read.tables["People by outcome of their charges"][1:]:
            self.put(("people", county, outcome), text)
        for name, text, _ in read.tables.get("Undecided charges by what is missing", [[]])[1:]:
            self.put(("lacking", county, name), text)
        for year, text in read.tables.get("Charges that become due, by year", [[]])[1:]:
            self.put(("due", county, year), text)
        if not county:
            self._state(read)
        if courts := read.tables.get("Charges by court and outcome"):
            self._courts(courts, county)

    def _state(self, read: Read) -> None:
        if counties := read.tables.get("Charges by county and outcome, and people"):
            head, *rows, total = counties
            for row in [*rows, ["", *total[1:]]]:
                for outcome, text in zip(head[1:-2], row[1:-2], strict=True):
                    self.put(("charges", row[0], outcome), text)
                self.put(("charges", row[0]), row[-2])
                self.put(("people", row[0]), row[-1])
        for dimension in ("race", "sex", "age"):
            for name, whole, _, part, _ in read.tables.get(f"People by {dimension}", [[]])[1:]:
                keys = ("people", ""), ("relieved",)
                if name != "All":
                    keys = tuple((*key[:1], "of", dimension, name) for key in keys)
                for key, text in zip(keys, (whole, part), strict=True):
                    self.put(key, text)
        said = re.search(r"Counted from (\S+) charges of (\S+) people\.(?: Of (\S+) )?", read.text)
        assert said is not None
        for name, text in zip(("charges", "people", "unsure"), said.groups(), strict=True):
            if text is not None:
                self.put(("store", name), HIDDEN if text == "fewer" else text)

    def _courts(self, courts: list[list[str]], county: str) -> None:
        head, *rows, total = courts
        several = head[1] == "County"
        only = county or next(key[1] for key in self.figures if key[0] == "charges" and key[1])
        for row in rows:
            where, cells = (row[1], row[2:]) if several else (only, row[1:])
            self._row(("court", where, row[0]), head[1 + several : -1], cells)
        self._row(("charges", county), head[1 + several : -1], total[1 + several :])

    def _court(self, read: Read, county: str, court: str) -> None:
        _, *rows, total = read.tables["Charges by outcome"]
        self._row(("court", county, court), [row[0] for row in rows], [*(row[1] for row in rows), total[1]])

    def _row(self, key: Key, outcomes: Iterable[str], cells: list[str]) -> None:
        for outcome, text in zip(outcomes, cells[:-1], strict=True):
            self.put((*key, outcome), text)
        self.put(key, cells[-1])


def given_away(shown: Published, exact: Published) -> dict[Key, tuple[float, float]]:
    """Small figures, and small differences of people, that fewer than eleven values are left of."""
    assert shown.figures.keys() == exact.figures.keys()
    program, forms = _programmed(exact)
    small: list[tuple[Key, Form, int]] = []
    for key, form in forms.items():
        value, told = exact.figures[key] or 0, shown.figures[key]
        assert told in (None, value)
        # What a page lists is not 0, hidden or not.
        program.row(1 if told is None else value, np.inf if told is None else value, (1, form))
        if 0 < value < BELOW:
            small.append((key, form, value))
    for key, form in forms.items():
        if key[:2] == ("people", "of") and (part := ("relieved", *key[1:])) in forms:
            left = (exact.figures[key] or 0) - (exact.figures[part] or 0)
            if 0 < left < BELOW:
                small.append((("not", *key), _less(form, forms[part]), left))
        elif key[0] == "people" and len(key) == 3:
            left = (exact.figures[key[:2]] or 0) - (exact.figures[key] or 0)
            if 0 < left < BELOW:
                small.append((("not", *key), _less(forms[key[:2]], form), left))
    found = ranges(program, [form for _, form, _ in small], [value for *_, value in small], BELOW)
    return {
        key: (least, most)
        for (key, _, _), (least, most) in zip(small, found, strict=True)
        if np.floor(most + 1e-6) - np.ceil(least - 1e-6) + 1 < BELOW
    }


def _less(whole: Form, part: Form) -> Form:
    found = defaultdict(float, whole)
    for atom, factor in part.items():
        found[atom] -= factor
    return dict(found)


def _programmed(exact: Published) -> tuple[Program, dict[Key, Form]]:
    """What everybody knows of all figures, and each as a sum of atoms."""
    program, keys = Program(), list(exact.figures)
    forms: dict[Key, Form] = defaultdict(dict)
    counties = [key[1] for key in keys if key[0] == "charges" and len(key) == 2 and key[1]] or [""]
    for county in counties:
        courts = [key[2] for key in keys if key[0] == "court" and key[1] == county and len(key) == 3] or [None]
        reasons = [key[2:] for key in keys if key[0] == "reason" and key[1] == county]
        for court in courts:
            for outcome, reason in reasons:
                if court is not None and ("court", county, court, outcome) not in exact.figures:
                    continue
                atom = {program.atom((county, court, outcome, reason)): 1.0}
                for place in dict.fromkeys(("", county)):
                    for key in (
                        ("charges", place),
                        ("charges", place, outcome),
                        ("reason", place, outcome, reason),
                    ):
                        forms[key] |= atom
                if court is not None:
                    forms["court", county, court] |= atom
                    forms["court", county, court, outcome] |= atom
        for kind in ("lacking", "due"):
            for key in keys:
                if key[:2] == (kind, county):
                    forms[key] = {program.atom(key): 1.0}
                    if county:
                        forms[kind, "", key[2]] |= forms[key]
    _people(program, forms, exact, counties)
    _groups(program, forms, exact)
    for place in counties:
        _parts(program, forms, exact, place)
    if ("store", "charges") in exact.figures:
        _store(program, forms, exact)
    return program, {key: forms[key] for key in keys}


def _people(program: Program, forms: dict[Key, Form], exact: Published, counties: list[Hashable]) -> None:
    of_people = [key for key in exact.figures if key[0] == "people" and key[1] != "of"]
    for key in of_people:
        forms[key] = {program.atom(key): 1.0}
        program.row(0, np.inf, (1, forms["charges", *key[1:]]), (-1, forms[key]))
        if len(key) == 3:
            program.row(0, np.inf, (1, forms.get(key[:2]) or {program.atom(key[:2]): 1.0}), (-1, forms[key]))
    for place in dict.fromkeys(("", *counties)):
        own = [key for key in of_people if key[1] == place and len(key) == 3]
        program.row(0, np.inf, *((1, forms[key]) for key in own), (-1, forms["people", place]))
    for key in of_people:
        if key[1] == "" and counties != [""]:
            parts = [("people", county, *key[2:]) for county in counties]
            parts = [part for part in parts if part in exact.figures]
            # Of how many counties people are is taken as known.
            more = sum(exact.figures[part] or 0 for part in parts) - (exact.figures[key] or 0)
            program.row(more, more, *((1, forms[part]) for part in parts), (-1, forms[key]))
            for part in parts:
                program.row(0, np.inf, (1, forms[key]), (-1, forms[part]))


def _groups(program: Program, forms: dict[Key, Form], exact: Published) -> None:
    """Each person is in one group of a dimension, with relief or without, and has relief by an outcome of it."""
    relieved = {program.atom("relieved"): 1.0}
    if ("relieved",) in exact.figures:
        forms["relieved",] = relieved
    else:
        program.row(0, 0, (1, relieved))
    program.row(0, np.inf, (1, forms["people", ""]), (-1, relieved))
    own = [forms[key] for key in exact.figures if key[:2] == ("people", "") and key[2:] and key[2] in RELIEVING]
    for form in own:
        program.row(0, np.inf, (1, relieved), (-1, form))
    program.row(0, np.inf, *((1, form) for form in own), (-1, relieved))
    of_groups = [key for key in exact.figures if key[:2] in (("people", "of"), ("relieved", "of"))]
    for key in of_groups:
        with_relief = {program.atom(("with", *key[2:])): 1.0}
        forms[key] = (
            with_relief if key[0] == "relieved" else {**with_relief, program.atom(("without", *key[2:])): 1.0}
        )
        if ("relieved", *key[1:]) not in exact.figures:
            program.row(0, 0, (1, with_relief))
    for dimension in {key[2] for key in of_groups}:
        for kind, whole in (("people", forms["people", ""]), ("relieved", relieved)):
            parts = [forms[key] for key in of_groups if key[:3] == (kind, "of", dimension)]
            program.row(0, 0, *((1, form) for form in parts), (-1, whole))


def _parts(program: Program, forms: dict[Key, Form], exact: Published, place: Hashable) -> None:
    lacking = [forms[key] for key in exact.figures if key[:2] == ("lacking", place)]
    undecided = forms.get(("charges", place, "Undecided: data missing"))
    for form in lacking:
        assert undecided is not None
        program.row(0, np.inf, (1, undecided), (-1, form))
    if lacking and undecided:
        program.row(0, np.inf, *((1, form) for form in lacking), (-1, undecided))
    due = [forms[key] for key in exact.figures if key[:2] == ("due", place)]
    if due:
        program.row(0, 0, *((1, form) for form in due), (-1, forms["charges", place, "Not yet"]))


def _store(program: Program, forms: dict[Key, Form], exact: Published) -> None:
    unsure = {program.atom("unsure"): 1.0} if ("store", "unsure") in exact.figures else {}
    if unsure:
        forms["store", "unsure"] = unsure
    forms["store", "charges"] = {**forms["charges", ""], **unsure, program.atom("others"): 1.0}
    forms["store", "people"] = {**forms["people", ""], program.atom("other people"): 1.0}
