"""Files of one row a charge, from anywhere: what a column map says of them, and reading them as charges."""

from .catalog import load_map, maps
from .column_map import ColumnMap

__all__ = ["ColumnMap", "load_map", "maps"]
