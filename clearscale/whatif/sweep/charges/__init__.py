"""What each of many policies over charges would do."""

from .sweeping import sweep_charges

__all__ = ["sweep_charges"]
