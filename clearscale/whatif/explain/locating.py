"""Locate a record of an extract in a store, and say what it is if no run decides it."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from clearscale.errors import RunError
from clearscale.histories.candidates import CandidateTables
from clearscale.law import state
from clearscale.store import ExtractEntry, Store
from clearscale.store.layout import CONVICTIONS, HISTORIES, PEOPLE
from clearscale_kernels import flag

_MOST_NAMES = 12


def named_extract(store: Store, wanted: str) -> ExtractEntry:
    """Return the extract with that id or file name, or the only one that begins so.

    Raises RunError for none or several.
    """
    entries = store.manifest.extracts
    names = {entry.id: (entry.id, entry.name, *(part.name for part in entry.parts)) for entry in entries}
    exact = [entry for entry in entries if wanted in names[entry.id]]
    by_prefix = [entry for entry in entries if wanted and any(text.startswith(wanted) for text in names[entry.id])]
    found = exact or by_prefix
    if len(found) == 1:
        return found[0]
    if found:
        raise RunError(f"'{wanted}' may be any of these extracts: {_names(found)}; write the whole id of one")
    raise RunError(f"the run has no extract '{wanted}'; it has: {_names(entries)}")


def _names(entries: Sequence[ExtractEntry]) -> str:
    names = [f"{entry.id} ({entry.name})" for entry in entries]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return (", ".join(names[:_MOST_NAMES]) or "none") + more


def candidate(store: Store, extract: int, row: int) -> tuple[int, CandidateTables, int] | None:
    """Return the bucket that holds a candidate, its tables that a run reads, and the candidate's place there."""
    for number in range(store.manifest.buckets):
        tables = store.candidates(number)
        at = _place(tables.candidates, tables.subjects, extract, row)
        if at is not None:
            return number, tables, at
    return None


def _place(rows: pa.Table, owners: pa.Table, extract: int, row: int) -> int | None:
    """Return the place of the extract's row in a bucket's table. owners: the bucket's histories, with extracts."""
    hits = np.flatnonzero(rows.column("row").to_numpy() == row)
    of_extract = owners.column("extract").to_numpy()[rows.column("history").to_numpy()[hits]] == extract
    found = hits[of_extract]
    return int(found[0]) if found.size else None


def others_without_date(store: Store, bucket: int, history: int, row: int) -> int:
    """Count the convictions of a history, beside that of `row`, that have no date."""
    table = store.bucket(CONVICTIONS, bucket, ["history", "row", "flags"])
    column = {name: table.column(name).to_numpy() for name in table.column_names}
    lacking = (column["history"] == history) & (column["flags"] & flag.NO_EVENT_DATE != 0)
    return int(np.count_nonzero(lacking & (column["row"] != row)))


def undecided_row(store: Store, entry: ExtractEntry, row: int) -> RunError:
    """Return the error for a record that the run has no decision on: it says what the record is."""
    where = f"{entry.id}, row {row}"
    if not 0 <= row < entry.records:
        return RunError(
            f"{where}: the extract has {entry.records:,} records, numbered from 0 to {entry.records - 1}"
        )
    return RunError(f"{where}: is no decided conviction: {_what(store, entry, row)}")


def _what(store: Store, entry: ExtractEntry, row: int) -> str:
    if entry.quarantined and row in store.quarantine(entry).column("row").to_pylist():
        return "the record was quarantined when its extract was ingested"
    extract = store.manifest.numbered()[entry.id]
    if (found := candidate(store, extract, row)) is not None:
        _, tables, place = found
        if tables.candidates.column("flags")[place].as_py() & (flag.OWN_COUNTY | flag.CANONICAL):
            return "it is a conviction of a related charge, and its county's policy decides Prop 64 charges only"
        return (
            "it is another county's conviction, on a copy of a record that another extract of the person has more "
            "of, so that no figure counts it"
        )
    for number in range(store.manifest.buckets):
        rows = store.bucket(HISTORIES, number, ["history", "row", "count_order", "flags"])
        at = _place(rows, store.bucket(PEOPLE, number, ["extract"]), extract, row)
        if at is not None:
            return _of_record(store, number, rows.slice(at, 1).to_pylist()[0])
    return "the record was destroyed with `clearscale purge`" if entry.purged else "the store has no such record"


def _of_record(store: Store, bucket: int, record: dict[str, int]) -> str:
    """Say what a record is that is no candidate."""
    if not record["flags"] & flag.CONVICTED:
        return "the record tells of no conviction"
    table = store.bucket(CONVICTIONS, bucket, ["history", "row", "count_order"])
    own = table.take(np.flatnonzero(table.column("history").to_numpy() == record["history"]))
    first = {conviction["count_order"]: conviction["row"] for conviction in own.to_pylist()}[record["count_order"]]
    if first == record["row"]:
        return "it is a conviction, but neither under Prop 64 nor of a related charge, so no policy decides it"
    count_order = state().format.roles.count_order
    return (
        f"it has the {count_order} of the conviction in row {first} and only adds to that one's sentence; "
        f"write --row {first}"
    )
