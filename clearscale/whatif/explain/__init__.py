"""Why a conviction was decided as it was: every rule, what it looked at, and what missing dates leave open."""

from .answers import ConditionAnswer, Explanation, MissingDate, PossibleOutcome, RuleAnswer
from .explaining import explain

__all__ = ["ConditionAnswer", "Explanation", "MissingDate", "PossibleOutcome", "RuleAnswer", "explain"]
