"""What a state says, as data (a folder for each state), and the code that reads it."""

from .catalog import Catalog, Charge, ChargeList
from .states import State, state
from .text import charge_is_in_comment, code_section, trimmed

__all__ = [
    "Catalog",
    "Charge",
    "ChargeList",
    "State",
    "charge_is_in_comment",
    "code_section",
    "state",
    "trimmed",
]
