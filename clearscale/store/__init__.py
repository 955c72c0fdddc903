"""The store: extracts as Parquet, folded into convictions and people, in snapshots that change as a whole.

`ingest` is not imported here: what only reads a store need not wait for what makes one.
"""

from .charges import read_charges
from .entry import ExtractEntry
from .manifest import Manifest
from .opened import Store, open_store

__all__ = ["ExtractEntry", "Manifest", "Store", "open_store", "read_charges"]
