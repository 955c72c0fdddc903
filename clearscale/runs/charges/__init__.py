"""A policy over a store of charges."""

from .opened import ChargeRun, open_charge_run
from .run import run_charges

__all__ = ["ChargeRun", "open_charge_run", "run_charges"]
