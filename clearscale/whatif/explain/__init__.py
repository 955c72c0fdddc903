"""Why a conviction was decided as it was: every rule, what it looked at, and what missing dates leave open."""

from .answers import Asked, Explanation, MissingDate, Possible, RuleAnswer
from .explaining import explain

__all__ = ["Asked", "Explanation", "MissingDate", "Possible", "RuleAnswer", "explain"]
