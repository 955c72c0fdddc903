"""What is odd about a file's records, counted while they are read."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from clearscale.law.findings import EXAMPLES
from clearscale_kernels.arrays import Bools, Int64s

_COUNTS = ("counts", "reasons", "filled", "readable")

PURGED_RECORDS = "purged-records"
"""The kind of finding that no file shows, but the store that it is to come into."""


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

    def add_all(self, other: "Noticed") -> None:
        """Add what was noticed behind this, but for texts that nobody knew."""
        self.read += other.read
        self.given += other.given
        for name in _COUNTS:
            getattr(self, name).update(getattr(other, name))
        for kind, lines in other.lines.items():
            known = self.lines.setdefault(kind, [])
            known.extend(lines[: EXAMPLES - len(known)])
        if other.told is not None:
            self.tells(other.told)

    def document(self) -> dict[str, Any]:
        """All of it but texts that nobody knew, as JSON."""
        told = None if self.told is None else sorted(self.told)
        counts = {name: dict(sorted(getattr(self, name).items())) for name in _COUNTS}
        return {"read": self.read, "given": self.given, **counts, "lines": self.lines, "told": told}

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> "Noticed":
        """What a document says."""
        counts: dict[str, Any] = {name: Counter(document[name]) for name in _COUNTS}
        told = None if document["told"] is None else frozenset(document["told"])
        return cls(document["read"], document["given"], lines=dict(document["lines"]), told=told, **counts)

    def saw_unknown(self, column: str, texts: Counter[str]) -> None:
        """Keep texts that nobody knew, for who asks for them by name."""
        self.unknown.setdefault(column, Counter()).update(texts)
