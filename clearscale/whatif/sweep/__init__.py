"""What if: what each of many policies would do, at once."""

from .opened import Sweep, open_sweep
from .sweeping import sweep

__all__ = ["Sweep", "open_sweep", "sweep"]
