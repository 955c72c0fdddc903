"""What differs between two runs over charges: which charges are decided differently, and why."""

from .comparing import diff_charges
from .result import ChargeDiff

__all__ = ["ChargeDiff", "diff_charges"]
