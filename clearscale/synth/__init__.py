"""Fabricated extracts in the form of the California Department of Justice's, for demos, tests and benchmarks.

Everything in them is invented: no name, number or history belongs to anyone.
"""

from .charge_files import FabricatedCharges, fabricate_charges
from .write import FabricatedExtract, fabricate, fabricate_state

__all__ = ["FabricatedCharges", "FabricatedExtract", "fabricate", "fabricate_charges", "fabricate_state"]
