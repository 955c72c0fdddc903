"""Files that go to disk while they are still written: at the end, only their last part is waited for."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from .local import flush

_EVERY = 64 * 2**20
"""Bytes written between two flushes."""


class FlushAhead:
    """Flushes files in a thread of its own, again and again, until `end`.

    It makes no file lasting, since more is written to them: `local.name_lasting` does.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = [str(path) for path in paths]
        self._thread = ThreadPoolExecutor(1)
        self._running: Future[None] | None = None
        self._written = 0

    def wrote(self, size: int) -> None:
        """Note that so many bytes were written to the files. Raises OSError if the last flush failed."""
        self._written += size
        if self._written < _EVERY or (self._running and not self._running.done()):
            return
        self._raise_failed()
        self._written = 0
        self._running = self._thread.submit(flush, self._paths)

    def end(self) -> None:
        """Wait for the last flush. Raises OSError if it failed: the system tells a lost write only once."""
        self._thread.shutdown()
        self._raise_failed()

    def _raise_failed(self) -> None:
        if self._running:
            self._running.result()
