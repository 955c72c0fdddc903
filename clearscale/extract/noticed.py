"""What was noticed while an extract was read: counts by kind of finding, which add up over its blocks."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from clearscale.law import state
from clearscale.law.findings import EXAMPLES, Finding, Kind

_MOST_SHAPES = 1000
"""Shapes of a kind that are kept; a file of which more are met is no extract."""


def _frequent(shapes: "Counter[str]", most: int) -> list[tuple[str, int]]:
    """The most frequent shapes, in an order that does not depend on where they were met."""
    return sorted(shapes.items(), key=lambda entry: (-entry[1], entry[0]))[:most]


class Noticed:
    """Counts of what was noticed, lines that show it, and what it is counted among.

    Attributes
    ----------
    counts : Counter of str
        How often each kind of finding was met; of one that is counted by column under `NAME COLUMN`.
    lines : dict of str to list of int
        The first lines of each, few.
    details : dict of str to str
        What else to say of a kind; no value of any record.
    shapes : dict of str to Counter of str
        How what was noticed looks, and how often; the most frequent are told.
    of : Counter of str
        How many records, subjects and so on there are; of a kind that is counted by column under `AMONG COLUMN`.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.lines: dict[str, list[int]] = {}
        self.details: dict[str, str] = {}
        self.shapes: dict[str, Counter[str]] = {}
        self.of: Counter[str] = Counter()

    def note(self, name: str, count: int, lines: Iterable[int] = (), detail: str = "") -> None:
        """Count more of a kind. lines: of the file, in order; the first ones are kept."""
        if not count:
            return
        self.counts[name] += int(count)
        self.lines[name] = sorted({*self.lines.get(name, ()), *map(int, lines)})[:EXAMPLES]
        if detail:
            self.details.setdefault(name, detail)

    def looks(self, name: str, shapes: Mapping[str, int]) -> None:
        """Count more of what a kind looks like."""
        counted = self.shapes.setdefault(name, Counter())
        counted.update(shapes)
        if len(counted) > _MOST_SHAPES:
            self.shapes[name] = Counter(dict(_frequent(counted, _MOST_SHAPES)))

    def add(self, other: "Noticed") -> None:
        """Add what was noticed elsewhere in the same extract."""
        for name, count in other.counts.items():
            self.note(name, count, other.lines[name], other.details.get(name, ""))
        for name, shapes in other.shapes.items():
            self.looks(name, shapes)
        self.of.update(other.of)

    def findings(self) -> tuple[Finding, ...]:
        """What it comes to by the limits of the format, in the order of its kinds.

        Of a kind that is counted by column the one is told in which the share is the largest.
        """
        met = {key.partition(" ")[0] for key in self.counts}
        judged = (self._judged(name, kind) for name, kind in state().findings.listed.items() if name in met)
        return tuple(finding for finding in judged if finding is not None)

    def _judged(self, name: str, kind: Kind) -> Finding | None:
        columns = [key.removeprefix(f"{name} ") for key in self.counts if key.startswith(f"{name} ")]
        if not columns:
            return kind.judge(self.counts[name], self.of[kind.among], self.lines.get(name, ()), self._detail(name))
        counts = {
            column: (self.counts[f"{name} {column}"], self.of[f"{kind.among} {column}"]) for column in columns
        }
        worst = max(sorted(counts), key=lambda column: counts[column][0] / max(counts[column][1], 1))
        return kind.judge(*counts[worst], self.lines.get(f"{name} {worst}", ()), worst)

    def _detail(self, name: str) -> str:
        found = ", ".join(shape for shape, _ in _frequent(self.shapes.get(name, Counter()), EXAMPLES))
        return self.details.get(name, "") or found

    def document(self) -> dict[str, Any]:
        """What a marker in staging keeps of it."""
        return {
            "counts": self.counts,
            "lines": self.lines,
            "details": self.details,
            "shapes": self.shapes,
            "of": self.of,
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Noticed":
        """What a marker kept."""
        noticed = cls()
        noticed.counts.update(document["counts"])
        noticed.lines.update(document["lines"])
        noticed.details.update(document["details"])
        noticed.shapes.update({name: Counter(shapes) for name, shapes in document["shapes"].items()})
        noticed.of.update(document["of"])
        return noticed
