"""A run's decisions, brought from the order of people into that of extracts and rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from clearscale_kernels import facts
from clearscale_kernels.arrays import Int32s, Int64s

from ..policy import outcomes
from ..tables import Coded
from .tasks import OTHER_COUNTY, RESTS_ON_MISSING, SUPERSEDED, SYNTHETIC, Reference, RunTask, part_file, reference

DECISIONS = "decisions"

MOST_DECISIONS = 2**16
"""Decisions in one file, more where one extract has more: extracts are not split."""

FLAG_TEXTS = (
    (RESTS_ON_MISSING, "rests-on-missing-date"),
    (facts.NO_EVENT_DATE, "no-conviction-date"),
    (facts.FROM_COMMENT, "charge-in-comment"),
    (facts.SET_ASIDE, "set-aside"),
    (facts.REDUCED, "reduced"),
    (SYNTHETIC, "synthetic-11357.5"),
    (OTHER_COUNTY, "other-county"),
    (SUPERSEDED, "superseded-copy"),
)
"""Flags of a decision: what a person should know before acting on it."""

_TEXT_COLUMNS = ["extract", "county", "offense", "section", "determination", "reason", "flags"]


@dataclass(frozen=True)
class DecisionsTask:
    """The decisions of some extracts, one file. parts: see `Outcome`."""

    run: RunTask
    number: int
    extracts: range
    parts: dict[int, Int64s]


def decision_file(number: int) -> str:
    """Name of a file of decisions."""
    return f"{DECISIONS}/part-{number:05d}.parquet"


def share_out(counts: Sequence[int]) -> list[range]:
    """Extracts of each file, from the number of decisions on each: the same whatever the run's tasks were."""
    shares, first, size = [], 0, 0
    for place, count in enumerate(counts):
        if size and size + count > MOST_DECISIONS:
            shares.append(range(first, place))
            first, size = place, 0
        size += count
    return [*shares, range(first, len(counts))] if counts else []


def write_decisions(task: DecisionsTask) -> None:
    """Write one file: the decisions of its extracts, each extract's in file order."""
    about = reference(task.run)
    pieces = [_read(task, number, bounds) for number, bounds in task.parts.items()]
    column = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
    order = np.argsort(column["extract"].astype(np.int64) << 32 | column["row"])
    table = _table(task, about, {name: values[order] for name, values in column.items()})
    # Rows differ from each other; to look for repetitions among them is lost time.
    task.run.out.write_parquet(
        decision_file(task.number), table, use_dictionary=_TEXT_COLUMNS, write_statistics=False
    )


def _read(task: DecisionsTask, number: int, bounds: Int64s) -> dict[str, np.ndarray]:
    """The part's decisions on the task's extracts."""
    first, last = int(bounds[task.extracts.start]), int(bounds[task.extracts.stop])
    table = task.run.out.read_arrow(part_file(number)).slice(first, last - first)
    column = {name: table.column(name).to_numpy() for name in table.column_names}
    counts = np.diff(bounds[task.extracts.start : task.extracts.stop + 1])
    column["extract"] = np.repeat(np.arange(task.extracts.start, task.extracts.stop, dtype=np.int32), counts)
    return column


def _table(task: DecisionsTask, about: Reference, column: dict[str, np.ndarray]) -> pa.Table:
    known = outcomes(task.run.policies[0], about.offenses)
    decided = known.at(column["rule"], column["offense"])
    sections = about.sections[column["offense"]]
    flags = column["flags"]
    return pa.table(
        {
            "extract": _coded(column["extract"], [entry.id for entry in about.store.manifest.extracts]),
            "row": column["row"],
            "county": _coded(column["county"], about.texts["county"]),
            "offense": _coded(column["offense"], about.texts["offense"]),
            "section": _coded(np.where(sections < 0, len(facts.SECTIONS), sections), [*facts.SECTIONS, ""]),
            "determination": _coded(decided, known.determinations),
            "reason": _coded(decided, known.reasons),
            "flags": _flag_texts(flags),
            "county_figure": pa.array((flags & OTHER_COUNTY) == 0),
            "state_figure": pa.array((flags & SUPERSEDED) == 0),
        }
    )


def _coded(codes: np.ndarray, texts: Sequence[str]) -> pa.Array:
    """Texts by code, in a dictionary of those that occur, each once and in order.

    The file then depends on nothing else. Arrow's Parquet writer takes a dictionary with a text twice, but leaves
    room for both and fills the gap with whatever memory held before.
    """
    used = np.flatnonzero(np.bincount(codes, minlength=len(texts))).tolist()
    coded = Coded.of([texts[code] for code in used])
    places = np.zeros(len(texts), np.int8 if len(coded.texts) < 128 else np.int32)
    places[used] = coded.places
    return pa.DictionaryArray.from_arrays(pa.array(places.take(codes)), pa.array(coded.texts, pa.string()))


def _flag_texts(flags: Int32s) -> pa.Array:
    small = np.zeros(flags.size, np.int16)
    for place, (bit, _) in enumerate(FLAG_TEXTS):
        small |= np.where(flags & bit, np.int16(1 << place), np.int16(0))
    texts = [
        ";".join(text for place, (_, text) in enumerate(FLAG_TEXTS) if value >> place & 1)
        for value in range(1 << len(FLAG_TEXTS))
    ]
    return _coded(small, texts)
