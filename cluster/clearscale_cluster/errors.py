"""The one error of this package that is not a task's own."""

from __future__ import annotations


class ClusterError(RuntimeError):
    """The place where work should run cannot be had, or was lost.

    The message says what happened, where, and what to do. An exception that a task raises is never wrapped in this
    one: it reaches the caller as itself.
    """
