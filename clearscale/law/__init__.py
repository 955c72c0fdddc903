"""What a state says, as data (a folder for each state), and the code that reads it."""

from .catalog import Catalog, Charge, ChargeList
from .extract_format import Format, Saying
from .states import State, papers_of, state, state_names
from .text import trimmed

__all__ = [
    "Catalog",
    "Charge",
    "ChargeList",
    "Format",
    "Saying",
    "State",
    "papers_of",
    "state",
    "state_names",
    "trimmed",
]
