"""Where work runs: in this process, in worker processes on this machine, or on a Dask cluster."""

from .cluster import Cluster
from .errors import ClusterError
from .label import Label, ProgressCallback
from .opening import open_cluster
from .progress import TerminalProgress

__all__ = ["Cluster", "ClusterError", "Label", "ProgressCallback", "TerminalProgress", "open_cluster"]
