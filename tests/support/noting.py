"""A cluster that tells afterwards what it was asked to do."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from clearscale_cluster.places.embedded import EmbeddedCluster


class NotingCluster(EmbeddedCluster):
    """Threads that keep how many items each pass had."""

    def __init__(self, workers: int = 2) -> None:
        super().__init__(workers)
        self.passes: Counter[str] = Counter()

    def map(
        self, function: Any, items: Any, *, label: str = "work", progress: Any = None
    ) -> Iterator[tuple[int, Any]]:
        items = list(items)
        self.passes[str(label)] += len(items)
        return super().map(function, items, label=label, progress=progress)
