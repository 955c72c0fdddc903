"""Files that change while a command is at work."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from clearscale_cluster.places.embedded import EmbeddedCluster


class ChangingCluster(EmbeddedCluster):
    """Threads before whose pass with a label something happens. turn: before which of them, from 1; 0 for all."""

    def __init__(self, label: str, change: Callable[[], object], turn: int = 0) -> None:
        super().__init__(1)
        self.passes = 0
        self._label, self._change, self._turn = label, change, turn

    def map(
        self, function: Any, items: Any, *, label: str = "work", progress: Any = None
    ) -> Iterator[tuple[int, Any]]:
        if label == self._label:
            self.passes += 1
            if self._turn in (0, self.passes):
                self._change()
        return super().map(function, items, label=label, progress=progress)


def replaced(path: Path, content: bytes) -> None:
    """Other bytes in a file, written a moment later."""
    before = path.stat().st_mtime_ns
    path.write_bytes(content)
    os.utime(path, ns=(before, before + 10**7))
