"""The decided convictions of one extract, made ready for its result files."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.encoding import to_bytes

from .columns import PERSON_COLUMNS, DecidedRows, decided_rows

CONVICTION_COLUMNS = ["row", "event_date", "history", "case_number"]
"""The columns of `convictions` that result files are made from."""


def ready_rows(
    convictions: pa.Table,
    people: pa.Table,
    places: np.ndarray,
    determinations: Sequence[str],
    reasons: Sequence[str],
    as_of: int,
) -> DecidedRows:
    """Return the added columns of decided convictions, in file order.

    convictions, people: one bucket of the store. places: shape (k,), the decided convictions of one extract;
    determinations, reasons: of each. as_of: day number.
    """
    order = np.argsort(convictions.column("row").to_numpy()[places], kind="stable")
    taken = convictions.select(CONVICTION_COLUMNS).take(pa.array(places[order]))
    columns: dict[str, list[Any]] = taken.to_pydict()
    columns["determination"] = [determinations[place].encode() for place in order]
    columns["reason"] = [to_bytes(reasons[place]) for place in order]
    histories, columns["history"] = _renumbered(columns["history"])
    concerned = people.select(PERSON_COLUMNS).take(pa.array(histories, pa.int64()))
    return decided_rows(columns, concerned.to_pydict(), as_of)


def _renumbered(histories: list[int]) -> tuple[list[int], list[int]]:
    """Return (distinct values in order of appearance, place of each value among them)."""
    place: dict[int, int] = {}
    numbers = [place.setdefault(history, len(place)) for history in histories]
    return list(place), numbers
