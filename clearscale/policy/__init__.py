"""Policies: rules over facts, and where they come from."""

from .by_county import PolicyMap
from .choosing import Chosen, choose
from .compiling import Program, compiled
from .facts import FACTS, Evidence
from .library import load_policy
from .locating import PACKS
from .model import DISMISS, REDUCE, Condition, Policy, Rule
from .option_files import gogen_policy
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
    "Chosen",
    "Condition",
    "Evidence",
    "Outcomes",
    "Policy",
    "PolicyMap",
    "Program",
    "Rule",
    "choose",
    "compiled",
    "gogen_policy",
    "load_policy",
    "outcomes",
    "pack",
]
