"""Decisions of a bucket of charges as a table, a row each candidate.

A run's files have what the policy decided of each candidate. What its record is, which is the same whatever the
policy, is in the store, and comes beside it when decisions are read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.charges.tables import NO_DAY, UNKNOWN
from clearscale.relief import OUTCOMES, Decisions, missing_words
from clearscale_kernels.arrays import Bools, Int16s, Int32s, Int64s
from clearscale_kernels.relief import cells

from .resident import ChargeBucket

DECISIONS = "decisions"
"""Folder of decisions, a file a bucket of the store."""

_TEXT = pa.dictionary(pa.int32(), pa.string())
COLUMNS = pa.schema(
    [
        pa.field("file", _TEXT),
        pa.field("line", pa.int64()),
        pa.field("county", _TEXT),
        pa.field("court", _TEXT),
        pa.field("case", pa.string()),
        pa.field("sequence", pa.string()),
        pa.field("code", _TEXT),
        pa.field("section", _TEXT),
        pa.field("subsection", _TEXT),
        pa.field("outcome", _TEXT),
        pa.field("rule", pa.int16()),
        pa.field("reason", _TEXT),
        pa.field("first_eligible", pa.date32()),
        pa.field("missing", _TEXT),
    ]
)
"""A row each charge that the policy decides: where its record stands, what it is, and what becomes of it. rule:
from 1; null if none decides."""


_CHARGES = b"charges"
"""Under which a file says how many charges its bucket has."""


def decision_file(bucket: int) -> str:
    """The file of a bucket's decisions."""
    return f"{DECISIONS}/bucket-{bucket:05d}.arrow"


def narrow(values: np.ndarray) -> np.ndarray:
    """Whole numbers, none negative, in as few bytes as the greatest of them takes."""
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))


def recorded_table(decisions: Decisions, rows: Int64s) -> pa.Table:
    """What a file holds of a bucket's decisions.

    Parameters
    ----------
    decisions
        Of the bucket.
    rows
        The charges that the policy decides, rising.

    Returns
    -------
    Table
        `step`: how far the charge is behind the one before, of the first how far behind the bucket's beginning, and
        one; `outcome` in words; `rule` from 1, 0 for none; `first_eligible`; and what is `missing`, as bits.
    """
    bits, missing = decisions.missing[rows], np.zeros(rows.size, np.int32)
    lacks = np.flatnonzero(bits)
    occurring = np.unique(bits[lacks])
    missing[lacks] = np.searchsorted(occurring, bits[lacks]) + 1
    columns = {
        "step": pa.array(narrow(np.diff(rows, prepend=-1))),
        "outcome": pa.DictionaryArray.from_arrays(decisions.outcome[rows], pa.array(list(OUTCOMES))),
        "rule": pa.array(narrow(decisions.rule[rows] + np.int16(1))),
        "first_eligible": pa.array(decisions.first_eligible[rows]),
        "missing": pa.DictionaryArray.from_arrays(narrow(missing), pa.array([0, *occurring.tolist()], pa.int32())),
    }
    return pa.table(columns, metadata={_CHARGES: str(decisions.outcome.size)})


@dataclass(frozen=True, eq=False)
class Recorded:
    """What a file holds, see `recorded_table`."""

    table: pa.Table

    @property
    def charges(self) -> int:
        """How many charges the bucket has."""
        return int(self.table.schema.metadata[_CHARGES])

    @cached_property
    def rows(self) -> Int64s:
        """The charges that are decided, as rows of the bucket's tables."""
        return np.cumsum(self.table.column("step").to_numpy(), dtype=np.int64) - 1

    @cached_property
    def rule(self) -> Int16s:
        """From 1, 0 for none."""
        found: Int16s = self.table.column("rule").to_numpy().astype(np.int16)
        return found

    def coded(self, name: str) -> pa.DictionaryArray:
        """A column with a dictionary."""
        return self.table.column(name).combine_chunks()


def decision_table(
    bucket: ChargeBucket, recorded: Recorded, reasons: Sequence[str], columns: Sequence[str] | None = None
) -> pa.Table:
    """The decisions of a bucket.

    Parameters
    ----------
    bucket, recorded
        What was decided.
    reasons
        Of the rules, then of none.
    columns
        Those that are wanted, all if None.

    Returns
    -------
    Table
        As `COLUMNS` says, in the order of the tables.
    """
    rows, charges, words = recorded.rows, bucket.tables.charges, bucket.tables.words
    offenses = cache(lambda: _Codes.of(charges.offense[rows], len(words.offenses)))

    def of_offense(part: str) -> pa.Array:
        return offenses().texts([getattr(offense, part) for offense in words.offenses])

    def of_rules() -> pa.Array:
        return _coded(np.where(recorded.rule == 0, len(reasons), recorded.rule) - 1, reasons)

    def first() -> pa.Array:
        days = recorded.table.column("first_eligible").to_numpy()
        return pa.array(days, pa.int32(), mask=days == NO_DAY).cast(pa.date32())

    found: dict[str, Callable[[], pa.Array]] = {
        "file": lambda: _coded(charges.file[rows], words.files),
        "line": lambda: pa.array(charges.line[rows]),
        "county": lambda: _coded(charges.county[rows], words.counties),
        "court": lambda: _coded(charges.court[rows], words.courts),
        "case": lambda: bucket.numbers.take(pa.array(charges.case[rows])),
        "sequence": lambda: bucket.sequences.take(pa.array(rows)).cast(pa.string()),
        "code": lambda: of_offense("code"),
        "section": lambda: of_offense("section"),
        "subsection": lambda: of_offense("subsection"),
        "outcome": lambda: _recoded(recorded.coded("outcome"), lambda outcome: str(outcome)),
        "rule": lambda: pa.array(recorded.rule, pa.int16(), mask=recorded.rule == 0),
        "reason": of_rules,
        "first_eligible": first,
        "missing": lambda: _recoded(recorded.coded("missing"), lambda bits: "; ".join(missing_words(bits)) or None),
    }
    wanted = pa.schema([COLUMNS.field(name) for name in columns or COLUMNS.names])
    return pa.table([found[name]() for name in wanted.names], schema=wanted)


@dataclass(frozen=True)
class _Codes:
    """Codes of rows, -1 of none. used: those that occur, rising, but for -1. missing: which rows have none."""

    codes: Int32s
    used: Int64s
    missing: Bools | None

    @classmethod
    def of(cls, codes: np.ndarray, size: int) -> "_Codes":
        """Look at codes below a size."""
        own = codes.astype(np.int32, copy=False)
        met = np.zeros(size + 1, np.bool_)  # the first is of none
        cells.meet(own, met)
        return cls(own, np.flatnonzero(met[1:]), own < 0 if met[0] else None)

    def texts(self, texts: Sequence[str]) -> pa.DictionaryArray:
        """Texts by their codes; each different text that occurs stands once in the dictionary."""
        numbers: dict[str, int] = {}
        own = np.full(len(texts) + 1, -1, np.int32)  # the first is of none
        own[self.used + 1] = [numbers.setdefault(texts[code], len(numbers)) for code in self.used.tolist()]
        indices = np.empty(self.codes.size, np.int32)
        cells.look_up(self.codes, own, indices)
        return pa.DictionaryArray.from_arrays(
            pa.array(indices, pa.int32(), mask=self.missing), pa.array(list(numbers), pa.string())
        )


def _coded(codes: np.ndarray, texts: Sequence[str]) -> pa.DictionaryArray:
    return _Codes.of(codes, len(texts)).texts(texts)


def _recoded(column: pa.DictionaryArray, text: Callable[[Any], str | None]) -> pa.DictionaryArray:
    """Texts for the values of a column; null where there is none."""
    texts = [text(value) for value in column.dictionary.to_pylist()]
    known = [word for word in texts if word is not None]
    codes = np.array([UNKNOWN if word is None else known.index(word) for word in texts], np.int32)
    return _coded(codes[column.indices.to_numpy()], known)
