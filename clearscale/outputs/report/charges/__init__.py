"""The pages of a run over charges."""

from .writing import Wanted, write_charges

__all__ = ["Wanted", "write_charges"]
