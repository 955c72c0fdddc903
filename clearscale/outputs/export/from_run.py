"""A county's result files from a store and a run: the same bytes as from the extracts themselves."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clearscale.dates import as_of_day
from clearscale.errors import RunError
from clearscale.io.files import Folder
from clearscale.io.local import name_lasting
from clearscale.io.shared import seen_by_all
from clearscale.io.urls import absolute
from clearscale.outputs.county_files import OF_COUNTY, SUMMARY, WORKBOOK
from clearscale.runs import Run
from clearscale.runs.finished import INFO
from clearscale.runs.logged import logged_of
from clearscale.runs.stores import open_store_of
from clearscale.runs.summary import with_earliest
from clearscale.runs.summary_keys import SECONDS
from clearscale.store import ExtractEntry, Store
from clearscale.store.layout import told_by
from clearscale_cluster import Cluster, ProgressCallback

from .decided import decided_here, found_in_bucket, ready
from .records import record_blocks
from .result_files import ResultFiles, partial_name, remove_partial, write_all, writing_results
from .workbook import write_workbook


def export_county(
    run: Run,
    county: str,
    out: str,
    cluster: Cluster,
    *,
    xlsx: bool = False,
    progress: ProgressCallback | None = None,
) -> list[Path]:
    """Write a county's result files; see `clearscale.outputs.export`."""
    if "://" in out:
        raise RunError(f"{out}: result files are written into a local folder; choose one for --out, and copy them")
    store = open_store_of(run)
    folder = Path(out)
    _require_own(folder, county)
    tasks = [_Task(run, store, entry, folder, xlsx) for entry in store.manifest.extracts_of(county)]
    content = summary_of(run, county)
    records = sum(task.entry.stored for task in tasks)
    logged_of(run, "export", out=absolute(out), county=county, records=records)
    with writing_results(folder):
        try:
            read = [told_by(store.folder, store.manifest.snapshot), (run.folder, INFO)]
            with seen_by_all(cluster, written=[Folder(out)], read=read):
                found = cluster.gather(_export, tasks, label="write results", progress=progress)
        except BaseException:
            remove_partial(folder, "")
            raise
        written = [pair for of_extract in found for pair in of_extract]
        # Without it, the files are of an export that did not finish.
        for name in (OF_COUNTY, SUMMARY, *([] if xlsx else [WORKBOOK])):
            Folder(out).remove(name)
        name_lasting(written)
        Folder(out).write(SUMMARY, content, lasting=True)
    return [*(target for _, target in written), folder / SUMMARY]


def _require_own(folder: Path, county: str) -> None:
    """Raise RunError if a folder has the files of another county, which would be replaced."""
    try:
        other = json.loads((folder / SUMMARY).read_bytes())["county"]
    except (OSError, ValueError, KeyError, TypeError):
        return
    if other != county:
        raise RunError(f"{folder}: holds the files of {other}; choose another folder for --out, or remove this one")


def summary_of(run: Run, county: str) -> bytes:
    """The content of a county's `gogen.json`, in the form in which it always was, since bytes are compared."""
    summary: dict[str, Any] = with_earliest(run.counties[county], as_of_day(run.info["as_of"]))
    summary[SECONDS] = run.info["seconds"]
    return f"{json.dumps(summary, indent=1)}\n".encode("ascii")


@dataclass(frozen=True)
class _Task:
    """An extract's result files, in a local folder. xlsx: whether a workbook, too."""

    run: Run
    store: Store
    entry: ExtractEntry
    folder: Path
    xlsx: bool


def _export(task: _Task) -> list[tuple[Path, Path]]:
    """Write the result files of one extract; return where they are and where they belong."""
    store, entry = task.store, task.entry
    place = store.manifest.numbered()[entry.id]
    rows = {place: decided_here(task.run, entry.id).column("row").to_numpy()}
    found = [found_in_bucket(store, number, rows) for number in range(store.manifest.buckets)]
    decided = ready(task.run, store, entry, [piece[place] for piece in found if piece])
    files = ResultFiles(task.folder, "", decided, name_later=True)
    write_all(files, record_blocks(store, entry))
    if not task.xlsx:
        return files.written
    partial = task.folder / partial_name(WORKBOOK)
    workbook(
        task.run, entry, dict(zip(files.NAMES, (path for path, _ in files.written), strict=True)), str(partial)
    )
    return [*files.written, (partial, task.folder / WORKBOOK)]


def workbook(run: Run, entry: ExtractEntry, files: dict[str, Path], url: str) -> None:
    """Write the workbook of an extract's county. files: its result files, by their names without ending."""
    write_workbook(run, entry.county, files, decided_here(run, entry.id).column("flags"), entry.stored, url)
