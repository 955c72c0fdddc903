"""Counts of findings, which add up."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

FindingCounts = Counter[tuple[int, str, str]]
"""Counts by (scope, finding, detail). A scope is an extract's place in the snapshot; the state is the one after."""


def counted(
    finding: str, scopes: np.ndarray, codes: np.ndarray | None = None, texts: Sequence[str] = ("",)
) -> FindingCounts:
    """Count each (scope, finding, detail). scopes: shape (k,); codes: shape (k,), places in `texts`."""
    width = len(texts)
    places = scopes.astype(np.int64) * width + (0 if codes is None else codes)
    result: FindingCounts = Counter()
    distinct, counts = np.unique(places, return_counts=True)
    for place, count in zip(distinct.tolist(), counts.tolist(), strict=True):
        result[place // width, finding, texts[place % width]] += count
    return result
