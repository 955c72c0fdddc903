"""A class of Dask clusters such as a site may have: named by a file, started by its name."""

from __future__ import annotations

from typing import Any

from distributed import Scheduler, SpecCluster, Worker


class OneProcess(SpecCluster):  # type: ignore[misc]
    """Workers that live in the process of who made them. threads: of each."""

    def __init__(self, threads: int, **options: Any) -> None:
        address = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
        super().__init__(
            workers={},
            worker={"cls": Worker, "options": {"nthreads": threads, **address}},
            scheduler={"cls": Scheduler, "options": address},
            name="one-process",
            **options,
        )
