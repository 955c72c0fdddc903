"""Which counts of people may be published: small ones are hidden, and whatever would give them away."""

from .charges import ChargeCounts
from .convictions import Outcome, PageCounts
from .grouping import interleaved, microaggregate
from .hiding import hide
from .merging import Block, merged, merged_years
from .people import DIMENSIONS, GROUPED, LEFT, MEASURES_PUBLISHED, PeopleCounts
from .publication import Publication
from .relations import Sum, known
from .swept import SweptCounts, SweptFigure, shown_beside

__all__ = [
    "DIMENSIONS",
    "GROUPED",
    "LEFT",
    "MEASURES_PUBLISHED",
    "Block",
    "ChargeCounts",
    "Outcome",
    "PageCounts",
    "PeopleCounts",
    "Publication",
    "Sum",
    "SweptCounts",
    "SweptFigure",
    "hide",
    "interleaved",
    "known",
    "merged",
    "merged_years",
    "microaggregate",
    "shown_beside",
]
