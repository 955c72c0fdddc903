"""Keys that name nobody, and keys with white space that would name somebody else."""

from clearscale.law import state

from .looking import Look, chosen
from .missing import names_nobody

_ROLES = state().format.roles


def notice_keys(look: Look) -> None:
    """Notice keys that are placeholders, and padded ones of subjects."""
    subjects, ids = look.coding.coded(_ROLES.subject)
    persons, numbers = look.coding.coded(_ROLES.person)
    look.note("placeholder-subjects", chosen([names_nobody(subject) for subject in ids], subjects))
    look.note("placeholder-numbers", chosen([names_nobody(number) for number in numbers], persons))
    look.note("padded-subjects", chosen([subject != subject.strip() for subject in ids], subjects))
