"""A county's new extract into a store that has the whole state, beside the first ingest of all extracts."""

import shutil
from pathlib import Path

import clearscale
from clearscale_bench.comparing import Bench
from clearscale_bench.data import Data
from clearscale_bench.measure import Program, process
from clearscale_bench.report import Goal

from .test_ingest import INGEST

FIRST = "the first ingest of all extracts"


def _new_extract(smallest: Path, folder: Path) -> tuple[Path, int]:
    """(the extract without its last record, in a folder of its own; how many records it has)."""
    content = smallest.read_bytes().rstrip(b"\r\n")
    folder.mkdir()
    path = folder / smallest.name
    path.write_bytes(content[: content.rfind(b"\n") + 1])
    return path, content.count(b"\n") - 1


def _ingest(name: str, extracts: Path, store: Path, rows: int, begin: Path | None, *more: str) -> Program:
    """An ingest into a copy of a store or a new one; its total is whether the store has so many records then."""

    def prepare() -> None:
        shutil.rmtree(store, ignore_errors=True)
        if begin:
            shutil.copytree(begin, store)

    return process(
        name,
        INGEST,
        str(extracts),
        str(store),
        *more,
        prepare=prepare,
        totals=lambda _: clearscale.open_store(str(store)).manifest.counts["rows"] == rows,
    )


def _files(store: Path) -> dict[str, int]:
    return {str(path.relative_to(store)): path.stat().st_size for path in store.rglob("*") if path.is_file()}


def test_new_extract(bench: Bench, data: Data, scale: float, scratch: Path) -> None:
    """The smallest county's: what it takes should grow with the county, not with the state."""
    extracts, whole = data.state(scale), data.store(scale)
    smallest = min(extracts.paths, key=lambda path: path.stat().st_size)
    new, rows = _new_extract(smallest, scratch / "new")
    county = smallest.stem.replace("-", " ").upper()
    store = scratch / "store"
    ours = _ingest("a county's new extract", new.parent, store, extracts.rows - 1, whole, "--county", county)
    ours.prepare()
    ours.run()
    written = sum(size for name, size in _files(store).items() if name not in _files(whole)) / 1e6
    bench.compare(
        "ingest of a county's new extract",
        f"{scale:g} of the state; {rows:,} records new, {written:,.1f} MB written",
        ours,
        [_ingest(FIRST, extracts.folder, scratch / "first", extracts.rows, None)],
        rows=None,
        goals=[Goal("processor", 1)],
    )
