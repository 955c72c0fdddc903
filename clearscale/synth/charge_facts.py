"""What fabricated files of charges are made of: people, their cases, and charges as facts, before any text."""

import math
import random
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate
from typing import Any

from clearscale.law.amounts import Amounts

from .charge_outcomes import judge_of

_EPOCH = date(1970, 1, 1).toordinal()
GROUP = 500
"""People that are drawn from one random stream."""

_CONVICTED = "convicted"
_NONE = "none"


def day_of(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH


class Choice:
    """Things to choose from by their weights."""

    def __init__(self, values: Sequence[Any], weights: Sequence[float]) -> None:
        self._values = values
        self._sums = list(accumulate(weights))

    @classmethod
    def by_weight(cls, stated: Sequence[Mapping[str, Any]]) -> "Choice":
        """Of tables that say their weights."""
        return cls(stated, [table["weight"] for table in stated])

    def place(self, chance: random.Random) -> int:
        """The place of one of them."""
        return bisect(self._sums, chance.random() * self._sums[-1])

    def pick(self, chance: random.Random) -> Any:
        """One of them."""
        return self._values[self.place(chance)]


_SEXES = Choice(["M", "F", ""], [82, 17, 1])


@dataclass(frozen=True)
class Version:
    """A charge as it was filed, or as it was amended. told: whether texts say how many grams it is about."""

    text: str
    words: str
    code: str
    section: str
    subsection: str
    inchoate: str
    level: str
    grade: str
    told: bool


@dataclass(frozen=True)
class Charge:
    """A charge. amended: None if it never was, as grams where it is about none. outcome: what becomes of it.

    From sentence_end on: None where it has none, or the recipe knows nothing of it.
    """

    person: int
    case: int
    number: int
    birth: int
    sex: str
    race: int
    arrest: int
    arrest_known: bool
    filed: int
    disposed: int
    disposition: str
    first: Version
    amended: Version | None
    grams: float | None
    outcome: str
    sentence_end: int | None = None
    supervision_end: int | None = None
    revoked: bool | None = None
    registered: bool | None = None
    deceased: bool | None = None

    @property
    def counts(self) -> Version:
        """The version that counts."""
        return self.amended or self.first


class Recipe:
    """How often what is met; see the files `fabricated.toml` of states. amounts: what subsections mean."""

    def __init__(self, stated: Mapping[str, Any], amounts: Amounts) -> None:
        self.stated = stated
        self.amounts = amounts
        self.first, self.last = day_of(stated["first"]), day_of(stated["last"])
        self._endings = Choice.by_weight(stated["ending"])
        self._grams = [
            Choice(ending["grams"], [part[2] for part in ending["grams"]]) if "grams" in ending else None
            for ending in stated["ending"]
        ]
        self._kinds = [
            Choice([*ending["dispositions"]], [*ending["dispositions"].values()]) for ending in stated["ending"]
        ]
        self._sections = Choice.by_weight(stated["graded"] if "graded" in stated else stated["charged"])
        self._offenses = Choice.by_weight(stated["offense"])
        self._others = Choice(range(len(stated["others"])), stated["others"])
        counties = stated.get("counties", {})
        self._counties = Choice([*counties], [*counties.values()]) if counties else None
        self._judge = judge_of(stated.get("relief"))
        # Spellings by whether those of early days are among them.
        spellings = stated.get("spelling", ())
        self._until = max(
            (day_of(spelling["until"]) for spelling in spellings if "until" in spelling), default=None
        )
        self._late = Choice.by_weight([spelling for spelling in spellings if "until" not in spelling])
        self._early = Choice.by_weight(spellings)

    def county(self, seed: int, person: int) -> str:
        """What records call the county of a person's cases; blank where the recipe states none."""
        return "" if self._counties is None else str(self._counties.pick(random.Random(f"county {seed} {person}")))

    def charges(self, seed: int, people: int, first: int = 0) -> Iterator[Charge]:
        """Charges of so many people, from the one of that serial number on, which is a multiple of GROUP."""
        for start in range(first, first + people, GROUP):
            chance = random.Random(f"charges {seed} {start}")
            for person in range(start, min(start + GROUP, first + people)):
                found = self._person(chance, person)
                if "sentence" in self.stated:
                    found = self._sentenced(seed, person, found)
                yield from self._judged([*found])

    def _judged(self, charges: list[Charge]) -> list[Charge]:
        """A person's charges with what becomes of them, where that takes all of them together."""
        if self._judge is None:
            return charges
        outcomes = self._judge(charges)
        return [replace(charge, outcome=outcome) for charge, outcome in zip(charges, outcomes, strict=True)]

    def _sentenced(self, seed: int, person: int, charges: Iterator[Charge]) -> Iterator[Charge]:
        """Charges with what becomes of those who are sentenced, from a stream of the person's own."""
        stated = self.stated["sentence"]
        chance = random.Random(f"sentences {seed} {person}")
        registered, deceased = (chance.random() < stated[name] for name in ("registered", "deceased"))
        for charge in charges:
            end = supervised = revoked = None
            if charge.disposition == _CONVICTED:
                end = charge.disposed + chance.randrange(*stated["days"][charge.counts.level])
                if chance.random() < stated["supervised"]:
                    supervised = end + chance.randrange(*stated["supervision_days"])
                    revoked = chance.random() < stated["revoked"]
            yield replace(
                charge,
                sentence_end=end,
                supervision_end=supervised,
                revoked=revoked,
                registered=registered,
                deceased=deceased,
            )

    def _person(self, chance: random.Random, person: int) -> Iterator[Charge]:
        sex, race = _SEXES.pick(chance), chance.randrange(1 << 16)
        arrest = chance.randrange(self.first, self.last)
        birth = arrest - int(365.25 * (16 + 34 * chance.random() ** 2))
        case = 0
        while True:
            yield from self._case(chance, person, case, arrest, (birth, sex, race))
            case += 1
            if case > 20 or chance.random() >= self.stated["another_case"]:
                return
            arrest = min(arrest + chance.randrange(30, 2500), self.last)

    def _case(
        self, chance: random.Random, person: int, case: int, arrest: int, who: tuple[int, str, int]
    ) -> Iterator[Charge]:
        ending = self._endings.place(chance)
        filed = arrest + chance.randrange(0, 3)
        disposed = filed + chance.randrange(20, 500)
        known = chance.random() >= self.stated["no_arrest_date"]
        others = [self._other(chance) for _ in range(self._others.pick(chance))]
        violent = any(is_violent for _, is_violent in others)
        grams = self._weight(chance, ending)
        kind = self._kinds[ending].pick(chance)
        first, amended = self._main(chance, grams, arrest)
        counts = amended or first
        outcome = "" if grams is None else self._outcome(counts, kind, arrest if known else None, grams, violent)
        common = (*who, arrest, known, filed, disposed)
        yield Charge(person, case, 1, *common, kind, first, amended, grams, outcome)
        for number, (version, _) in enumerate(others, start=2):
            yield Charge(person, case, number, *common, self._other_kind(chance, kind), version, None, None, "")

    def _weight(self, chance: random.Random, ending: int) -> float | None:
        """How many grams a case is about; None where the recipe's offenses do not go by weight."""
        drawn = self._grams[ending]
        if drawn is None:
            return None
        low, high, _ = drawn.pick(chance)
        return round(math.exp(chance.uniform(math.log(low), math.log(high))), 2)

    def _other_kind(self, chance: random.Random, kind: str) -> str:
        """How another charge of a case ends: where there is a conviction, some charges are dropped for a plea."""
        share = self.stated.get("dropped", 0)
        return "dismissed" if share and kind == _CONVICTED and chance.random() < share else kind

    def _main(self, chance: random.Random, grams: float | None, arrest: int) -> tuple[Version, Version | None]:
        """(the charge as it was filed, as it was amended or None)."""
        drawn = self._sections.pick(chance)
        if grams is None:
            counts = self._charged(chance, drawn)
            was = chance.random() < self.stated["amended"]
            return (self._charged(chance, self._sections.pick(chance)), counts) if was else (counts, None)
        sections = self.stated["graded"]
        if chance.random() < self.stated["amended"]:
            # What is amended was first charged as the section that is graver, the last one.
            return self._graded(chance, sections[-1], grams, arrest), self._graded(chance, drawn, grams, arrest)
        return self._graded(chance, drawn, grams, arrest), None

    def _charged(self, chance: random.Random, drawn: Mapping[str, Any]) -> Version:
        """A charge of a section that does not go by weight, at times an attempt or a conspiracy of it."""
        code, section, subsection, level, grade = drawn["is"]
        texts, inchoate = drawn["texts"], ""
        if "inchoate" in drawn and chance.random() < self.stated["attempt"]:
            other = chance.choice(drawn["inchoate"])
            texts, inchoate, (level, grade) = other["texts"], other["kind"], other["is"]
        text = chance.choice(texts)
        return Version(text, drawn["words"], code, section, subsection, inchoate, level, grade, False)

    def _graded(self, chance: random.Random, section: Mapping[str, Any], grams: float, arrest: int) -> Version:
        day = date.fromordinal(arrest + _EPOCH)
        letter, low, high = self._letter(section["code"], section["section"], grams, day)
        early = self._until is not None and arrest <= self._until
        template = (self._early if early else self._late).pick(chance)["text"]
        says = "{large}" in template or "{small}" in template
        text = template.format(section=section["section"], large=letter.upper(), small=letter)
        words = chance.choice(section["words"])
        described = bool(letter) and chance.random() < self.stated["amount_in_words"]
        if described:
            words += f" {low:g}-{high:g} GRAM" if high != math.inf else f" OVER {low:g} GRAM"
        inchoate = ""
        if chance.random() < self.stated["attempt"]:
            text, inchoate = self.stated["attempts"]["text"].format(of=text), self.stated["attempts"]["kind"]
        grades = next(table for table in section["grades"] if "until" not in table or day <= table["until"])
        level, grade = grades[letter]
        subsection = f"({letter})" if says and letter else ""
        return Version(
            text,
            words,
            section["code"],
            section["section"],
            subsection,
            inchoate,
            level,
            grade,
            bool(subsection) or described,
        )

    def _letter(self, code: str, section: str, grams: float, day: date) -> tuple[str, float, float]:
        """(letter of the subsection that a weight is of on a day, more than so many grams, and up to so many)."""
        for meaning in self.amounts.meanings:
            if (meaning.code, meaning.section) == (code, section) and meaning.holds(day):
                for part, (low, high) in meaning.grams.items():
                    if low < grams <= high:
                        return part.strip("()"), low, high
        return "", 0.0, math.inf

    def _other(self, chance: random.Random) -> tuple[Version, bool]:
        """(a charge of another kind, whether it is a violent crime)."""
        drawn = self._offenses.pick(chance)
        text = chance.choice(drawn["texts"])
        code, section, subsection, level, grade = drawn["is"]
        version = Version(text, drawn["words"], code, section, subsection, "", level, grade, False)
        return version, drawn.get("violent", False)

    def _outcome(self, counts: Version, kind: str, arrest: int | None, grams: float, violent: bool) -> str:
        """What becomes of a charge under the recipe's law, as far as its record can tell it.

        arrest: None where the record has no date. violent: whether a charge of the case is a violent crime.
        """
        relief = self.stated.get("relief")
        if relief is None:
            return ""
        none, undecided = str(relief["none"]), str(relief["undecided"])
        if kind == _NONE:
            return undecided
        if kind in relief["ended"]:
            return str(relief["ended"][kind])
        day = None if arrest is None else date.fromordinal(arrest + _EPOCH)
        small = None if not counts.told else grams <= relief["limit"]
        if violent:
            small = False
        if kind != _CONVICTED:
            return none if small is False else self._without_conviction(day, small)
        if small is not False:
            return undecided if small is None else str(relief["convicted"])
        motion = relief["motion"]
        if [counts.level, counts.grade] not in motion["levels"]:
            return none
        return undecided if day is None else str(motion["is"]) if day <= motion["last"] else none

    def _without_conviction(self, day: date | None, small: bool | None) -> str:
        """The window that the day of the arrest lies in. small: None where nobody knows how much it was."""
        relief = self.stated["relief"]
        if day is None:
            return str(relief["undecided"])
        windows = (span for span in relief["not_convicted"] if span.get("first", day) <= day <= span["last"])
        window = next((str(span["is"]) for span in windows), "")
        return str(relief["none"] if not window else relief["undecided"] if small is None else window)
