"""What the words of a page mean, for readers from outside of an office."""

from collections.abc import Collection

from .model import Section, Terms

_AS_OF = (
    "As-of date",
    "The day by which everything is reckoned: ages, years that have passed, and what was law. It is not the day on "
    "which the page was made.",
)
_POLICY = (
    "Policy",
    "The list of rules that decides, as an office, a statute or a court has them. Its digest is a number that only "
    "this very list has.",
)
_SNAPSHOT = ("Snapshot", "What the store of records held when the run was made; it has a number of its own.")
_RUN = ("Run", "One time that all records were decided, under one policy and as of one date.")
_CHARGE = ("Charge", "What somebody was accused of: one offense in a case.")


def _hidden(below: int | None) -> tuple[tuple[str, str], ...]:
    if below is None:
        return ()
    text = (
        f"In place of a count from 1 to {below - 1}, or of one from which such a count could be computed. It does "
        "not mean zero: zeros are shown."
    )
    return (("Hidden", text),)


def of_convictions(below: int | None) -> Section:
    """Return the words of pages on convictions. below: counts under it are hidden; None hides none."""
    terms = (
        _CHARGE,
        ("Conviction", "A charge of which somebody was found guilty, or to which they pleaded guilty."),
        (
            "Felony",
            "The graver kind of crime, for which a state prison sentence may be given; a misdemeanor is less.",
        ),
        (
            "Prop 64 conviction",
            "A conviction of one of the marijuana offenses that Proposition 64 made legal or less grave; tables "
            "list them by section.",
        ),
        ("Relief", "A dismissal or a reduction."),
        ("Dismissed", "The conviction is set aside, and counts no longer as one."),
        ("Reduced", "A felony becomes a misdemeanor; it stays a conviction."),
        ("No determination", "No rule of the policy decides; a person has to."),
        ("Extract", "The criminal-history records that one county received from the Department of Justice."),
        ("Section", "A paragraph of the code of law that the charge names."),
        ("Reason", "What the rule that decided says of why."),
        ("Flag", "A mark on a decision: something in the record is missing or odd, and a person should look."),
        ("Before relief", "Among all people with these convictions, as the records stand."),
        _POLICY,
        _AS_OF,
        _RUN,
        _SNAPSHOT,
        *_hidden(below),
    )
    return _section(terms)


_OUTCOMES = {
    "dismiss": ("Dismissed", "The case or the conviction is set aside, and counts no longer as one."),
    "reduce": ("Reduced", "The conviction becomes one of a lesser offense; it stays a conviction."),
    "vacate": ("Vacated", "The judgment is taken back, as if it had not been given."),
    "expunge": ("Expunged", "The record of the charge is destroyed, or kept from nearly everybody."),
    "seal": ("Sealed", "The record stays, and most people may not see it."),
    "pardon-list": ("List for pardon", "Charges for which an office asks that they be pardoned."),
    "hand-review": ("Needs a look", "The policy leaves the charge to a person."),
    "undecided": ("Undecided", "What the record does not say could change what becomes of the charge."),
    "not-yet": ("Not due yet", "Only time has to pass until the charge has relief."),
}
"""What becomes of charges, by the name of the outcome."""


def of_charges(outcomes: Collection[str], below: int | None) -> Section:
    """Return the words of pages on charges. outcomes: those that occur. below: as of `of_convictions`."""
    terms = (
        _CHARGE,
        ("Disposition", "How a charge ended: a conviction, a dismissal, an acquittal and so on."),
        *(_OUTCOMES[name] for name in _OUTCOMES if name in outcomes),
        ("Reason", "What the rule that decided says of why."),
        _POLICY,
        _AS_OF,
        _RUN,
        _SNAPSHOT,
        *_hidden(below),
    )
    return _section(terms)


def _section(terms: tuple[tuple[str, str], ...]) -> Section:
    return Section("words", "What the words mean", (Terms(terms),))
