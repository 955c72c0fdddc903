"""What was measured, as one line a comparison: a table in Markdown, and the same as JSON."""

import itertools
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("clearscale", "polars", "duckdb", "pyarrow", "numba", "numpy", "dask", "pytest-benchmark")
"""Those whose versions figures depend on."""


@dataclass(frozen=True)
class Goal:
    """What a line should reach. measure: one of `MEASURES`; peer: the peer it is about, None for all lines' own."""

    measure: str
    limit: float
    peer: str | None = None

    @property
    def text(self) -> str:
        return MEASURES[self.measure][0].format(self.limit)

    @property
    def of_peer(self) -> bool:
        """Whether it is about the peer, too."""
        return self.measure in ("x peer", "x peak", "more", "of N times one")


@dataclass(frozen=True)
class Line:
    """A piece of work at one size beside one peer.

    kind: `process` (from its start to its end) or `resident` (inside a process that has done it before), which says
    which seconds are compared, or `derived` from other times. cold, warm: see `docs/concepts/performance.md`.
    rows, mb: handled in those seconds, rows None where there is nothing to count; peer_rows where the peer handles
    others. same_work: as of `Program`. time_ratio, processor_time_ratio: of the rounds, where there are some that
    took turns.
    """

    work: str
    size: str
    kind: str
    seconds: float
    rows: int | None
    processor: float | None = None
    mb: float | None = None
    cold: float | None = None
    warm: float | None = None
    peak_mb: float | None = None
    peer: str = ""
    peer_seconds: float | None = None
    peer_processor: float | None = None
    peer_rows: int | None = None
    peer_peak_mb: float | None = None
    same_work: bool = True
    time_ratio: float | None = None
    processor_time_ratio: float | None = None
    goals: Sequence[Goal] = field(default=())

    @property
    def ratio(self) -> float | None:
        """Our time as a multiple of the peer's, for as many rows."""
        return self._row_for_row(self.time_ratio or _quotient(self.seconds, self.peer_seconds))

    @property
    def processor_ratio(self) -> float | None:
        """Our processor time as a multiple of the peer's, for as many rows: work of others hardly changes it."""
        return self._row_for_row(self.processor_time_ratio or _quotient(self.processor, self.peer_processor))

    def _row_for_row(self, ratio: float | None) -> float | None:
        if ratio is None:
            return None
        return ratio / (self.rows / self.peer_rows if self.rows and self.peer_rows else 1)

    @property
    def rows_per_second(self) -> float | None:
        return self.rows / self.seconds if self.rows else None

    @property
    def peak_ratio(self) -> float | None:
        """Our peak of memory as a multiple of the peer's."""
        return self.peak_mb / self.peer_peak_mb if self.peak_mb and self.peer_peak_mb else None

    def reached(self, goal: Goal) -> bool | None:
        """Whether the goal is reached, None where it was not measured."""
        found = MEASURES[goal.measure][1](self)
        if found is None:
            return None
        return bool(found >= goal.limit if goal.text.startswith(">") else found <= goal.limit)

    def document(self) -> dict[str, Any]:
        """The line as JSON: plain figures, and its goals with whether they are reached."""
        plain = {name: value for name, value in vars(self).items() if name != "goals"}
        goals = [{"goal": goal.text, "reached": self.reached(goal)} for goal in self.goals]
        return {
            **plain,
            "seconds_a_million_rows": _a_million(self.seconds, self.rows),
            "peer_seconds_a_million_rows": _a_million(self.peer_seconds, self.peer_rows or self.rows),
            "rows_per_second": self.rows_per_second,
            "ratio": self.ratio,
            "processor_ratio": self.processor_ratio,
            "goals": goals,
        }


def _quotient(ours: float | None, theirs: float | None) -> float | None:
    return ours / theirs if ours is not None and theirs else None


def _a_million(seconds: float | None, rows: int | None) -> float | None:
    return seconds / rows * 1e6 if seconds and rows else None


MEASURES: dict[str, tuple[str, Any]] = {
    "x peer": ("<= {:g} x the peer", lambda line: line.ratio),
    "x peak": ("<= {:g} x the peer's MB", lambda line: line.peak_ratio),
    "MB": ("<= {:g} MB", lambda line: line.peak_mb),
    "seconds": ("<= {:g} s", lambda line: line.seconds),
    "more": ("<= {:g} s more", lambda line: line.peer_seconds and line.seconds - line.peer_seconds),
    "processor": ("<= {:g} s of processor time", lambda line: line.processor),
    "rows/s": (">= {:,.0f} rows/s", lambda line: line.rows_per_second),
    "of N times one": (">= {:g} of N times one", lambda line: 1 / line.ratio),
}
"""What goals are set for: how they read, and what is compared with the limit."""

HEADINGS = (
    "work",
    "size",
    "kind",
    "cold s",
    "warm s",
    "rows/s",
    "MB/s",
    "peak MB",
    "peer",
    "peer s",
    "peer MB",
    "x peer",
    "x processor",
    "goal",
    "reached",
)
_LEFT = {"work", "benchmark", "size", "kind", "peer", "goal", "reached"}
"""Columns of words; all others are numbers."""


def number(value: float | None) -> str:
    """A figure with three digits that count."""
    if value is None:
        return ""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 0.001 else f"{value:.1e}"


def _said(reached: bool | None) -> str:
    return "not measured" if reached is None else "yes" if reached else "no"


def in_words(line: Line) -> str:
    """A line as it is shown while more is measured."""
    what = f"{line.work}, {line.size}" if line.size else line.work
    found = f"{what}: {number(line.seconds)} s"
    return found if line.ratio is None else f"{found}, {number(line.ratio)} x {line.peer}"


def _cells(line: Line) -> list[str]:
    return [
        line.work,
        line.size,
        line.kind,
        number(line.cold),
        number(line.warm),
        number(line.rows_per_second),
        number(line.mb and line.mb / line.seconds),
        number(line.peak_mb),
        line.peer,
        number(line.peer_seconds),
        number(line.peer_peak_mb),
        number(line.ratio),
        number(line.processor_ratio),
        "; ".join(goal.text for goal in line.goals),
        "; ".join(_said(line.reached(goal)) for goal in line.goals),
    ]


def markdown_table(headings: Sequence[str], rows: Sequence[list[str]]) -> str:
    """A table whose columns are aligned, so that it reads well as plain text, too."""
    widths = [max(len(row[place]) for row in (headings, *rows)) for place in range(len(headings))]

    def joined(row: Sequence[str]) -> str:
        padded = (
            cell.ljust(width) if heading in _LEFT else cell.rjust(width)
            for cell, width, heading in zip(row, widths, headings, strict=True)
        )
        return f"| {' | '.join(padded)} |"

    rule = [
        "-" * width if heading in _LEFT else "-" * (width - 1) + ":"
        for heading, width in zip(headings, widths, strict=True)
    ]
    return "\n".join([joined(headings), joined(rule), *map(joined, rows)]) + "\n"


def table(lines: Sequence[Line]) -> str:
    """The lines as a Markdown table; a further peer of the same work does not repeat our side."""
    rows = list(map(_cells, lines))
    own = HEADINGS.index("peer")
    for before, after in reversed(list(itertools.pairwise(rows))):
        if before[:own] == after[:own]:
            after[:own] = [""] * own
    return markdown_table(HEADINGS, rows)


def goals(lines: Sequence[Line]) -> str:
    """What should be reached and what is, as a Markdown table with a row a goal."""
    rows = []
    for line in lines:
        for goal in line.goals:
            found = MEASURES[goal.measure][1](line)
            peer = line.peer if goal.of_peer else ""
            rows.append([line.work, line.size, peer, goal.text, number(found), _said(line.reached(goal))])
    return markdown_table(("work", "size", "peer", "goal", "now", "reached"), rows)


def _grows(line: Line) -> bool:
    """Whether the peer is the same work at another size."""
    return bool(line.peer_rows) and line.same_work


def growth(lines: Sequence[Line]) -> str:
    """The lines whose peer is the same work at another size, as a Markdown table with a row for each size."""
    rows = []
    compared = [line for line in lines if _grows(line)]
    for (work, size), group in itertools.groupby(compared, key=lambda line: (line.work, line.size)):
        *_, own = measured = list(group)
        sizes = [(line.peer, line.peer_seconds, line.peer_rows, line.peer_peak_mb) for line in measured]
        for name, seconds, count, peak in (*sizes, (size, own.seconds, own.rows, own.peak_mb)):
            rows.append([work, name, number(seconds), number(_a_million(seconds, count)), number(peak)])
    return markdown_table(("work", "size", "seconds", "s a million rows", "peak MB"), rows)


def machine() -> dict[str, Any]:
    """What the figures were measured on and with."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def markdown(lines: Sequence[Line], session: dict[str, Any]) -> str:
    """The readable report. session: what the figures were measured on, with and at which size."""
    said = ", ".join(f"{name} {value}" for name, value in session.items() if name != "goals")
    text = (
        f"# Benchmarks\n\n{said}\n\nGoals are set for `--size state`. What the columns mean: "
        f"`docs/concepts/performance.md`.\n\n{table(lines)}"
    )
    if any(map(_grows, lines)):
        text = f"{text}\n## Growth\n\n{growth(lines)}"
    return f"{text}\n## Goals\n\n{goals(lines)}" if session.get("goals") else text


def write(folder: Path, lines: Sequence[Line], session: dict[str, Any]) -> None:
    """Write `figures.json` and `figures.md`."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {"session": session, "lines": [line.document() for line in lines]}
    (folder / "figures.json").write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    (folder / "figures.md").write_text(markdown(lines, session), "utf-8")
