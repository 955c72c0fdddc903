"""Decisions of a bucket of charges as a table, a row each candidate."""

import numpy as np
import pyarrow as pa

from clearscale.charges.tables import NO_DAY, Tables
from clearscale.relief import NO_CANDIDATE, OUTCOMES, ChargePolicy, Decisions, missing_words
from clearscale.relief.deciding import NO_RULE, NO_RULE_HOLDS

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


def decision_file(bucket: int) -> str:
    """The file of a bucket's decisions."""
    return f"{DECISIONS}/bucket-{bucket:05d}.parquet"


def decision_table(tables: Tables, decisions: Decisions, policy: ChargePolicy, numbers: pa.Table) -> pa.Table:
    """The decisions of a bucket.

    Parameters
    ----------
    tables, decisions
        Of the bucket.
    policy
        What was decided by.
    numbers
        `number` and `sequence` of every charge's case, in the order of the tables.

    Returns
    -------
    Table
        As `COLUMNS` says, in the order of the tables.
    """
    rows = np.flatnonzero(decisions.outcome != NO_CANDIDATE)
    charges, words = tables.charges, tables.words
    rule, first = decisions.rule[rows], decisions.first_eligible[rows]
    offenses = charges.offense[rows]
    reasons = [*(each.reason for each in policy.rules), NO_RULE_HOLDS]
    lacks, at = np.unique(decisions.missing[rows], return_inverse=True)
    lacking = ["; ".join(missing_words(int(bits))) for bits in lacks]
    of_case = numbers.take(pa.array(rows))
    return pa.table(
        [
            _coded(charges.file[rows], words.files),
            pa.array(charges.line[rows]),
            _coded(charges.county[rows], words.counties),
            _coded(charges.court[rows], words.courts),
            of_case.column("number"),
            of_case.column("sequence"),
            *(
                _coded(offenses, [getattr(offense, part) for offense in words.offenses])
                for part in ("code", "section", "subsection")
            ),
            _coded(decisions.outcome[rows], [outcome.name for outcome in OUTCOMES.values()]),
            pa.array(rule + 1, pa.int16(), mask=rule == NO_RULE),
            _coded(np.where(rule == NO_RULE, len(policy.rules), rule), reasons),
            pa.array(first, pa.int32(), mask=first == NO_DAY).cast(pa.date32()),
            _coded(np.where(lacks[at] == 0, -1, at), lacking),
        ],
        schema=COLUMNS,
    )


def _coded(codes: np.ndarray, texts: "tuple[str, ...] | list[str]") -> pa.DictionaryArray:
    """Texts by their codes, null where there is none; each different text stands once in the dictionary."""
    used, places = np.unique(codes, return_inverse=True)
    numbers: dict[str, int] = {}
    own = [-1 if code < 0 else numbers.setdefault(texts[code], len(numbers)) for code in used.tolist()]
    found = np.array(own, np.int32)[places] if own else np.empty(0, np.int32)
    return pa.DictionaryArray.from_arrays(
        pa.array(found, pa.int32(), mask=found < 0), pa.array(list(numbers), pa.string())
    )
