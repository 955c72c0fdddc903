"""A county's result files from a store and a run: the same bytes as from the extracts themselves."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from clearscale.dates import as_of_day
from clearscale.encoding import readable
from clearscale.errors import RunError
from clearscale.histories.dictionaries import Dictionaries
from clearscale.io.files import Folder, absolute
from clearscale.io.local import name_lasting
from clearscale.io.shared import seen_by_all
from clearscale.law import state
from clearscale.law.offense_texts import Offenses
from clearscale.outputs.county_files import SUMMARY
from clearscale.policy.outcomes import filled_in, reasons_with_code_section
from clearscale.runs import Run
from clearscale.runs.finished import INFO
from clearscale.runs.logged import logged_of
from clearscale.runs.opened import decisions_of
from clearscale.runs.recorded import policy_of
from clearscale.runs.stores import open_store_of
from clearscale.runs.summary import with_earliest
from clearscale.runs.summary_keys import SECONDS
from clearscale.store import ExtractEntry, Store
from clearscale.store.layout import CONVICTIONS, DICTIONARIES, PEOPLE, told_by
from clearscale_cluster import Cluster, ProgressCallback
from clearscale_kernels.jit.vectors import WIDTH
from clearscale_kernels.text.records import Records

from .columns import PERSON_COLUMNS, DecidedRows
from .county import CONVICTION_COLUMNS, join_rows, ready_rows
from .result_files import RecordBlock, ResultFiles, remove_partial, write_all, writing_results


def export_county(
    run: Run, county: str, out: str, cluster: Cluster, *, progress: ProgressCallback | None = None
) -> list[Path]:
    """Write a county's result files; see `clearscale.outputs.export`."""
    if "://" in out:
        raise RunError(f"{out}: result files are written into a local folder; choose one for --out, and copy them")
    store = open_store_of(run)
    folder = Path(out)
    tasks = [(run, store, entry, folder) for entry in store.manifest.extracts_of(county)]
    summary = with_earliest(run.counties[county], as_of_day(run.info["as_of"]))
    summary[SECONDS] = run.info["seconds"]
    records = sum(entry.stored for _, _, entry, _ in tasks)
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
        Folder(out).remove(SUMMARY)
        name_lasting(written)
        # In the form in which it always was, for whoever compares its bytes.
        Folder(out).write(SUMMARY, f"{json.dumps(summary, indent=1)}\n".encode("ascii"), lasting=True)
    return [*(target for _, target in written), folder / SUMMARY]


def _export(task: tuple[Run, Store, ExtractEntry, Path]) -> list[tuple[Path, Path]]:
    """Write the result files of one extract; return where they are and where they belong."""
    run, store, entry, folder = task
    files = ResultFiles(folder, "", _decided(run, store, entry), name_later=True)
    write_all(files, _records(store, entry))
    return files.written


def _decided(run: Run, store: Store, entry: ExtractEntry) -> DecidedRows:
    """Return what the result files add to the decided records of an extract."""
    decisions = decisions_of(run, entry.id)
    decisions = decisions.filter(decisions.column("county_figure"))
    rows = decisions.column("row").to_numpy()
    determinations = decisions.column("determination").to_pylist()
    reasons = _reasons_as_written(
        run, store, decisions.column("reason").to_pylist(), decisions.column("offense").to_pylist()
    )
    place = store.manifest.numbered()[entry.id]
    as_of = as_of_day(run.info["as_of"])
    parts = []
    for number in range(store.manifest.buckets):
        convictions = store.bucket(CONVICTIONS, number, ["extract", *CONVICTION_COLUMNS])
        own = np.flatnonzero(convictions.column("extract").to_numpy() == place)
        row = convictions.column("row").to_numpy()[own]
        found = np.searchsorted(rows, row)
        hit = found < rows.size
        hit[hit] = rows[found[hit]] == row[hit]
        people = store.bucket(PEOPLE, number, PERSON_COLUMNS)
        at = found[hit]
        parts.append(
            ready_rows(
                convictions, people, own[hit], [determinations[k] for k in at], [reasons[k] for k in at], as_of
            )
        )
    return join_rows(parts)


def _reasons_as_written(run: Run, store: Store, reasons: list[str], offenses: list[str]) -> list[str]:
    """Return reasons as result files have them.

    A code section in a reason keeps its bytes, which decisions show escaped. reasons, offenses (code sections as
    decisions show them): of each decision.
    """
    forms = reasons_with_code_section(policy_of(run))
    if not forms:
        return reasons
    known = Offenses(Dictionaries.read(store.snapshot.folder(DICTIONARIES), ("offense",)).texts["offense"])
    code = {readable(text): place for place, text in enumerate(known.texts)}
    written = []
    for reason, offense in zip(reasons, offenses, strict=True):
        place = code[offense]
        held = next((form for form in forms if reason == filled_in(form, known.shown[place])), reason)
        written.append(filled_in(held, known.written(place)))
    return written


def _records(store: Store, entry: ExtractEntry) -> Iterator[RecordBlock]:
    """Yield the extract's records, block by block, as the writer takes them."""
    for table in store.records(entry):
        pieces, starts, ends, size = [], [], [], 0
        for name in state().format.columns:
            column = table.column(name).combine_chunks()
            _, offsets, data = column.buffers()
            bounds = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
            first, last = int(bounds[0]), int(bounds[-1])
            pieces.append(np.frombuffer(data or b"", np.uint8)[first:last])
            starts.append(bounds[:-1] - np.int32(first - size))
            ends.append(bounds[1:] - np.int32(first - size))
            size += last - first
        pieces.append(np.zeros(WIDTH, np.uint8))
        rows = table.column("row").to_numpy()
        records = Records(
            data=np.concatenate(pieces),
            starts=np.stack(starts),
            ends=np.stack(ends),
            extents=np.zeros((2, rows.size), np.int32),
            canonical=np.zeros(rows.size, np.bool_),
        )
        yield RecordBlock(records, rows)
