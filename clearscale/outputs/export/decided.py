"""The decided convictions of extracts, found in a store's buckets and made ready for result files."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from clearscale.dates import as_of_day
from clearscale.encoding import readable, to_bytes
from clearscale.errors import RunError
from clearscale.histories.dictionaries import Dictionaries
from clearscale.law.offense_texts import Offenses
from clearscale.policy.outcomes import filled_in, reasons_with_code_section
from clearscale.runs import Run
from clearscale.runs.opened import decisions_of
from clearscale.runs.recorded import policy_of
from clearscale.store import ExtractEntry, Store
from clearscale.store.layout import CONVICTIONS, DICTIONARIES, PEOPLE
from clearscale_kernels.arrays import Int32s

from .columns import PERSON_COLUMNS, DecidedRows, decided_rows
from .county import CONVICTION_COLUMNS

_PERSON = "person"
"""Which convictions of a bucket are one person's, in a column of what was found there."""


def decided_here(run: Run, extract: str) -> pa.Table:
    """The decisions on an extract that its county counts, in file order. extract: its id."""
    decisions = decisions_of(run, extract)
    return decisions.filter(decisions.column("county_figure"))


def found_in_bucket(store: Store, number: int, wanted: Mapping[int, Int32s]) -> dict[int, pa.Table]:
    """What a bucket has of decided convictions and their people.

    Parameters
    ----------
    store
        The store.
    number
        Of the bucket.
    wanted
        Rows of decided convictions, ascending, by the place of their extract.

    Returns
    -------
    dict of int to Table
        By the place of the extract, what result files add to records is made of.
    """
    convictions = store.bucket(CONVICTIONS, number, ["extract", *CONVICTION_COLUMNS])
    extracts, row = (convictions.column(name).to_numpy() for name in ("extract", "row"))
    hits = {}
    for place, rows in wanted.items():
        own = np.flatnonzero(extracts == place)
        at = np.searchsorted(rows, row[own])
        hit = at < rows.size
        hit[hit] = rows[at[hit]] == row[own][hit]
        if hit.any():
            hits[place] = own[hit]
    people = store.bucket(PEOPLE, number, PERSON_COLUMNS) if hits else None
    found = {}
    for place, taken in hits.items():
        own = convictions.take(pa.array(taken))
        assert people is not None
        of_people = people.take(own.column("history"))
        columns = {name: own.column(name) for name in CONVICTION_COLUMNS if name != "history"}
        columns |= {name: of_people.column(name) for name in PERSON_COLUMNS}
        found[place] = pa.table({**columns, _PERSON: own.column("history")})
    return found


def ready(run: Run, store: Store, entry: ExtractEntry, pieces: list[pa.Table]) -> DecidedRows:
    """What the result files add to the decided records of an extract.

    pieces: what each bucket has of them. Raises RunError if that is not all.
    """
    decisions = decided_here(run, entry.id)
    # A person is in one bucket, which numbers people by itself.
    numbered = [
        piece.append_column("piece", pa.array(np.full(piece.num_rows, number, np.int32)))
        for number, piece in enumerate(pieces)
    ]
    rows = decisions.column("row").to_numpy()
    if sum(piece.num_rows for piece in pieces) != rows.size:
        raise RunError(
            f"{run.folder.url}: decisions on {entry.id} are of no conviction in the store; its files were changed "
            "or are of several runs: make the run again in a new folder"
        )
    if not rows.size:
        return DecidedRows(np.empty(0, np.int64), [], [])
    found = pa.concat_tables(numbered)
    found = found.take(pa.array(np.argsort(found.column("row").to_numpy(), kind="stable")))
    person = found.column(_PERSON).to_numpy().astype(np.int64) * len(pieces) + found.column("piece").to_numpy()
    _, first, of_rows = np.unique(person, return_index=True, return_inverse=True)
    people = found.select(PERSON_COLUMNS).take(pa.array(first)).to_pydict()
    convictions = found.select([name for name in CONVICTION_COLUMNS if name != "history"]).to_pydict()
    convictions["history"] = of_rows.tolist()
    convictions["determination"] = [text.encode() for text in decisions.column("determination").to_pylist()]
    reasons, offenses = (decisions.column(name).to_pylist() for name in ("reason", "offense"))
    convictions["reason"] = [to_bytes(text) for text in _reasons_as_written(run, store, reasons, offenses)]
    return decided_rows(convictions, people, as_of_day(run.info["as_of"]))


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
