"""What a comparison of two runs leaves in its folder, and what it says of the runs."""

from collections.abc import Sequence
from typing import Any

from clearscale.io.files import Folder
from clearscale.io.urls import absolute
from clearscale.runs.finished import FinishedRun

CHANGES_TABLE, RECORDS_TABLE = "changes", "records"
"""Each as Parquet and CSV; records of charges are a folder of Parquet files, which tools read as one table."""

INFO = "diff.json"
"""Written last."""

SIDES = ("before", "after")
INPUTS = ("policy", "as_of", "snapshot")
"""What may differ between two runs."""

FILES = (*(f"{name}.{ending}" for name in (CHANGES_TABLE, RECORDS_TABLE) for ending in ("parquet", "csv")), INFO)
"""All of them, what says that it finished last."""


def clear(folder: Folder) -> None:
    """Remove what an earlier comparison left, what says that it finished first."""
    folder.tidy()
    for name in reversed(FILES):
        folder.remove(name)


def inputs(runs: Sequence[FinishedRun]) -> dict[str, Any]:
    """Return what both runs were given, and which of it differs."""
    given = [
        {
            "run": absolute(run.folder.url),
            "policy": run.info["policy"]["id"],
            "policy_digest": run.info["policy_digest"],
            "as_of": run.info["as_of"],
            "snapshot": run.info["snapshot"],
        }
        for run in runs
    ]
    first, second = given
    identity = {"policy": "policy_digest", "as_of": "as_of", "snapshot": "snapshot"}
    return {
        **dict(zip(SIDES, given, strict=True)),
        "differ": [name for name in INPUTS if first[identity[name]] != second[identity[name]]],
    }
