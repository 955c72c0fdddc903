"""Decisions on convictions, with what the store's records say of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.dates import NO_DATE
from clearscale.encoding import readable
from clearscale.errors import RunError
from clearscale.law import state
from clearscale.policy import DISMISS, REDUCE
from clearscale.runs import Run
from clearscale.runs.decisions import FLAG_TEXTS
from clearscale.runs.opened import decisions_of
from clearscale.runs.recorded import policy_of
from clearscale.runs.stores import open_store_of
from clearscale.store import Store
from clearscale_cluster import Label, ProgressCallback
from clearscale_kernels.arrays import Bools, Int64s

from .checking import require_same
from .columns import CONVICTIONS, schema_of
from .flag_words import FLAG_WORDS
from .locating import Found, find_people, find_records
from .wanted import Seen, Wanted, by_court, flags_of, in_order, named, of_case, plain, with_flags

_ROLES, _SAYS = state().format.roles, state().format.says
_RECORD = [
    *(_ROLES.name, _ROLES.agency, _ROLES.event_type, _ROLES.record, _ROLES.offense, _ROLES.comment),
    _ROLES.count_order,
]
_SCHEMA = schema_of(CONVICTIONS)
LABEL = Label("list decisions", "buckets and counties")


@dataclass(frozen=True)
class _Decided:
    """Decisions of some extracts, in the order of the manifest and of rows.

    table: as the run has them. keys: shape (n,), ascending: place of the record among all records of all extracts.
    """

    table: pa.Table
    keys: Int64s

    def taken(self, chosen: Bools) -> "_Decided":
        return _Decided(self.table.filter(pa.array(chosen)), self.keys[chosen])


def _nobody(*_: object) -> None:
    """Tell nobody how far it is."""


def convictions(run: Run, wanted: Wanted, progress: ProgressCallback | None = None) -> Iterator[pa.Table]:
    """Yield the decisions that counties count, a table a court, in the order of county and court.

    Raises RunError, before the first table comes, for names that are not the run's, and where its decisions are not
    those of its tables or of no conviction of the store; at the end, for a court or an agency that was not met.
    """
    counties = named(wanted.counties, run.counties, "county") or tuple(sorted(run.counties))
    known = pc.unique(run.table("convictions").column("determination")).to_pylist()
    policy = policy_of(run)
    # What a rule decides can be asked for, whether it has decided any or not.
    rules = (rule.determination for county in run.counties for rule in policy.of_county(county).rules)
    known = [*dict.fromkeys([*known, *rules])]
    outcomes = named(wanted.outcomes, known, "outcome", dismiss=DISMISS, reduce=REDUCE, none="")
    flags = flags_of(wanted.flags, FLAG_TEXTS.values(), FLAG_WORDS)
    store = open_store_of(run)
    decided = _decided(run, store, counties)
    _require_counts(run, decided.table, counties)
    if outcomes:
        decided = decided.taken(pc.is_in(decided.table.column("determination"), pa.array(outcomes)).to_numpy())
    if flags:
        decided = decided.taken(with_flags(decided.table.column("flags").combine_chunks(), flags))
    tell = progress or _nobody
    total = store.manifest.buckets + len(counties)
    found = find_people(store, decided.keys, lambda done: tell(done, total, LABEL))
    if found.places.size != decided.keys.size:
        raise RunError(
            f"{run.folder.url}: {decided.keys.size - found.places.size:,} of its decisions are of no conviction in "
            "the store; its files were changed or are of several runs: make the run again in a new folder"
        )
    if wanted.case is not None:
        hits = of_case(found.table.column("case").combine_chunks(), wanted.case)
        if not hits.any():
            raise RunError(
                "no decision that is asked for is of a case with that number; look at how records write it"
            )
        decided, found = decided.taken(hits), found.taken(hits)
    for done, table in _of_counties(store, decided, found, counties, wanted):
        tell(total - len(counties) + done, total, LABEL)
        yield from by_court(table)


def _of_counties(
    store: Store, decided: _Decided, found: Found, counties: Sequence[str], wanted: Wanted
) -> Iterator[tuple[int, pa.Table]]:
    """Yield how many counties are done, and the rows of the last one, in order."""
    courts, agencies = Seen(wanted.courts, "court"), Seen(wanted.agencies, "agency")
    sought, any_record = plain(wanted.record or ""), False
    for done, county in enumerate(sorted(counties), start=1):
        own = pc.equal(decided.table.column("county"), county).to_numpy()
        table = _listed(store, decided.taken(own), found.taken(own)) if own.any() else _SCHEMA.empty_table()
        for names, column in ((courts, "court"), (agencies, "agency")):
            mask = names.among(table.column(column))
            table = table if mask is None else table.filter(pa.array(mask))
        if wanted.record is not None:
            hits = [plain(text) == sought for text in table.column("record").to_pylist()]
            table = table.filter(pa.array(hits, pa.bool_()))
            any_record = any_record or any(hits)
        yield done, in_order(table, ("date", "extract", "row"))
    courts.require_met()
    agencies.require_met()
    if wanted.record is not None and not any_record:
        raise RunError(
            f"no decision that is asked for is of a record with that {_ROLES.record}; only decided convictions are "
            "listed"
        )


def _decided(run: Run, store: Store, counties: Sequence[str]) -> _Decided:
    """The decisions that these counties count."""
    pieces, keys, first = [], [np.empty(0, np.int64)], 0
    for entry in store.manifest.extracts:
        if readable(entry.county) in counties:
            table = decisions_of(run, entry.id)
            table = table.filter(table.column("county_figure"))
            pieces.append(pa.table({name: _plain(table.column(name)) for name in _TAKEN}))
            keys.append(table.column("row").to_numpy().astype(np.int64) + first)
        first += entry.records
    empty = pa.table({name: pa.array([], kind) for name, kind in _TAKEN.items()})
    return _Decided(pa.concat_tables([empty, *pieces]), np.concatenate(keys))


_TAKEN = {
    **dict.fromkeys(("extract", "county", "offense", "determination", "reason", "flags"), pa.string()),
    "row": pa.int64(),
}


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.int64() if pa.types.is_integer(column.type) else pa.string())


def _require_counts(run: Run, decisions: pa.Table, counties: Sequence[str]) -> None:
    """Raise RunError if the counts by county and outcome are not those of the run's tables."""
    found = decisions.group_by(["county", "determination"]).aggregate([([], "count_all")]).to_pylist()
    require_same(run, {(row["county"], row["determination"]): row["count_all"] for row in found}, counties)


def _listed(store: Store, decided: _Decided, found: Found) -> pa.Table:
    """The rows of a county, in no order."""
    records = find_records(store, np.concatenate([decided.keys, found.mates]), _RECORD)
    at = np.searchsorted(records.keys, decided.keys)
    missing = np.count_nonzero(records.keys.take(at, mode="clip") != decided.keys) if records.keys.size else at.size
    if missing:
        raise RunError(
            f"{store.folder.url}: has no records of {missing:,} decided convictions; `clearscale verify` looks for "
            "what is damaged"
        )
    texts = {name: records.texts(name, at) for name in _RECORD}
    convictions, decisions = found.table, decided.table
    in_comment = _said(_SAYS.charge_in_comment, texts[_ROLES.offense])
    words = pc.if_else(pa.array(in_comment), texts[_ROLES.comment], texts[_ROLES.offense])
    columns = {
        "county": decisions.column("county"),
        "court": texts[_ROLES.agency],
        "case": convictions.column("case"),
        "person": texts[_ROLES.name],
        "number": convictions.column("number"),
        "birth_date": _days(convictions.column("birth_date")),
        "charge": pc.utf8_trim_whitespace(decisions.column("offense")),
        "description": words,
        "level": pc.if_else(convictions.column("felony"), "felony", "not a felony"),
        "date": _days(convictions.column("event_date")),
        "agency": _agencies(found, records.texts(_ROLES.agency), records.texts(_ROLES.event_type), records.keys),
        "outcome": decisions.column("determination"),
        "reason": decisions.column("reason"),
        "flags": decisions.column("flags"),
        "sequence": _counts(texts[_ROLES.count_order]),
        "extract": decisions.column("extract"),
        "row": decisions.column("row"),
        "record": texts[_ROLES.record],
    }
    made = {field.name: _as(columns[field.name], field.type) for field in _SCHEMA}
    return pa.table(made, schema=_SCHEMA)


def _counts(orders: pa.Array) -> pa.Array:
    """The number of the count that each count order names."""
    coded = pc.fill_null(orders, "").dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    numbers = [state().format.count_number(order) for order in coded.dictionary.to_pylist()]
    return pa.array(numbers, pa.string()).take(coded.indices)


def _as(column: pa.Array | pa.ChunkedArray, kind: pa.DataType) -> pa.Array:
    """A column of texts without nulls, or of days and numbers."""
    made = column.cast(kind)
    return pc.fill_null(made, "") if pa.types.is_string(kind) else made


def _days(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Days as dates; null where one is missing, or of the year 0, which no calendar of a reader's has."""
    return pc.if_else(pc.less_equal(column, NO_DATE), pa.scalar(None, pa.int32()), column).cast(pa.date32())


def _said(saying: object, texts: pa.Array) -> Bools:
    """Which texts say a thing. Shape (n,)."""
    assert callable(saying)
    coded = texts.dictionary_encode()
    fits = np.array([saying(text.encode()) for text in coded.dictionary.to_pylist()], np.bool_)
    found: Bools = fits[coded.indices.to_numpy()] if fits.size else np.zeros(len(texts), np.bool_)
    return found


def _agencies(found: Found, agencies: pa.Array, types: pa.Array, keys: Int64s) -> pa.Array:
    """Who made the first arrest of each conviction's cycle; empty where no record tells."""
    told = _said(_SAYS.arrest, types) & pc.not_equal(agencies, "").to_numpy(zero_copy_only=False)
    at = np.searchsorted(keys, found.mates)
    arrests = np.flatnonzero(told[at]) if at.size else np.empty(0, np.int64)
    # The first by row of each cycle.
    order = arrests[np.lexsort((found.mates[arrests], found.mates_of[arrests]))]
    cycles, first = np.unique(found.mates_of[order], return_index=True)
    place = np.searchsorted(cycles, found.cycles)
    known = place < cycles.size
    known[known] = cycles[place[known]] == found.cycles[known]
    taken = np.zeros(found.cycles.size, np.int64)
    taken[known] = at[order[first[place[known]]]]
    return pc.if_else(pa.array(known), agencies.take(pa.array(taken)), "") if len(agencies) else pa.array([], "")
