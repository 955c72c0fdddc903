"""Checks: what in a store's data a person should know of, counted by extract and statewide."""

from .charge_report import check_charges
from .report import check
from .vocabulary import FINDINGS, NOTICED

__all__ = ["FINDINGS", "NOTICED", "check", "check_charges"]
