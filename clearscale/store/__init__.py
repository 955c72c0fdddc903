"""The store: extracts as Parquet, folded into convictions and people, in snapshots that change as a whole."""

from .dictionaries import Dictionaries, read_charges
from .ingest import IngestReport, ingest
from .manifest import ExtractEntry, Manifest
from .opened import Store, open_store

__all__ = [
    "Dictionaries",
    "ExtractEntry",
    "IngestReport",
    "Manifest",
    "Store",
    "ingest",
    "open_store",
    "read_charges",
]
