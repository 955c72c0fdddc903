"""Fabricated extracts in the form of the California Department of Justice's, for demos, tests and benchmarks.

Everything in them is invented: no name, number or history belongs to anyone.
"""

from .write import FabricatedExtract, fabricate, fabricate_state

__all__ = ["FabricatedExtract", "fabricate", "fabricate_state"]
