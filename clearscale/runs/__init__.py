"""Runs: a policy over a store, and what it leaves behind. `run.run` makes one."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .opened import Run as Run
    from .opened import open_run as open_run

__all__ = ["Run", "open_run"]


def __getattr__(name: str) -> Any:
    # Finished runs know stores; a county's run decides without one, and has no use for what imports them.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import opened

    return getattr(opened, name)
