"""What outcomes and missing data mean to who has to act on them."""

from clearscale.relief.missing import WORDS, Missing

WOULD = {
    "dismiss": "would be dismissed",
    "reduce": "would be reduced",
    "vacate": "would be vacated",
    "expunge": "would be expunged",
    "seal": "would be sealed",
    "pardon-list": "would go on the list for pardon",
    "hand-review": "need somebody to look at them",
    "not-eligible": "are not eligible",
    "undecided": "cannot be decided, since data are missing",
    "not-yet": "are not due yet",
}
"""What becomes of charges, by the name of the outcome, after a number."""

DECIDED_WORDS, PEOPLE_WORDS = "charges that the policy decides", "people with such charges"
RELIEF_WORDS = "people with charges that have relief"
"""What key figures count beside outcomes."""


def people_words(outcome: str) -> str:
    """Return what a count of people by an outcome of their charges counts."""
    return f"people with charges that {WOULD[outcome]}"


_SEXES = {"F": "Female", "M": "Male", "X": "Nonbinary"}


def group_words(dimension: str, group: str) -> str:
    """Return a group of people in words. dimension: race, sex or age."""
    if dimension == "sex":
        return _SEXES.get(group, group)
    return group.title() if dimension == "race" and group.isupper() else group


_COURT = "Look it up in the court's file"
_ASK = {
    Missing.STATUTE: "The text names no statute that is known: add its spelling to the format, or look at the file",
    Missing.AMOUNT: "Neither the subsection nor the description says how much it was: look at the court's file",
    Missing.DISPOSITION: "The record has no disposition: ask the court how the charge ended",
    Missing.PERSON: "Nobody knows whose charge it is: match people first",
    Missing.OTHERS: "Another charge of the case or the person lacks it",
}


def what_to_do(missing: str) -> str:
    """Return what helps where something is missing, as the table of a run names it."""
    found = next((bit for bit, words in WORDS.items() if words == missing), None)
    return _ASK.get(found, _COURT) if found is not None else _COURT
