"""Is each SUBJECT_ID of an extract one person? What its records say of who it is, piece by piece."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from clearscale.law.findings import EXAMPLES
from clearscale_kernels.arrays import Int32s, Int64s

from .noticed import Noticed
from .subject_facts import FACTS, KINDS, Facts, SubjectFacts, contradicting

_FINDINGS = {
    "contradictory-subjects": ("number",),
    "contradictory-names": ("name",),
    "contradictory-births": ("birth", "sex"),
}
"""Findings, and the facts that differ."""

_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Told:
    """What a piece of an extract says of its subjects.

    ids: SUBJECT_ID of each. owners: of each fact, a place in `ids`. facts: by kind, in the order of `owners`.
    """

    ids: pa.Array
    owners: Int32s | Int64s
    facts: SubjectFacts


def contradictions(pieces: Iterable[Told]) -> Noticed:
    """Notice subjects whose records contradict one another.

    Parameters
    ----------
    pieces
        Of an extract, in order.

    Returns
    -------
    Noticed
        Each subject once, the first record of it that contradicts one before, and how many subjects there are.
    """
    noticed = Noticed()
    told = list(pieces)
    if not told:
        return noticed
    coded = pa.concat_arrays([piece.ids for piece in told]).dictionary_encode()
    before = np.cumsum([0, *(len(piece.ids) for piece in told)])
    owners = [piece.owners.astype(np.int64) + first for piece, first in zip(told, before, strict=False)]
    subjects, count = coded.indices.to_numpy()[np.concatenate(owners)], len(coded.dictionary)
    noticed.of["subjects"] = count
    facts = {kind: _joined([piece.facts[kind] for piece in told]) for kind in KINDS}
    for finding, kinds in _FINDINGS.items():
        lines = np.full(count, _NEVER)
        for kind in kinds:
            np.minimum.at(lines, *contradicting(facts[kind], subjects, count))
        found = np.sort(lines[lines < _NEVER])
        noticed.note(finding, found.size, found[:EXAMPLES].tolist())
    forms = Counter(map(_form, coded.dictionary.to_pylist()))
    noticed.note("split-subjects", sum(subjects for subjects in forms.values() if subjects > 1))
    return noticed


def _joined(facts: list[Facts]) -> Facts:
    return Facts(*(np.concatenate([getattr(one, name) for one in facts]) for name in FACTS))


def _form(subject: bytes) -> bytes:
    return subject.strip().upper().lstrip(b"0")
