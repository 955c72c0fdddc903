"""A run's decisions, brought from the order of people into that of extracts and rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from clearscale.errors import RunError
from clearscale.io.seals import Seal
from clearscale.law import state
from clearscale.policy import outcomes
from clearscale_kernels.arrays import Int16s, Int32s, Int64s
from clearscale_kernels.policy import parts

from .crosstabs import SCOPES, Coded, required
from .parts import DecisionPart
from .results import write_result
from .snapshots import SharedSnapshot, shared_snapshot
from .tasks import RunTask

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
    parts.CLEARED: "cleared-earlier",
    parts.OTHER_OFFENSE: "another-offense-charged",
    parts.IMPLAUSIBLE_DATE: "implausible-date",
    parts.UNCLEAR_RECORD: "unclear-record",
    parts.UNREADABLE_DATE: "unreadable-date",
    parts.CONTRADICTORY_SUBJECT: "contradictory-subject",
    parts.CONTRADICTORY_PERSON: "contradictory-person",
}
"""Flags of a decision by the bits of its mark: what a person should know before acting on it."""

Marks = list[tuple[int, int, int]]
"""(place of an extract, mark, how many of its decisions bear it)."""

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


def write_decisions(task: DecisionsTask) -> tuple[Seal, Marks]:
    """Write one file, the decisions of its extracts, each extract's in file order: (its seal, counts of marks)."""
    about = shared_snapshot(task.run.store, task.run.snapshot)
    pieces = [part.read(task.run.out, task.extracts) for part in task.parts.values()]
    column = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
    order = _order(column["extract"], column["row"], about)
    table = _table(task, about, {name: values.take(order) for name, values in column.items()})
    seal = write_result(task.run.out, decision_file(task.number), table, _TEXT_COLUMNS, ["row"])
    return seal, _counted(column["extract"], column["mark"])


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
    occurring, places = _occurring(marks)
    return required(
        {
            "extract": _coded(column["extract"], [entry.id for entry in about.store.manifest.extracts]),
            "row": column["row"],
            "county": _coded(column["county"], about.texts["county"]),
            "offense": _coded(column["offense"], about.texts["offense"]),
            "section": _coded(np.where(sections < 0, len(_SECTIONS), sections), [*_SECTIONS, ""]),
            "determination": _coded(decided, known.determinations),
            "reason": _coded(decided, known.reasons),
            "flags": _coded(places, [_flags(mark) for mark in occurring.tolist()]),
            "county_figure": pa.array((marks & parts.OTHER_COUNTY) == 0),
            "state_figure": pa.array((marks & parts.SUPERSEDED) == 0),
        }
    )


def _counted(extracts: Int32s, marks: Int16s) -> Marks:
    """Count the marks of each extract's decisions."""
    first = int(extracts.min(initial=0))
    occurring, places = _occurring(marks)
    counts = np.bincount((extracts - np.int32(first)) * np.int32(occurring.size) + places)
    return [
        (first + place // occurring.size, int(occurring[place % occurring.size]), int(counts[place]))
        for place in np.flatnonzero(counts).tolist()
    ]


def _occurring(marks: Int16s) -> tuple[Int64s, Int32s]:
    """(the marks that occur, the place of each decision's among them)."""
    occurring = np.flatnonzero(np.bincount(marks, minlength=parts.MARKS))
    places = np.empty(parts.MARKS, np.int32)
    places[occurring] = np.arange(occurring.size, dtype=np.int32)
    return occurring, places.take(marks)


def flag_table(marks: Iterable[tuple[int, int, int]], counties: Sequence[str]) -> pa.Table:
    """Count decisions by flag: each county's own in its own extracts, and the state's, each person once.

    Parameters
    ----------
    marks
        (place of an extract, mark, decisions) as `write_decisions` gives them.
    counties
        The county of each extract.

    Returns
    -------
    pyarrow.Table
        `scope`, `county` (empty in scope `state`), `flag` (empty for all decisions) and the count `convictions`: a
        row for all decisions of a scope and county, and one for each flag that occurs.
    """
    shown = {bit: text for bit, text in FLAG_TEXTS.items() if bit not in (parts.OTHER_COUNTY, parts.SUPERSEDED)}
    county = Coded.of(counties)
    extracts, mark, count = np.array([*marks], np.int64).reshape(-1, 3).T
    counts: dict[tuple[str, str, int], int] = {}
    for scope, names, places, others in (
        (SCOPES[0], county.texts, county.at(extracts), parts.OTHER_COUNTY),
        (SCOPES[1], ("",), np.zeros(extracts.size, np.int64), parts.SUPERSEDED),
    ):
        counted = mark & others == 0
        for bit in (0, *shown):
            chosen = counted & (mark & bit == bit)
            found = np.zeros(len(names), np.int64)
            np.add.at(found, places[chosen], count[chosen])
            counts |= {(scope, names[place], bit): int(found[place]) for place in np.flatnonzero(found).tolist()}
    keys = sorted(counts)
    return required(
        {
            "scope": pa.array([scope for scope, _, _ in keys], pa.string()),
            "county": pa.array([county for _, county, _ in keys], pa.string()),
            "flag": pa.array([shown.get(bit, "") for _, _, bit in keys], pa.string()),
            "convictions": pa.array([counts[key] for key in keys], pa.int64()),
        }
    )


def _flags(mark: int) -> str:
    """The flags of a mark as one text."""
    return ";".join(text for bit, text in FLAG_TEXTS.items() if mark & bit)


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
