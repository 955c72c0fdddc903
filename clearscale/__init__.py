"""clearscale: clears old marijuana convictions, all of a state's, in seconds.

The functions here are what the commands do; they are imported on first use, so that `import clearscale` is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clearscale.store.ingest.ingest import IngestReport

    from .api import (
        Run,
        Store,
        check,
        diff,
        explain,
        export,
        ingest,
        open_run,
        open_store,
        open_sweep,
        report,
        run,
        serve,
        sweep,
        tables,
    )

__all__ = [
    "IngestReport",
    "Run",
    "Store",
    "check",
    "diff",
    "explain",
    "export",
    "ingest",
    "open_run",
    "open_store",
    "open_sweep",
    "report",
    "run",
    "serve",
    "sweep",
    "tables",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        home = ".store.ingest.ingest" if name == "IngestReport" else ".api"
        return getattr(import_module(home, __name__), name)
    raise AttributeError(f"module 'clearscale' has no attribute '{name}'")
