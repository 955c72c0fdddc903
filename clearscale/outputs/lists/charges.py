"""Decisions on charges, with what the store knows of their people and cases.

A store of charges lies in buckets of people, so a court's rows are in all of them. All buckets are gone through
once for as many courts as fit into memory together, and again for the next ones.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.charges.tables import NO_DAY, UNKNOWN, Tables
from clearscale.errors import RunError
from clearscale.relief import OUTCOMES
from clearscale.runs.charges import ChargeRun
from clearscale.runs.charges.reading import read_decisions
from clearscale.runs.stores import open_charges_of
from clearscale.store.charge_store import ChargeStore
from clearscale_cluster import Label, ProgressCallback
from clearscale_kernels.arrays import Bools, Int64s

from .checking import require_same
from .columns import CHARGES, schema_of
from .flag_words import CHARGE_FLAGS
from .wanted import Seen, Wanted, by_court, flags_of, in_order, named, of_case, with_flags

AT_ONCE = 2**18
"""Rows that are in memory together, more where one court has more."""

FLAGS = {int(mark): name for mark, (name, _) in CHARGE_FLAGS.items()}

_SCHEMA = schema_of(CHARGES)
LABEL = Label("list decisions", "buckets")
_KEY = "key:"
_ROW = "row"

Court = tuple[str, str]
"""County and court, empty where they are not known."""


def charges(run: ChargeRun, wanted: Wanted, progress: ProgressCallback | None = None) -> Iterator[pa.Table]:
    """Yield decisions, a table a court, in the order of county and court.

    Raises RunError, before the first table comes, for names that are not the run's, or where its decisions are not
    those of its tables; at the end, for an agency that was not met.
    """
    if wanted.record is not None:
        raise RunError("charges have no name of a record: find them by their case, or by file and line")
    store = open_charges_of(run)
    counties = named(wanted.counties, store.words.counties, "county")
    by_name = {outcome.text: name for name, outcome in OUTCOMES.items()}
    outcomes = named(wanted.outcomes, OUTCOMES, "outcome", **by_name)
    flags = flags_of(wanted.flags, FLAGS.values(), FLAGS.values())
    courts = Seen(wanted.courts, "court")
    counts: Counter[Court] = Counter()
    of_outcomes: Counter[tuple[str, str]] = Counter()
    for bucket in range(store.buckets):
        table = _decided(run, bucket, counties)
        keys = [pc.fill_null(table.column(name), "").to_pylist() for name in ("county", "court", "outcome")]
        of_outcomes.update(zip(keys[0], keys[2], strict=True))
        mask = courts.among(table.column("court"))
        counts.update(
            (county, court)
            for county, court, fits in zip(keys[0], keys[1], mask if mask is not None else keys[0], strict=True)
            if mask is None or fits
        )
    require_same(run, of_outcomes, counties)
    courts.require_met()
    agencies, any_case = Seen(wanted.agencies, "agency"), False
    groups = list(_together(counts))
    total = len(groups) * store.buckets
    for number, some in enumerate(groups):
        pieces = []
        for bucket in range(store.buckets):
            pieces.append(_listed(run, store, bucket, some, counties))
            if progress is not None:
                progress(number * store.buckets + bucket + 1, total, LABEL)
        table = pa.concat_tables(pieces)
        if outcomes:
            table = table.filter(pc.is_in(table.column("outcome"), pa.array(outcomes)))
        if flags:
            table = table.filter(pa.array(with_flags(table.column("flags").combine_chunks(), flags)))
        if wanted.case is not None:
            table = table.filter(pa.array(of_case(table.column("case").combine_chunks(), wanted.case)))
            any_case = any_case or table.num_rows > 0
        among = agencies.among(table.column("agency"))
        table = table if among is None else table.filter(pa.array(among))
        yield from by_court(in_order(table, ("date", "file", "line")))
    agencies.require_met()
    if wanted.case is not None and not any_case:
        raise RunError("no decision that is asked for is of a case with that number; look at how records write it")


def _together(counts: Counter[Court]) -> Iterator[set[Court]]:
    """Yield courts in order, as many as may be in memory together."""
    some: set[Court] = set()
    rows = 0
    for court in sorted(counts):
        if some and rows + counts[court] > AT_ONCE:
            yield some
            some, rows = set(), 0
        some.add(court)
        rows += counts[court]
    if some:
        yield some


def _decided(run: ChargeRun, bucket: int, counties: Sequence[str]) -> pa.Table:
    """A bucket's decisions in some counties, in all if none are named; `row` is theirs in its tables, if known."""
    table, rows, _ = read_decisions(run, bucket)
    if rows is not None:
        table = table.append_column(_ROW, pa.array(rows))
    texts = {name: table.column(name).cast(pa.string()) for name in ("county", "court", "outcome")}
    for name, column in texts.items():
        table = table.set_column(table.column_names.index(name), name, column)
    return table.filter(pc.is_in(table.column("county"), pa.array(counties))) if counties else table


def _listed(
    run: ChargeRun, store: ChargeStore, bucket: int, courts: set[Court], counties: Sequence[str]
) -> pa.Table:
    """The rows of some courts in a bucket, in its order."""
    decided = _decided(run, bucket, counties)
    names = [pc.fill_null(decided.column(name), "").to_pylist() for name in ("county", "court")]
    chosen = np.fromiter((court in courts for court in zip(*names, strict=True)), np.bool_, decided.num_rows)
    if not chosen.any():
        return _SCHEMA.empty_table()
    decided = decided.filter(pa.array(chosen))
    tables = store.tables(bucket)
    at = _places(store, tables, decided)
    charges, words = tables.charges, tables.words
    offenses = charges.offense[at]
    identities = store.numbers(bucket).column("identity").take(pa.array(at))
    keyed = pc.starts_with(identities, _KEY)
    people = charges.person[at]
    marks = charges.marks[at] | tables.people.marks[people]
    occurring, of_rows = np.unique(marks, return_inverse=True)
    flags = [";".join(text for bit, text in FLAGS.items() if int(mark) & bit) for mark in occurring]
    sections = zip(*(decided.column(name).to_pylist() for name in ("code", "section", "subsection")), strict=True)
    columns = {
        **{name: decided.column(name) for name in ("county", "court", "case", "outcome", "reason", "missing")},
        "person": pa.nulls(at.size, pa.string()),
        "number": pc.if_else(keyed, pc.utf8_slice_codeunits(identities, len(_KEY)), ""),
        "birth_date": _days(tables.people.birth_date[people]),
        "charge": pa.array(
            [" ".join(f"{code or ''} {section or ''}{part or ''}".split()) for code, section, part in sections]
        ),
        "description": _coded(offenses, [offense.description or offense.statute for offense in words.offenses]),
        "level": _coded(charges.level[at], words.levels),
        "date": _days(charges.disposition_date[at]),
        "agency": _coded(charges.agency[at], words.agencies),
        "eligible_from": decided.column("first_eligible"),
        "flags": pa.array(flags, pa.string()).take(pa.array(of_rows)),
        "sequence": decided.column("sequence"),
        "file": decided.column("file"),
        "line": decided.column("line"),
    }
    made = {}
    for field in _SCHEMA:
        column = columns[field.name].cast(field.type)
        made[field.name] = pc.fill_null(column, "") if pa.types.is_string(field.type) else column
    return pa.table(made, schema=_SCHEMA)


def _places(store: ChargeStore, tables: Tables, decided: pa.Table) -> Int64s:
    """The row of each decision's charge in the tables of its bucket. Raises RunError if one has none."""
    if _ROW in decided.column_names:
        known: Int64s = decided.column(_ROW).to_numpy()
        return known
    charges, files = tables.charges, {name: code for code, name in enumerate(tables.words.files)}
    names = decided.column("file").combine_chunks()
    of_names = np.array([files.get(name, UNKNOWN) for name in names.dictionary.to_pylist()], np.int64)
    codes = of_names[names.indices.to_numpy()]
    lines = decided.column("line").to_numpy()
    longest = int(max(charges.line.max(initial=0), lines.max(initial=0))) + 1
    own = charges.file.astype(np.int64) * longest + charges.line
    order = np.argsort(own, kind="stable")
    keys = codes * longest + lines
    at = np.minimum(np.searchsorted(own[order], keys), own.size - 1)
    found: Int64s = order[at]
    if (own[found] != keys).any():
        raise RunError(
            f"{store.folder.url}: has not all charges that the run decided; its files were changed or are of "
            "several runs: make the run again in a new folder"
        )
    return found


def _coded(codes: np.ndarray, texts: Sequence[str]) -> pa.Array:
    """Texts by their codes; null where there is none."""
    return pa.array(texts, pa.string()).take(pa.array(codes.astype(np.int64), mask=codes == UNKNOWN))


def _days(days: np.ndarray) -> pa.Array:
    missing: Bools = days == NO_DAY
    return pa.array(days, pa.int32(), mask=missing).cast(pa.date32())
