"""What the flags of a decision say, for whoever acts on it."""

from clearscale.charges.tables import Mark
from clearscale.law import state
from clearscale.runs.decisions import SYNTHETIC

_SYNTHETIC = state().charges.marked("synthetic")

FLAG_WORDS = {
    "rests-on-missing-date": "the rule that decided looked at a date that is missing, and counted it as long ago",
    "no-conviction-date": "the conviction has no date",
    "charge-in-comment": "the charge was read from the comment, because the field for it is empty",
    "set-aside": "a later row says that the conviction was set aside and dismissed "
    f"({' '.join(state().format.says.set_aside.law)})",
    "reduced": "a later row says that it was reduced to a misdemeanor",
    "cleared-earlier": "a row says that it was vacated, dismissed, or cleared by an earlier proceeding",
    "another-offense-charged": "convicted of another offense than charged; the rules looked at the charge",
    "implausible-date": "its date, or that of birth, cannot be right",
    "unclear-record": "the record holds a Prop 64 court action without an outcome, or a charge that nearly is one",
    "unreadable-date": "its date, or that of birth, is not blank and cannot be read; it counts as missing",
    "contradictory-subject": "the person's records tell several numbers, names, birth dates or sexes",
    "contradictory-person": "the person's copies, in this extract or others, tell several names or birth dates",
    SYNTHETIC: f"the code section is {_SYNTHETIC.label}, a synthetic drug, not marijuana",
}
"""What flags of decisions say. Flags that only name the copy of a record that a decision is on are left out."""

COPY_WORDS = {
    "other-county": "the conviction is of another county than the extract",
    "superseded-copy": "another copy of the person's record is the one that the state's figures count",
}
"""What the flags say that are left out above."""

CHARGE_FLAGS = {
    Mark.AMENDED: ("amended", "the charge was amended; the amended one was decided"),
    Mark.REVOKED: ("probation-revoked", "probation was revoked"),
    Mark.DOUBTFUL_DATE: ("doubtful-date", "a date of it could not be read, or cannot be right"),
    Mark.REGISTERED: ("registered", "the person is on a register"),
    Mark.DECEASED: ("deceased", "the person has died"),
    Mark.NO_KEY: ("unknown-person", "nobody knows whose charge it is, and so what else the person has"),
}
"""Marks of a charge and its person: what lists call them, and what they say."""


def words_of(flags: str) -> str:
    """What several flags say, a sentence each. flags: separated by semicolons."""
    return "; ".join(_WORDS.get(flag, flag) for flag in flags.split(";") if flag)


_WORDS = FLAG_WORDS | COPY_WORDS | dict(CHARGE_FLAGS.values())
