"""Names of fabricated people as one clerk and another spell them: slips, twins, names that were changed.

All of it is drawn from the person and the case, so that a record's spelling depends on nothing that came before.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from .names import drawn_name

_EPOCH = date(1970, 1, 1)
_TWIN, _MARRIED, _JUNIOR, _MIDDLE, _NUMBERED = 0.02, 0.08, 0.03, 0.6, 0.7
"""Shares: of people who are the twin of the one before, of women whose name was changed, and so on."""

_SLIPS: dict[str, float] = {
    "letter": 0.03,
    "initial": 0.25,
    "no middle name": 0.2,
    "hyphen": 0.05,
    "exchanged names": 0.005,
    "day and month": 0.012,
    "digit of the birth date": 0.02,
    "no birth date": 0.01,
    "no number": 0.15,
    "digit of the number": 0.01,
}
"""How often a case has each slip."""


@dataclass(frozen=True)
class Spelled:
    """A person as the records of a case have them; born: None where they do not say."""

    first: str
    middle: str
    last: str
    born: date | None
    number: str

    def texts(self) -> Mapping[str, str]:
        """By the roles of a map's `identity`."""
        first = " ".join(filter(None, (self.first, self.middle)))
        return {
            "first_name": self.first,
            "middle_name": self.middle,
            "last_name": self.last,
            "name": f"{self.last}, {first}",
        }


@dataclass(frozen=True)
class Person:
    """A person as they are. married: their last name of later cases, if another."""

    first: str
    middle: str
    last: str
    married: str
    born: date
    number: str


def person_of(seed: int, serial: int, birth: int, sex: str, before: Person | None) -> Person:
    """A person.

    Parameters
    ----------
    seed, serial
        What they are drawn by.
    birth
        Days since 1970-01-01.
    sex
        Of whom names are changed by marriage more often.
    before
        The person of the serial before; None for the first.

    Returns
    -------
    Person
    """
    chance = random.Random(f"name {seed} {serial}")
    first, last = drawn_name(chance)
    middle = drawn_name(chance)[0] if chance.random() < _MIDDLE else ""
    married = drawn_name(chance)[1] if sex == "F" and chance.random() < _MARRIED else ""
    born = _EPOCH + timedelta(birth)
    if chance.random() < _JUNIOR:
        last = f"{last} JR"
    if before is not None and chance.random() < _TWIN:
        born, last = before.born, before.last
    number = f"D{chance.randrange(10**7):07d}" if chance.random() < _NUMBERED else ""
    return Person(first, middle, last, married, born, number)


def spelled(seed: int, serial: int, case: int, who: Person) -> Spelled:
    """How the records of a case spell a person."""
    chance = random.Random(f"spelling {seed} {serial} {case}")
    slips = {slip for slip, share in _SLIPS.items() if chance.random() < share}
    first, middle, last = who.first, who.middle, who.married if case and who.married else who.last
    number, born = who.number, f"{who.born:%Y%m%d}"
    if "letter" in slips:
        first, last = (_slipped(first, chance), last) if chance.random() < 0.5 else (first, _slipped(last, chance))
    if "no middle name" in slips:
        middle = ""
    elif "initial" in slips:
        middle = middle[:1]
    if "hyphen" in slips:
        last = f"{last}-{drawn_name(chance)[1]}"
    if "exchanged names" in slips:
        first, last = last, first
    if "digit of the birth date" in slips:
        place = chance.choice((3, 6, 7))
        born = f"{born[:place]}{chance.randrange(10)}{born[place + 1 :]}"
    if "day and month" in slips:
        born = f"{born[:4]}{born[6:]}{born[4:6]}"
    if "digit of the number" in slips and number:
        number = f"{number[:4]}{chance.randrange(10)}{number[5:]}"
    return Spelled(
        first,
        middle,
        last,
        None if "no birth date" in slips else _day(born, who.born),
        "" if "no number" in slips else number,
    )


def _slipped(name: str, chance: random.Random) -> str:
    """A name with a letter left out, doubled, exchanged with the next, or other."""
    place = chance.randrange(max(len(name) - 1, 1))
    before, mark, behind = name[:place], name[place], name[place + 1 :]
    return before + chance.choice((behind, mark * 2 + behind, behind[:1] + mark + behind[1:], "E" + behind))


def _day(text: str, otherwise: date) -> date:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return otherwise
