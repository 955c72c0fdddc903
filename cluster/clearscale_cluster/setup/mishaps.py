"""What goes wrong in the background while a cluster of any class lasts: told in the error, not as a traceback."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from .quiet import logging_is_configured

_LOGGERS = ("tornado.application", "asyncio")
"""Who reports what nobody waits for, such as a job that could not be submitted."""


class Mishaps(logging.Handler):
    """Remembers the last line of the last exception that was reported."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Remember a report."""
        error = record.exc_info[1] if record.exc_info else None
        lines = [line.strip() for line in str(error or "").splitlines() if line.strip()]
        if lines:
            self.last = lines[-1]


@contextmanager
def noticed() -> Iterator[Mishaps]:
    """Notice mishaps in this process; they are not written to the terminal unless somebody chose Dask's levels."""
    handler = Mishaps()
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [(logger.handlers[:], logger.propagate) for logger in loggers]
    for logger in loggers:
        if not logging_is_configured():  # Dask has given them handlers of their own
            logger.handlers, logger.propagate = [], False
        logger.addHandler(handler)
    try:
        yield handler
    finally:
        if handler.last:
            gc.collect()  # what failed in vain is reported when it is collected
        for logger, (handlers, propagate) in zip(loggers, before, strict=True):
            logger.handlers, logger.propagate = handlers, propagate
