"""A result of every kind, made from records that were destroyed afterwards."""

from collections.abc import Callable
from pathlib import Path

import pytest

import clearscale
from clearscale.io.encryption.keys import new_key

from .canary import NUMBER
from .canary_store import canary_everywhere
from .samples import AS_OF, OPTIONS, Interrupted, InterruptingCluster, decide


def unfinished(store: Path, out: Path) -> None:
    with pytest.raises(Interrupted):
        decide(store, out, InterruptingCluster("write results"))


def compared(store: Path, out: Path) -> None:
    runs = [clearscale.run(store, OPTIONS, day, out.parent / day) for day in (AS_OF, "2021-07-01")]
    clearscale.diff(*runs, out=out)


def encrypted(store: Path, out: Path) -> None:
    key = out.parent / "key"
    key.touch(0o600)
    key.write_text(new_key())
    clearscale.copy_encrypted(decide(store, out.parent / "run").folder.url, out, f"file:{key}")


RESULTS: dict[str, Callable[[Path, Path], object]] = {
    "run": decide,
    "unfinished run": unfinished,
    "encrypted run": encrypted,
    "sweep": lambda store, out: clearscale.sweep(store, OPTIONS, AS_OF, "subjectAgeThreshold=40,50", out),
    "comparison": compared,
    "county's files": lambda store, out: clearscale.export(decide(store, out.parent / "run"), "YOLO", out),
    "workbook": lambda store, out: clearscale.export(decide(store, out.parent / "run"), "YOLO", out, xlsx=True),
    "all counties": lambda store, out: clearscale.export_all(decide(store, out.parent / "run"), out),
    "papers": lambda store, out: clearscale.packet(decide(store, out.parent / "run"), out, county="YOLO"),
}


def void_results(folder: Path) -> None:
    """Of each kind a folder, with the result in `result`; and `store`, whose records they were made from."""
    canary_everywhere(folder)
    for kind, make in RESULTS.items():
        (folder / kind).mkdir()
        make(folder / "store", folder / kind / "result")
    clearscale.purge(folder / "store", cii=NUMBER)
