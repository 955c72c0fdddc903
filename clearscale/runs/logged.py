"""What is read of runs, told to the logs of their stores."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from clearscale.io.files import Folder
from clearscale.io.urls import absolute
from clearscale.store.log import End
from clearscale.store.logged import logged

if TYPE_CHECKING:
    from .finished import FinishedRun
    from .opened import Run

_told: set[str] = set()
"""Runs whose decisions this process has told that it reads."""


def logged_of(
    runs: "FinishedRun | Iterable[FinishedRun]",
    command: str,
    store_of: Folder | None = None,
    end: End | None = None,
    **facts: Any,
) -> None:
    """Add to the logs of runs' stores what is done with the runs; see `logged`.

    store_of, end: the store of all of them, for who has it already, and where its log ends.
    """
    listed = list(runs) if isinstance(runs, Iterable) else [runs]
    for store in dict.fromkeys(run.info["store"] for run in listed):
        own = [run for run in listed if run.info["store"] == store]
        logged(
            store_of or store,
            command,
            end,
            snapshot=", ".join(dict.fromkeys(run.info["snapshot"] for run in own)),
            run=[absolute(run.folder.url) for run in own],
            digests={"run": [run.info["key"] for run in own]},
            **facts,
        )


def logged_once(run: "Run") -> None:
    """Add, once a process, that a program reads a run's decisions."""
    if run.info["key"] not in _told:
        _told.add(run.info["key"])
        logged_of(run, "decisions", records=sum(found["count"] for found in run.info["decisions"].values()))
