"""What is odd about a file's records, counted while they are read."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from clearscale.law.findings import EXAMPLES
from clearscale_kernels.arrays import Bools, Int64s


@dataclass
class Noticed:
    """Counts by kind of finding, with the first lines of each; and what texts nobody knew, by column.

    read, given: records of files, and those that became charges. reasons: how many were set aside for what. told:
    columns of charges that all files have, None before the first.
    """

    read: int = 0
    given: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    lines: dict[str, list[int]] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    unknown: dict[str, Counter[str]] = field(default_factory=dict)
    filled: Counter[str] = field(default_factory=Counter)
    readable: Counter[str] = field(default_factory=Counter)
    told: frozenset[str] | None = None

    def note(self, kind: str, records: Bools, lines: Int64s) -> None:
        """Notice a kind in the records that a mask chooses."""
        count = int(np.count_nonzero(records))
        if count:
            self.add(kind, count, lines[np.flatnonzero(records)[:EXAMPLES]].tolist())

    def add(self, kind: str, count: int, lines: Sequence[int]) -> None:
        """Notice a kind so many times, on these lines among others."""
        self.counts[kind] += count
        known = self.lines.setdefault(kind, [])
        known.extend(lines[: EXAMPLES - len(known)])

    def tells(self, columns: Collection[str]) -> None:
        """Keep which columns of charges a file has."""
        self.told = frozenset(columns) if self.told is None else self.told & frozenset(columns)

    def saw_unknown(self, column: str, texts: Counter[str]) -> None:
        """Keep texts that nobody knew, for who asks for them by name."""
        self.unknown.setdefault(column, Counter()).update(texts)
