"""The scheduler that a person's settings of Dask name, for a command that names no place to work."""

from __future__ import annotations

import os
import site
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "DASK_SCHEDULER_ADDRESS"

_MENTIONED = (b"scheduler-address", b"scheduler_address")


@dataclass(frozen=True)
class Chosen:
    """An address, and what names it."""

    address: str
    by: str


def chosen_scheduler() -> Chosen | None:
    """The scheduler that DASK_SCHEDULER_ADDRESS or Dask's configuration names, if one does.

    Dask is imported only if its configuration may name one: that takes longer than many runs.
    """
    if address := os.environ.get(VARIABLE):
        return Chosen(address, f"the variable {VARIABLE}")
    if "dask" not in sys.modules and not any(map(_mentions, _files())):
        return None
    import dask

    address = dask.config.get("scheduler-address", None)
    return Chosen(str(address), "Dask's configuration (scheduler-address)") if address else None


def _files() -> Iterator[Path]:
    """Files where Dask looks for its configuration; see https://docs.dask.org/en/stable/configuration.html."""
    folders = [
        Path(os.environ.get("DASK_ROOT_CONFIG", "/etc/dask")),
        Path(sys.prefix, "etc", "dask"),
        *(Path(prefix, "etc", "dask") for prefix in site.PREFIXES),
        Path.home() / ".config" / "dask",
    ]
    if named := os.environ.get("DASK_CONFIG"):
        folders.append(Path(named))
    for folder in dict.fromkeys(folders):
        if folder.is_file():
            yield folder
        elif folder.is_dir():
            with suppress(OSError):
                yield from (file for file in folder.iterdir() if file.suffix in (".yaml", ".yml", ".json"))


def _mentions(file: Path) -> bool:
    try:
        content = file.read_bytes()
    except OSError:
        return False
    return any(word in content for word in _MENTIONED)
