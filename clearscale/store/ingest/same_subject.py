"""Is each SUBJECT_ID of an extract one person? What its records say of who it is, block by block."""

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from clearscale.extract.noticed import Noticed
from clearscale.extract.subject_facts import FACTS, KINDS
from clearscale.law.findings import EXAMPLES
from clearscale_kernels.arrays import Int64s

from .block_groups import SAID_BY, said

_FINDINGS = {
    "contradictory-subjects": ("number",),
    "contradictory-names": ("name",),
    "contradictory-births": ("birth", "sex"),
}
"""Findings, and the facts that differ."""

_NOTHING = np.empty(0, np.int64)


def contradictions(groups: Iterable[pa.RecordBatch]) -> Noticed:
    """Notice subjects whose records contradict one another.

    Parameters
    ----------
    groups
        Texts and subjects of all block groups of an extract, in order; see `block_groups.read_texts`.

    Returns
    -------
    Noticed
        Each subject once, the first record of it that contradicts one before, and how many subjects there are.
    """
    ids: list[pa.Array] = []
    owners, facts = [_NOTHING], {said(kind, name): [_NOTHING] for kind in KINDS for name in FACTS}
    before = 0
    for batch in groups:
        ids.append(batch.column("subject_id").flatten())
        owners.append(batch.column(SAID_BY).flatten().to_numpy().astype(np.int64) + before)
        for column, pieces in facts.items():
            pieces.append(batch.column(column).flatten().to_numpy())
        before += len(ids[-1])
    noticed = Noticed()
    if ids:
        coded = pa.concat_arrays(ids).dictionary_encode()
        subjects, count = coded.indices.to_numpy()[np.concatenate(owners)], len(coded.dictionary)
        noticed.of["subjects"] = count
        for finding, kinds in _FINDINGS.items():
            lines = np.full(count, _NEVER)
            for kind in kinds:
                values, first, others = (np.concatenate(facts[said(kind, name)]) for name in FACTS)
                np.minimum.at(lines, *_contradicting(values, first, others, subjects, count))
            found = np.sort(lines[lines < _NEVER])
            noticed.note(finding, found.size, found[:EXAMPLES].tolist())
    return noticed


_NEVER = np.iinfo(np.int64).max


def _contradicting(
    values: Int64s, first: Int64s, others: Int64s, subjects: np.ndarray, count: int
) -> tuple[np.ndarray, Int64s]:
    """(Subjects, lines) of the records that say something else than the first of their subject that says anything.

    values, first, others: what each block says of its subjects, see `Facts`. subjects: of each, places below count.
    """
    places = np.flatnonzero(values)[::-1]
    told = np.zeros(count, np.int64)
    told[subjects[places]] = values[places]  # backwards: the first stays
    same = values == told[subjects]
    within = np.flatnonzero(same & (others > 0))
    between = np.flatnonzero(~same & (values != 0))
    found: Sequence[np.ndarray] = (within, between)
    return subjects[np.concatenate(found)], np.concatenate([others[within], first[between]])
