"""What a state says, as data (a folder for each state), and the code that reads it."""

from .catalog import Catalog, Charge, ChargeList
from .counties import Counties, County, Published
from .people import People, Race
from .states import State, state
from .text import charge_is_in_comment, code_section, trimmed

__all__ = [
    "Catalog",
    "Charge",
    "ChargeList",
    "Counties",
    "County",
    "People",
    "Published",
    "Race",
    "State",
    "charge_is_in_comment",
    "code_section",
    "state",
    "trimmed",
]
