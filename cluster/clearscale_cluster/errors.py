"""The one error of this package that is not a task's own."""

from __future__ import annotations

from .shown import shown


class ClusterError(RuntimeError):
    """The place where work should run cannot be had, or was lost.

    The message says what happened, where, and what to do. An exception that a task raises is never wrapped in this
    one: it reaches the caller as itself.

    Parameters
    ----------
    message : str
        In one line, made fit to be shown (`shown`).
    """

    def __init__(self, message: str) -> None:
        super().__init__(shown(message))
