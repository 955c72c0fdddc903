"""How full the pages of a PDF are."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2

FULL_ENOUGH, LAST = 0.33, 0.15
"""Shares of a page's height down to which something stands: of any page but the last, and of the last."""

_BODY = (0.07, 0.93)
"""What of a page's height is neither header nor footer."""
_INK = 200


def fullness(path: Path) -> Iterator[float]:
    """Yield of each page the share of its height, without header and footer, that is used from the top."""
    with contextlib.closing(pypdfium2.PdfDocument(path)) as document:
        for page in document:
            shown = page.render(scale=0.5).to_numpy()[:, :, :3]
            begin, end = (int(shown.shape[0] * part) for part in _BODY)
            used = np.flatnonzero((shown[begin:end] < _INK).any(axis=(1, 2)))
            yield float(used[-1] + 1) / (end - begin) if used.size else 0.0


def near_empty(path: Path) -> list[tuple[int, float]]:
    """The pages of a PDF, from 1, on which next to nothing stands."""
    *before, last = fullness(path)
    found = [(number, share) for number, share in enumerate(before, start=1) if share < FULL_ENOUGH]
    return found + [(len(before) + 1, last)] * (last < LAST)
