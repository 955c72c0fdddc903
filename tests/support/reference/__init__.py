"""What gogen does with one extract, slowly and plainly, on the standard library alone.

The engine is compared with this package, so it imports nothing of the engine and prefers clarity to speed. Where
clearscale quarantines a record that made gogen crash, the reference refuses the whole extract.
"""

from .errors import GogenError
from .running import Result, run

__all__ = ["GogenError", "Result", "run"]
