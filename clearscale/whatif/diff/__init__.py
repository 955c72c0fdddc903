"""What differs between two runs: which convictions are decided differently, and why."""

from .comparing import Diff, diff

__all__ = ["Diff", "diff"]
