"""What a report and the page of a sweep give away together, judged from their HTML alone.

Somebody reads all pages of both, and knows what each policy of the sweep makes of a conviction beside what the
report's makes of it: both are asked of everybody that there can be, by rules written here once more.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, combinations, product
from typing import Any

import numpy as np

from .published import HIDDEN, SECTIONS, Cell, Pages, Reader
from .reading_pages import Read, figure

Options = Mapping[str, Any]
DISMISS, REDUCE, NEITHER = "Dismiss", "Reduce to a misdemeanor", "No determination"
WORTH = {NEITHER: 0, REDUCE: 1, DISMISS: 2}
COLUMNS = ("dismissed", "reduced", "relief", "felony", "conviction", "recent")
"""Of the table of a sweep's page."""

CONVICTIONS, PEOPLE = COLUMNS[:2], COLUMNS[2:]


def decided(options: Options, sections: Sequence[str], felony: bool, facts: Mapping[str, int]) -> tuple[str, str]:
    """What the counties' options make of a conviction: decision and reason, in words of the pages."""
    chosen, relief = options["baselineEligibility"], options["additionalRelief"]
    if not felony:
        return DISMISS, "Misdemeanor or Infraction"
    for section in SECTIONS:
        if section in chosen["dismiss"] and section in sections:
            return DISMISS, f"Dismiss all HS {section} convictions"
    if relief.get("subjectUnder21AtConviction") and facts["young"]:
        return DISMISS, "21 years or younger"
    for name, key, words in (
        ("age", "subjectAgeThreshold", "{} years or older"),
        ("since", "yearsSinceConvictionThreshold", "Conviction occurred {} or more years ago"),
        ("free", "yearsCrimeFreeThreshold", "No convictions in the past {} years"),
    ):
        threshold = relief.get(key, 0)
        if threshold and facts[name] >= threshold:
            return DISMISS, words.format(threshold)
    for name, key, words in (
        ("only", "subjectHasOnlyProp64Charges", "Only has 11357-60 charges"),
        ("dead", "subjectIsDeceased", "Individual is deceased"),
    ):
        if relief.get(key) and facts[name]:
            return DISMISS, words
    for section in SECTIONS:
        if section in chosen["reduce"] and section in sections:
            return REDUCE, f"Reduce all HS {section} convictions"
    return NEITHER, "no rule holds"


def everybody(every: Sequence[Options]) -> Iterator[dict[str, int]]:
    """All combinations of what the options ask of a conviction and its person."""
    reliefs = [options["additionalRelief"] for options in every]

    def values(key: str) -> list[int]:
        return sorted({0, *(int(relief.get(key, 0)) for relief in reliefs)})

    ages, since, free = map(
        values, ("subjectAgeThreshold", "yearsSinceConvictionThreshold", "yearsCrimeFreeThreshold")
    )
    both = [
        (years, clear)
        for years, clear in product(since, free)
        # The latest conviction is not before this one: where the years are between two thresholds, the most.
        if clear <= min([later - 1 for later in since if later > years], default=999)
    ]
    for age, (years, clear), young, only, dead in product(ages, both, (0, 1), (0, 1), (0, 1)):
        yield {"age": age, "since": years, "free": clear, "young": young, "only": only, "dead": dead}


class ReaderOfBoth(Reader):
    """Somebody who reads a report and the page of a sweep. swept: the options of the page's policies, in its order.

    page: the sweep's, along one parameter. values: its table as it is, without what is hidden.
    """

    def __init__(
        self, shown: Pages, exact: Pages, options: Options, page: Read, values: Read, swept: Sequence[Options]
    ) -> None:
        self.swept, self.own = list(swept), options
        super().__init__(shown, exact, options)
        [told], [true] = page.tables.values(), values.tables.values()
        self.told: dict[tuple[int, str], str] = {}
        self.values: dict[tuple[int, str], int] = {}
        for policy, (texts, exacts) in enumerate(zip(told[1:], true[1:], strict=True)):
            assert texts[0] == exacts[0]
            for name, text, number in zip(COLUMNS, texts[1:], exacts[1:], strict=True):
                self.told[policy, name], self.values[policy, name] = text, figure(number)
        self._add_sweep()

    @cached_property
    def refined(self) -> list[tuple[str, str, str, str, tuple[str, ...]]]:
        """Section, severity, decision, reason, and what each policy of the sweep makes of it."""
        found: dict[tuple[str, str, str, str, tuple[str, ...]], None] = {}
        facts = list(everybody([self.own, *self.swept]))
        for place, section in enumerate(SECTIONS):
            others = SECTIONS[:place] + SECTIONS[place + 1 :]
            # The leftmost one; any others may stand behind it.
            named = [(section, *more) for size in range(4) for more in combinations(others, size)]
            for sections, felony, of_person in product(named, (True, False), facts):
                outcome = decided(self.own, sections, felony, of_person)
                if outcome in self.reasons:
                    vector = tuple(decided(options, sections, felony, of_person)[0] for options in self.swept)
                    found[section, "felony" if felony else "other", *outcome, vector] = None
        return list(found)

    def form(self, place: str, what: Cell) -> dict[int, float]:
        kind, *rest = what
        if place or kind not in ("convictions", "swept"):
            return super().form(place, what)
        if kind == "convictions":
            section, severity, decision, reason = rest
            return {
                self.program.atom(("", *atom)): 1
                for atom in self.refined
                if section in ("", atom[0])
                and severity in ("", atom[1])
                and decision in ("", atom[2])
                and reason in ("", atom[3])
            }
        policy, name = rest
        if name in CONVICTIONS:
            wanted = (DISMISS, REDUCE)[CONVICTIONS.index(name)]
            return {self.program.atom(("", *atom)): 1 for atom in self.refined if atom[4][policy] == wanted}
        if all(WORTH[atom[2]] == WORTH[atom[4][policy]] for atom in self.refined):
            return super().form("", ("people", name, "", ()))
        return {self.program.atom(("", "swept", name, tuple(atom[4][policy] for atom in self.refined))): 1}

    def _less(self, one: int, other: int) -> bool:
        return all(WORTH[atom[4][one]] <= WORTH[atom[4][other]] for atom in self.refined)

    def _sweep(self, policy: int, name: str) -> dict[int, float]:
        return self.form("", ("swept", policy, name))

    def _add_sweep(self) -> None:
        add = self.program.row
        every = self.form("", ("people", "with", "", ()))
        convictions = self.form("", ("convictions", "", "", "", ""))
        for policy in range(len(self.swept)):
            dismissed, reduced, relief, *left = (self._sweep(policy, name) for name in COLUMNS)
            add(0, np.inf, (1, every), (-1, relief))
            add(0, np.inf, (1, dismissed), (1, reduced), (-1, relief))
            add(0, np.inf, (1, convictions), (-1, dismissed), (-1, reduced), (-1, every), (1, relief))
            for form in left:
                add(0, np.inf, (1, relief), (-1, form))
        for one, other in product(range(len(self.swept)), repeat=2):
            if one != other and self._less(one, other):
                for name in PEOPLE:
                    more = (1, self._sweep(other, name)), (-1, self._sweep(one, name))
                    add(0, np.inf, *more)
                    relieved = CONVICTIONS if name in ("relief", "felony") else CONVICTIONS[:1]
                    parts = [(way, self._sweep(at, of)) for of in relieved for way, at in ((1, other), (-1, one))]
                    add(0, np.inf, *parts, *((-way, form) for way, form in more))
        self._add_pairs()
        for (policy, name), text in self.told.items():
            form = self._sweep(policy, name)
            if text == HIDDEN:
                add(1, np.inf, (1, form))
            else:
                add(figure(text), figure(text), (1, form))

    def _add_pairs(self) -> None:
        """Who has relief where either of two policies gives it has it from one; with all relieved, by both."""
        vectors = np.array([[WORTH[decision] for decision in atom[4]] for atom in self.refined]).T
        for one, other, third in product(range(len(vectors)), repeat=3):
            for names, joined in (
                (PEOPLE[:1], np.maximum(vectors[one], vectors[other])),
                (PEOPLE[1:], np.minimum(vectors[one], vectors[other])),
            ):
                if one < other and (vectors[third] == joined).all():
                    for fourth in range(len(vectors)):
                        beyond = [(fourth, at) if names == PEOPLE[:1] else (at, fourth) for at in (one, other)]
                        if all(self._less(*pair) for pair in beyond):
                            way = 1.0 if names == PEOPLE[:1] else -1.0
                            for name in names:
                                parts = [(way, one), (way, other), (-way, third), (-way, fourth)]
                                self.program.row(0, np.inf, *((at, self._sweep(k, name)) for at, k in parts))

    def secrets(self) -> dict[tuple[str, Cell], tuple[int, dict[int, float]]]:
        """Those of the report, small counts of the page, and small differences of people between two policies."""
        found = super().secrets()
        with_prop64 = self.exact["", ("people", "with", "", ())], self.form("", ("people", "with", "", ()))
        several: list[tuple[Cell, list[tuple[int, int, dict[int, float]]]]] = []
        for policy in range(len(self.swept)):
            count = {name: (self.values[policy, name], self._sweep(policy, name)) for name in COLUMNS}
            several += [((name, policy), [(1, *count[name])]) for name in COLUMNS]
            several += [(("without", name, policy), [(1, *with_prop64), (-1, *count[name])]) for name in PEOPLE]
            for other in range(len(self.swept)):
                if other != policy and self._less(policy, other):
                    several += [
                        (
                            (name, policy, other),
                            [(1, self.values[other, name], self._sweep(other, name)), (-1, *count[name])],
                        )
                        for name in ("dismissed", *PEOPLE)
                    ]
        for name, parts in several:
            value = sum(way * number for way, number, _ in parts)
            if 0 < value < self.below:
                form: dict[int, float] = {}
                for way, (atom, factor) in chain(*(product([way], terms.items()) for way, _, terms in parts)):
                    form[atom] = form.get(atom, 0) + way * factor
                found["", ("swept", *name)] = value, {atom: factor for atom, factor in form.items() if factor}
        return found
