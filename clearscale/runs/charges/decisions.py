"""Decisions of a bucket of charges as a table, a row each candidate."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from clearscale.charges.tables import NO_DAY
from clearscale.relief import NO_CANDIDATE, OUTCOMES, ChargePolicy, Decisions, missing_words
from clearscale.relief.deciding import NO_RULE, NO_RULE_HOLDS
from clearscale_kernels.arrays import Bools, Int32s, Int64s
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


REPEATING = (*(each.name for each in COLUMNS if each.type == _TEXT), "sequence")
"""Columns whose values repeat."""


def decision_file(bucket: int) -> str:
    """The file of a bucket's decisions."""
    return f"{DECISIONS}/bucket-{bucket:05d}.parquet"


def decision_table(bucket: ChargeBucket, decisions: Decisions, policy: ChargePolicy) -> pa.Table:
    """The decisions of a bucket.

    Parameters
    ----------
    bucket, decisions
        What was decided.
    policy
        What it was decided by.

    Returns
    -------
    Table
        As `COLUMNS` says, in the order of the tables.
    """
    rows = np.flatnonzero(decisions.outcome != NO_CANDIDATE)
    charges, words = bucket.tables.charges, bucket.tables.words
    rule, first = decisions.rule[rows], decisions.first_eligible[rows]
    reasons = [*(each.reason for each in policy.rules), NO_RULE_HOLDS]
    offenses = _Codes.of(charges.offense[rows], len(words.offenses))
    return pa.table(
        [
            _coded(charges.file[rows], words.files),
            pa.array(charges.line[rows]),
            _coded(charges.county[rows], words.counties),
            _coded(charges.court[rows], words.courts),
            bucket.numbers.take(pa.array(charges.case[rows])),
            bucket.sequences.take(pa.array(rows)).cast(pa.string()),
            *(
                offenses.texts([getattr(offense, part) for offense in words.offenses])
                for part in ("code", "section", "subsection")
            ),
            _coded(decisions.outcome[rows], [outcome.name for outcome in OUTCOMES.values()]),
            pa.array(rule + 1, pa.int16(), mask=rule == NO_RULE),
            _coded(np.where(rule == NO_RULE, len(policy.rules), rule), reasons),
            pa.array(first, pa.int32(), mask=first == NO_DAY).cast(pa.date32()),
            _lacking(decisions.missing[rows]),
        ],
        schema=COLUMNS,
    )


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


def _lacking(missing: np.ndarray) -> pa.DictionaryArray:
    """What is missing, in words; null where nothing is."""
    lacks = np.flatnonzero(missing)
    bits, places = np.unique(missing[lacks], return_inverse=True)
    codes = np.full(missing.size, -1, np.int32)
    codes[lacks] = places
    return _coded(codes, ["; ".join(missing_words(each)) for each in bits.tolist()])
