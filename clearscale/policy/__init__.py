"""Policies: rules over facts, and where they come from."""

from .gogen_options import gogen_policy
from .model import DISMISS, DISMISSED, NO_RELIEF, REDUCE, REDUCED, Condition, Policy, Rule
from .named import DISMISS_ALL, DISMISS_ALL_AND_RELATED, NAMED, load_policy

__all__ = [
    "DISMISS",
    "DISMISSED",
    "DISMISS_ALL",
    "DISMISS_ALL_AND_RELATED",
    "NAMED",
    "NO_RELIEF",
    "REDUCE",
    "REDUCED",
    "Condition",
    "Policy",
    "Rule",
    "gogen_policy",
    "load_policy",
]
