"""A first column map of a file that nobody has described yet: what it looks like, and what is doubtful."""

from .drafting import draft

__all__ = ["draft"]
