"""What work is called, what its items are counted in, and how progress adds them up."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Self

ProgressCallback = Callable[[int, int, str], None]
"""Called with (done, total, label) in the caller's thread: with done = 0 at the start, then after each item."""

BYTES = "bytes"
"""The unit that is shown in megabytes."""


class Label(str):
    """A label, such as "read extracts", that says what done and total count.

    Attributes
    ----------
    unit : str
        A noun in the plural, such as "records"; `BYTES` for bytes.
    sizes : sequence of int, optional
        How many of them each item has; without it each is one.
    """

    unit: str
    sizes: Sequence[int] | None

    def __new__(cls, text: str, unit: str, sizes: Sequence[int] | None = None) -> Self:
        """Make it of its text."""
        label = super().__new__(cls, text)
        label.unit, label.sizes = unit, sizes
        return label


def plain(label: str) -> str:
    """A label as schedulers and metrics have it: letters, digits and spaces.

    >>> plain("Ingest blocks: 2")
    'ingest blocks 2'
    """
    return re.sub(r"[^a-z0-9]+", " ", label.lower()).strip() or "work"


class Counting:
    """Tells a callback how far work is: in items, or in what its label says.

    Parameters
    ----------
    progress : callable or None
        The callback.
    label : str
        The work's, perhaps a `Label`.
    items : int
        How many there are.
    """

    def __init__(self, progress: ProgressCallback | None, label: str, items: int) -> None:
        self._progress = progress
        self._label = label
        self._sizes = getattr(label, "sizes", None)
        self._total = items if self._sizes is None else sum(self._sizes)
        self._done = 0

    def begin(self) -> None:
        """Tell that nothing is done yet."""
        self._tell()

    def finished(self, position: int) -> None:
        """Tell that an item is done."""
        self._done += 1 if self._sizes is None else self._sizes[position]
        self._tell()

    def _tell(self) -> None:
        if self._progress:
            self._progress(self._done, self._total, self._label)
