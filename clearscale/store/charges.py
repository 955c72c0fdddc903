"""What each offense of a snapshot's dictionary is: written once with the snapshot, and read by code."""

import pyarrow as pa

from clearscale.histories.dictionaries import Dictionaries
from clearscale.io.files import Folder
from clearscale.io.seals import Seal
from clearscale_kernels.arrays import Int8s, Int16s

from .layout import DICTIONARIES

CHARGES = f"{DICTIONARIES}/charges.parquet"
"""Where they are in a snapshot."""


def write_charges(snapshot: Folder, dictionaries: Dictionaries) -> dict[str, Seal]:
    """Write what each offense is, beside the dictionary of offenses: columns `flags` and `section`, by code.

    Returns the seal of the file, by its path in the snapshot.
    """
    flags, sections = dictionaries.charges()
    return {CHARGES: snapshot.write_parquet(CHARGES, pa.table({"flags": flags, "section": sections}))}


def read_charges(snapshot: Folder) -> tuple[Int16s, Int8s]:
    """(flags, section) of each offense, as `write_charges` wrote them."""
    table = snapshot.read_parquet(CHARGES)
    return table.column("flags").to_numpy().copy(), table.column("section").to_numpy().copy()
