"""clearscale: clears old marijuana convictions, all of a state's, in seconds.

The functions here are what the commands do; they are imported on first use, so that `import clearscale` is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import IngestReport, Run, Store, check, export, ingest, open_run, open_store, run

__all__ = ["IngestReport", "Run", "Store", "check", "export", "ingest", "open_run", "open_store", "run"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module(".api", __name__), name)
    raise AttributeError(f"module 'clearscale' has no attribute '{name}'")
