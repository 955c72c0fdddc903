"""A run's decisions, brought from the order of people into that of extracts and rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from clearscale.errors import RunError
from clearscale.io.seals import Seal
from clearscale.law import state
from clearscale.policy import outcomes
from clearscale_kernels.arrays import Int32s, Int64s
from clearscale_kernels.policy import parts

from .crosstabs import Coded, required
from .parts import DecisionPart
from .snapshots import SharedSnapshot, shared_snapshot
from .tasks import RunTask, write_result

_SECTIONS = state().charges.sections

SYNTHETIC = f"synthetic-{state().charges.marked('synthetic').label}"
"""The flag, and the finding, of a code section that names the synthetic drug."""

DECISIONS = "decisions"

MOST_DECISIONS = 2**16
"""Decisions in one file, more where one extract has more: extracts are not split."""

FLAG_TEXTS = {
    parts.RESTS_ON_MISSING: "rests-on-missing-date",
    parts.NO_EVENT_DATE: "no-conviction-date",
    parts.FROM_COMMENT: "charge-in-comment",
    parts.SET_ASIDE: "set-aside",
    parts.REDUCED: "reduced",
    parts.SYNTHETIC: SYNTHETIC,
    parts.OTHER_COUNTY: "other-county",
    parts.SUPERSEDED: "superseded-copy",
}
"""Flags of a decision by the bits of its mark: what a person should know before acting on it."""

_MARKS = [";".join(text for bit, text in FLAG_TEXTS.items() if mark & bit) for mark in range(256)]
"""The flags of each mark as one text."""

_TEXT_COLUMNS = ["extract", "county", "offense", "section", "determination", "reason", "flags"]


@dataclass(frozen=True)
class DecisionsTask:
    """The decisions of some extracts, one file. parts: see `DecidedBuckets`."""

    run: RunTask
    number: int
    extracts: range
    parts: dict[int, DecisionPart]


def decision_file(number: int) -> str:
    """Name of a file of decisions."""
    return f"{DECISIONS}/part-{number:05d}.parquet"


def share_out(counts: Sequence[int]) -> list[range]:
    """Share extracts out to files by their numbers of decisions, independently of the run's tasks."""
    shares, first, size = [], 0, 0
    for place, count in enumerate(counts):
        if size and size + count > MOST_DECISIONS:
            shares.append(range(first, place))
            first, size = place, 0
        size += count
    return [*shares, range(first, len(counts))] if counts else []


def write_decisions(task: DecisionsTask) -> Seal:
    """Write one file: the decisions of its extracts, each extract's in file order. Returns its seal."""
    about = shared_snapshot(task.run.store, task.run.snapshot)
    pieces = [part.read(task.run.out, task.extracts) for part in task.parts.values()]
    column = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
    order = _order(column["extract"], column["row"], about)
    table = _table(task, about, {name: values.take(order) for name, values in column.items()})
    return write_result(task.run, decision_file(task.number), table, _TEXT_COLUMNS, ["row"])


def _order(extracts: Int32s, rows: Int32s, about: SharedSnapshot) -> Int32s:
    """Order decisions by extract and row. Raises RunError if a record has two: the store is then damaged."""
    entries = about.store.manifest.extracts
    first, last = int(extracts.min(initial=len(entries))), int(extracts.max(initial=-1))
    before = np.cumsum([0, *(entry.records for entry in entries[first : last + 1])], dtype=np.int64)
    numbers: Int64s = before.take(extracts - np.int32(first)) + rows.astype(np.int64)
    words = int(before[-1]) // parts.WORD + 1
    order = np.empty(rows.size, np.int32)
    if parts.order_rows(numbers, np.zeros(words, np.uint32), np.empty(words, np.int32), order) < rows.size:
        raise RunError(f"{about.store.folder.url}: a record is decided twice; the store is damaged, ingest it anew")
    return order


def _table(task: DecisionsTask, about: SharedSnapshot, column: dict[str, np.ndarray]) -> pa.Table:
    known = outcomes(task.run.policies[0], about.offenses)
    decided = known.at(column["rule"], column["offense"])
    sections = about.sections.take(column["offense"]) if about.sections.size else np.zeros(0, np.int8)
    marks = column["mark"]
    return required(
        {
            "extract": _coded(column["extract"], [entry.id for entry in about.store.manifest.extracts]),
            "row": column["row"],
            "county": _coded(column["county"], about.texts["county"]),
            "offense": _coded(column["offense"], about.texts["offense"]),
            "section": _coded(np.where(sections < 0, len(_SECTIONS), sections), [*_SECTIONS, ""]),
            "determination": _coded(decided, known.determinations),
            "reason": _coded(decided, known.reasons),
            "flags": _coded(marks, _MARKS),
            "county_figure": pa.array((marks & parts.OTHER_COUNTY) == 0),
            "state_figure": pa.array((marks & parts.SUPERSEDED) == 0),
        }
    )


def _coded(codes: np.ndarray, texts: Sequence[str]) -> pa.Array:
    """Encode texts by code, with a dictionary of those that occur, each once and sorted.

    The file then depends on nothing else. Arrow's Parquet writer accepts a dictionary with duplicates, but leaves
    room for both and fills the gap with whatever memory held before.
    """
    used = np.flatnonzero(np.bincount(codes, minlength=len(texts))).tolist()
    coded = Coded.of([texts[code] for code in used])
    places = np.zeros(len(texts), np.int8 if len(coded.texts) < 128 else np.int32)
    places[used] = coded.places
    return pa.DictionaryArray.from_arrays(pa.array(places.take(codes)), pa.array(coded.texts, pa.string()))
