"""All counties' result files in one pass, a folder a county, anywhere: what was finished is not written again."""

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from clearscale.errors import RunError
from clearscale.io.all_or_nothing import put_file
from clearscale.io.claims import LOCK, claimed
from clearscale.io.files import Folder
from clearscale.io.local import name_lasting
from clearscale.io.seals import Seal, is_whole, with_digest
from clearscale.io.shared import seen_by_all
from clearscale.io.urls import absolute
from clearscale.outputs.county_files import OF_ALL, OF_COUNTY, RESULTS, SUMMARY, WORKBOOK, file_name
from clearscale.runs import Run
from clearscale.runs.finished import INFO
from clearscale.runs.logged import logged_of
from clearscale.runs.stores import open_store_of
from clearscale.store import ExtractEntry, Store
from clearscale.store.layout import told_by
from clearscale_cluster import Cluster, Label, ProgressCallback
from clearscale_cluster.scratch import scratch_folder
from clearscale_kernels.arrays import Int32s

from .decided import decided_here, found_in_bucket, ready
from .from_run import summary_of, workbook
from .records import record_blocks
from .result_files import ResultFiles, remove_partial, write_all

Found = dict[int, pa.Table]
"""What buckets have of decided convictions, by the place of their extract."""


@dataclass(frozen=True)
class _Bucket:
    """A bucket, and the ids of extracts whose decided convictions are looked for in it."""

    run: Run
    store: Store
    number: int
    extracts: tuple[str, ...]


@dataclass(frozen=True)
class _County:
    """A county's result files, to be written into a folder. found: what each bucket has of its decisions."""

    run: Run
    store: Store
    entry: ExtractEntry
    found: tuple[pa.Table, ...]
    folder: Folder
    xlsx: bool


def export_all(
    run: Run, out: str, cluster: Cluster, *, xlsx: bool = False, progress: ProgressCallback | None = None
) -> list[str]:
    """Write all counties' result files; see `clearscale.export_all`."""
    store = open_store_of(run)
    entries = store.manifest.extracts
    folder = Folder(out)
    folders = _folders(run, entries)
    records = sum(entry.stored for entry in entries)
    logged_of(run, "export", out=absolute(out), county="all", records=records)
    with claimed(folder, LOCK, RunError):
        folder.write_json(OF_ALL, with_digest({**_of(run), "counties": folders}), lasting=True)
        todo = [
            entry for entry in entries if not _is_finished(folder.folder(folders[entry.county]), run, entry, xlsx)
        ]
        # The largest first: the last ones to be done are then small.
        todo.sort(key=lambda entry: (-entry.stored, entry.id))
        read = [told_by(store.folder, store.manifest.snapshot), (run.folder, INFO)]
        with seen_by_all(cluster, written=[folder] if todo else [], read=read):
            try:
                _write(run, store, todo, folder, folders, cluster, xlsx, progress)
            except BaseException:
                _tidy(folder, folders)
                raise
    return [folder.folder(folders[county]).url for county in sorted(folders)]


def _write(
    run: Run,
    store: Store,
    todo: list[ExtractEntry],
    folder: Folder,
    folders: Mapping[str, str],
    cluster: Cluster,
    xlsx: bool,
    progress: ProgressCallback | None,
) -> None:
    if not todo:
        return
    extracts = tuple(entry.id for entry in todo)
    buckets = [_Bucket(run, store, number, extracts) for number in range(store.manifest.buckets)]
    found: dict[int, list[pa.Table]] = {}
    for of_bucket in cluster.gather(_look, buckets, label=Label("find decisions", "buckets"), progress=progress):
        for place, table in of_bucket.items():
            found.setdefault(place, []).append(table)
    places = store.manifest.numbered()
    tasks = [
        _County(
            run, store, entry, tuple(found.get(places[entry.id], ())), folder.folder(folders[entry.county]), xlsx
        )
        for entry in todo
    ]
    cluster.gather(_export, tasks, label=Label("write results", "counties"), progress=progress)


def _look(task: _Bucket) -> Found:
    """Find the decided convictions that a bucket has."""
    return found_in_bucket(task.store, task.number, _rows(task.run, task.store, task.extracts))


_known: dict[tuple[str, tuple[str, ...]], dict[int, Int32s]] = {}
"""Rows of the decisions that this process looked for last, by the run's key and the extracts."""


def _rows(run: Run, store: Store, extracts: tuple[str, ...]) -> dict[int, Int32s]:
    """Rows of the decisions on some extracts, by the places of these."""
    key = (run.info["key"], extracts)
    rows = _known.get(key)
    if rows is None:
        places = store.manifest.numbered()
        rows = {places[extract]: decided_here(run, extract).column("row").to_numpy() for extract in extracts}
        _known.clear()
        _known[key] = rows
    return rows


def _export(task: _County) -> None:
    """Write a county's files, the one that says that they are all there last."""
    task.folder.remove(OF_COUNTY)
    local = task.folder.is_local
    with nullcontext(Path(task.folder.local_path)) if local else scratch_folder("export") as place:
        decided = ready(task.run, task.store, task.entry, list(task.found))
        files = ResultFiles(place, "", decided, name_later=True, stays=local)
        write_all(files, record_blocks(task.store, task.entry))
        partial = {name: path for name, (path, _) in zip(files.NAMES, files.written, strict=True)}
        sizes = {f"{name}.csv": path.stat().st_size for name, path in partial.items()}
        task.folder.remove(SUMMARY)
        if task.xlsx:
            workbook(task.run, task.entry, partial, f"{task.folder.url.rstrip('/')}/{WORKBOOK}")
        else:
            task.folder.remove(WORKBOOK)
        if local:
            name_lasting(files.written)
        else:
            for path, target in files.written:
                put_file(path, f"{task.folder.url.rstrip('/')}/{target.name}")
    content = summary_of(task.run, task.entry.county)
    task.folder.write(SUMMARY, content, lasting=True)
    sizes[SUMMARY] = len(content)
    document = {**_of(task.run), "county": task.entry.county, "xlsx": task.xlsx, "files": sizes}
    task.folder.write_json(OF_COUNTY, with_digest(document), lasting=True)


def _of(run: Run) -> dict[str, Any]:
    """Of which run files are."""
    return {"run": run.info["key"], "store": run.info["store"], "snapshot": run.info["snapshot"]}


def _is_finished(folder: Folder, run: Run, entry: ExtractEntry, xlsx: bool) -> bool:
    """Whether a county's files are there, of this run."""
    try:
        document = folder.read_json(OF_COUNTY)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    if not is_whole(document) or (document["run"], document["county"]) != (run.info["key"], entry.county):
        return False
    sizes = {name: Seal(size, 0) for name, size in document["files"].items()}
    return (document["xlsx"] or not xlsx) and not folder.missing(sizes) and (not xlsx or folder.exists(WORKBOOK))


def _folders(run: Run, entries: Iterable[ExtractEntry]) -> dict[str, str]:
    """The folder of each county. Raises RunError if two would have one."""
    folders: dict[str, str] = {}
    for entry in entries:
        name = file_name(entry.county)
        if entry.county in folders or name in folders.values():
            raise RunError(
                f"{run.folder.url}: the store has several extracts for the folder '{name}'; export each county by "
                "itself"
            )
        folders[entry.county] = name
    return folders


def _tidy(folder: Folder, folders: Mapping[str, str]) -> None:
    """Remove what was begun and not named, in folders of this machine."""
    if folder.is_local:
        for name in folders.values():
            place = Path(folder.folder(name).local_path)
            remove_partial(place, "")


def clear(folder: Folder) -> None:
    """Remove what `export_all` wrote into a folder."""
    try:
        counties: dict[str, str] = folder.read_json(OF_ALL)["counties"]
    except FileNotFoundError:
        return
    for name in counties.values():
        own = folder.folder(name)
        own.tidy()
        for file in (*(f"{result}.csv" for result in RESULTS), WORKBOOK, SUMMARY, OF_COUNTY):
            own.remove(file)
        own.remove_if_empty()
    folder.remove(OF_ALL)
