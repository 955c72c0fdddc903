"""Policies: rules over facts, and where they come from."""

from .facts import FACTS, Evidence
from .gogen_options import gogen_policy
from .model import DISMISS, REDUCE, Condition, Policy, Rule
from .named import DISMISS_ALL, DISMISS_ALL_AND_RELATED, PACKS, load_policy, pack
from .outcomes import AnyPolicy, Outcomes, outcomes
from .policy_map import PolicyMap
from .program import Program, compiled

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
