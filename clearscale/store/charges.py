"""What each offense of a snapshot's dictionary is: written once with the snapshot, and read by code."""

import pyarrow as pa

from clearscale.histories.dictionaries import Dictionaries
from clearscale.io.files import Folder
from clearscale_kernels.arrays import Int8s, Int16s

from .layout import DICTIONARIES

_FILE = "charges.parquet"


def write_charges(snapshot: Folder, dictionaries: Dictionaries) -> None:
    """Write what each offense is, beside the dictionary of offenses: columns `flags` and `section`, by code."""
    flags, sections = dictionaries.charges()
    snapshot.write_parquet(f"{DICTIONARIES}/{_FILE}", pa.table({"flags": flags, "section": sections}))


def read_charges(snapshot: Folder) -> tuple[Int16s, Int8s]:
    """(flags, section) of each offense, as `write_charges` wrote them."""
    table = snapshot.read_parquet(f"{DICTIONARIES}/{_FILE}")
    return table.column("flags").to_numpy().copy(), table.column("section").to_numpy().copy()
