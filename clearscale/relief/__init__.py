"""Policies over charges: what becomes of each and from which day on, by charge, case and person."""

from .deciding import Decider, Decisions, decide
from .forecast import forecast
from .language import ChargePolicy, Document
from .missing import Missing, missing_words
from .outcomes import NO_CANDIDATE, OUTCOMES, Outcome
from .reading import read_policy

__all__ = [
    "NO_CANDIDATE",
    "OUTCOMES",
    "ChargePolicy",
    "Decider",
    "Decisions",
    "Document",
    "Missing",
    "Outcome",
    "decide",
    "forecast",
    "missing_words",
    "read_policy",
]
