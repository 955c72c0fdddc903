"""What a state says, as data (a folder for each state), and the code that reads it."""

from .catalog import Catalog, Charge, ChargeList
from .counties import Counties, County, Published
from .extract_format import Format, Roles, Saying
from .people import People, Race
from .states import State, state
from .text import trimmed

__all__ = [
    "Catalog",
    "Charge",
    "ChargeList",
    "Counties",
    "County",
    "Format",
    "People",
    "Published",
    "Race",
    "Roles",
    "Saying",
    "State",
    "state",
    "trimmed",
]
