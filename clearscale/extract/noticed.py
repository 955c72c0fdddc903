"""What was noticed while an extract was read: counts by kind of finding, which add up over its blocks."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from clearscale.law import state
from clearscale.law.findings import EXAMPLES, Finding


class Noticed:
    """Counts of what was noticed, lines that show it, and what it is counted among.

    Attributes
    ----------
    counts : Counter of str
        How often each kind of finding was met.
    lines : dict of str to list of int
        The first lines of each, few.
    details : dict of str to str
        What else to say of a kind; no value of any record.
    of : Counter of str
        How many records, subjects and so on there are.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.lines: dict[str, list[int]] = {}
        self.details: dict[str, str] = {}
        self.of: Counter[str] = Counter()

    def note(self, name: str, count: int, lines: Iterable[int] = (), detail: str = "") -> None:
        """Count more of a kind. lines: of the file, in order; the first ones are kept."""
        if not count:
            return
        self.counts[name] += int(count)
        self.lines[name] = sorted({*self.lines.get(name, ()), *map(int, lines)})[:EXAMPLES]
        if detail:
            self.details.setdefault(name, detail)

    def add(self, other: "Noticed") -> None:
        """Add what was noticed elsewhere in the same extract."""
        for name, count in other.counts.items():
            self.note(name, count, other.lines[name], other.details.get(name, ""))
        self.of.update(other.of)

    def findings(self) -> tuple[Finding, ...]:
        """What it comes to by the limits of the format, in the order of its kinds."""
        kinds = state().findings
        judged = (
            kind.judge(self.counts[name], self.of[kind.among], self.lines.get(name, ()), self.details.get(name, ""))
            for name, kind in kinds.listed.items()
        )
        return tuple(finding for finding in judged if finding is not None)

    def document(self) -> dict[str, Any]:
        """What a marker in staging keeps of it."""
        return {"counts": self.counts, "lines": self.lines, "details": self.details, "of": self.of}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Noticed":
        """What a marker kept."""
        noticed = cls()
        noticed.counts.update(document["counts"])
        noticed.lines.update(document["lines"])
        noticed.details.update(document["details"])
        noticed.of.update(document["of"])
        return noticed
