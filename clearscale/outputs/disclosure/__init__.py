"""Which counts of people may be published: small ones are hidden, and whatever would give them away."""

from .grouping import interleaved, microaggregate
from .hiding import hide
from .publication import MEASURES_PUBLISHED, Publication
from .relations import Sum, known

__all__ = [
    "MEASURES_PUBLISHED",
    "Publication",
    "Sum",
    "hide",
    "interleaved",
    "known",
    "microaggregate",
]
