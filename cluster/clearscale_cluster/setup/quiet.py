"""What Dask may write to the terminal."""

from __future__ import annotations

import logging

import dask

LEVELS = {
    "distributed": logging.ERROR,
    "distributed.nanny": logging.ERROR,
    # These report what the caller learns anyway, as a task's own exception or as a ClusterError; the first would
    # print the failed task besides, the last what could not be pickled.
    "distributed.worker": logging.CRITICAL,
    "distributed.scheduler": logging.CRITICAL,
    "distributed.client": logging.CRITICAL,
    "distributed.protocol": logging.CRITICAL,
}


LOGGING = {"distributed": "info", "distributed.client": "warning"}
"""Dask's levels where what its servers say is kept in a log: who came, who went, and why."""

_RAISED = "Compute Failed"
"""Begins what Dask says of a task that raised, with its arguments and the exception: paths, or somebody's data."""


def leave_out_tasks() -> None:
    """Have no worker of this process write down what a task was given or raised: whoever called is told that."""
    logging.getLogger("distributed.worker").addFilter(_tells_no_task)


def _tells_no_task(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(_RAISED)


def quieten() -> None:
    """Let Dask's servers in this process report errors only, unless Dask's configuration says otherwise.

    Sets the loggers' levels and not Dask's configuration, which is read once, when `distributed` is first imported.
    The levels stay, since servers still talk while they shut down.
    """
    import distributed  # noqa: F401 - importing it sets its loggers' levels, so it must come first

    if logging_is_configured():
        return
    for name, level in LEVELS.items():
        logging.getLogger(name).setLevel(level)


def quieten_shutdown() -> None:
    """From here on, a worker that does not come up is no error: it is being stopped while it starts."""
    if not logging_is_configured():
        logging.getLogger("distributed.nanny").setLevel(logging.CRITICAL)


def logging_is_configured() -> bool:
    """Whether somebody chose Dask's log levels, in a file or by DASK_LOGGING__DISTRIBUTED=info."""
    return any(dask.config.get(key, None) for key in ("logging", "distributed.logging", "logging-file-config"))
