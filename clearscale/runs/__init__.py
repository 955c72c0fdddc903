"""Runs: a policy over a store, and what it leaves behind. `run.run` makes one."""

from .opened import Run, open_run

__all__ = ["Run", "open_run"]
