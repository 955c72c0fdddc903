"""The page of a run over charges."""

from .writing import write_charges

__all__ = ["write_charges"]
