"""Policies: rules over facts, and where they come from."""

from .by_county import PolicyMap
from .compiling import Program, compiled
from .county_options import gogen_policy
from .facts import FACTS, Evidence
from .finding import PACKS
from .library import load_policy
from .model import DISMISS, REDUCE, Condition, Policy, Rule
from .outcomes import AnyPolicy, Outcomes, outcomes
from .packs import DISMISS_ALL, DISMISS_ALL_AND_RELATED, pack

__all__ = [
    "DISMISS",
    "DISMISS_ALL",
    "DISMISS_ALL_AND_RELATED",
    "FACTS",
    "PACKS",
    "REDUCE",
    "AnyPolicy",
    "Condition",
    "Evidence",
    "Outcomes",
    "Policy",
    "PolicyMap",
    "Program",
    "Rule",
    "compiled",
    "gogen_policy",
    "load_policy",
    "outcomes",
    "pack",
]
