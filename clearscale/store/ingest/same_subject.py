"""Is each SUBJECT_ID of an extract one person? What its records say of who it is, block by block."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from clearscale.extract.noticed import Noticed
from clearscale.extract.subject_facts import FACTS, KINDS, Facts
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
                blocks = Facts(*(np.concatenate(facts[said(kind, name)]) for name in FACTS))
                np.minimum.at(lines, *_contradicting(blocks, subjects, count))
            found = np.sort(lines[lines < _NEVER])
            noticed.note(finding, found.size, found[:EXAMPLES].tolist())
        forms = Counter(map(_form, coded.dictionary.to_pylist()))
        noticed.note("split-subjects", sum(subjects for subjects in forms.values() if subjects > 1))
    return noticed


def _form(subject: bytes) -> bytes:
    return subject.strip().upper().lstrip(b"0")


_NEVER = np.iinfo(np.int64).max


def _told(values: Int64s, subjects: np.ndarray, count: int) -> Int64s:
    """What the first record of each subject says that says anything. values, subjects: of each block, in order."""
    places = np.flatnonzero(values)[::-1]
    told = np.zeros(count, np.int64)
    told[subjects[places]] = values[places]  # backwards: the first stays
    return told


def _contradicting(blocks: Facts, subjects: np.ndarray, count: int) -> tuple[np.ndarray, Int64s]:
    """(Subjects, lines) of the records that say something else than the first of their subject that says anything.

    blocks: what each block says of its subjects. subjects: of each, places below count.
    """
    same = blocks.values == _told(blocks.values, subjects, count)[subjects]
    within = np.flatnonzero(same & (blocks.others > 0))
    between = np.flatnonzero(~same & (blocks.values != 0))
    lines = np.concatenate([blocks.others[within], blocks.lines[between]])
    return subjects[np.concatenate([within, between])], lines
