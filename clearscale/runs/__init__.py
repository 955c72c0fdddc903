"""Runs: a policy over a store, and what it leaves behind."""

from .opened import Run, open_run
from .run import run

__all__ = ["Run", "open_run", "run"]
