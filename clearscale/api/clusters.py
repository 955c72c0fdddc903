"""The cluster that a call works on, and what its workers are made ready with."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Union

from clearscale.io.paths import StrPath
from clearscale_cluster import Cluster, open_cluster

if TYPE_CHECKING:
    from distributed import Client
    from distributed.deploy.cluster import Cluster as DaskCluster

Place = Union[Cluster, StrPath, "Client", "DaskCluster"]
"""Where to work, as callers name it; see `clearscale_cluster.open_cluster`."""


def warm_up() -> None:
    """Import what tasks need and compile every kernel, or load it from the cache on disk."""
    # Pickled to workers by name: this module stays quick to import there, and in commands that start no workers.
    import pyarrow as pa
    import pyarrow.parquet

    from clearscale_kernels.warm import compile_kernels

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    compile_kernels()


@contextlib.contextmanager
def opened(cluster: Place | None) -> Iterator[Cluster]:
    """Yield the cluster itself, which its owner closes, or one that is opened for this call."""
    if isinstance(cluster, Cluster):
        yield cluster
        return
    with open_cluster(cluster, warm_up) as own:
        yield own
