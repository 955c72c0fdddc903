"""A policy over a store of charges."""

from .opened import ChargeRun, open_charge_run, open_either
from .run import run_charges

__all__ = ["ChargeRun", "open_charge_run", "open_either", "run_charges"]
