"""Invented extracts that sit on every edge of the rules, from a seed or as hypothesis strategies.

Nothing in them comes from a real record. Each is accepted by gogen, so any difference between the reference and the
engine on one of them is a mistake in one of the two.
"""

from .rows import COLUMNS, Layout, render
from .seeded import edge_extract
from .strategies import Case, as_of_dates, cases, extracts, policies

__all__ = ["COLUMNS", "Case", "Layout", "as_of_dates", "cases", "edge_extract", "extracts", "policies", "render"]
