"""The decided convictions of one extract, made ready for its result files."""

from typing import Any

import numpy as np
import pyarrow as pa

from ..evaluate import Decisions
from .columns import DecidedRows, decided_rows


def ready_rows(
    convictions: pa.Table, people: pa.Table, decisions: Decisions, chosen: np.ndarray, as_of: int
) -> DecidedRows:
    """The added columns of the convictions that `decisions` decided and `chosen` (shape (k,), bool) keeps.

    convictions, people: tables of one bucket of the store; as_of: day number.
    """
    determinations, reasons = decisions.texts()
    places, rules = decisions.places[chosen], decisions.rules[chosen]
    order = np.argsort(convictions.column("row").to_numpy()[places], kind="stable")
    places, rules = places[order], rules[order]
    taken = convictions.select(["row", "event_date", "history", "case_number"]).take(pa.array(places))
    columns: dict[str, list[Any]] = taken.to_pydict()
    columns["determination"] = [determinations[rule].encode() for rule in rules]
    columns["reason"] = [reasons[rule].encode() for rule in rules]
    histories, columns["history"] = _renumbered(columns["history"])
    return decided_rows(columns, people.take(pa.array(histories, pa.int64())).to_pydict(), as_of)


def _renumbered(histories: list[int]) -> tuple[list[int], list[int]]:
    """(distinct values in order of appearance, place of each value among them)."""
    place: dict[int, int] = {}
    numbers = [place.setdefault(history, len(place)) for history in histories]
    return list(place), numbers
