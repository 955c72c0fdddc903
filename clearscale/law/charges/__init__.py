"""Charges: the lists of code sections as data, and what a text's code section is."""

from .catalog import Catalog, Charge, ChargeList, catalog
from .text import charge_is_in_comment, code_section, trimmed

__all__ = ["Catalog", "Charge", "ChargeList", "catalog", "charge_is_in_comment", "code_section", "trimmed"]
