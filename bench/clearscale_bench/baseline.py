"""Ratios to peers beside those of an earlier session: what got worse. Times are never compared, nor is a peer's."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from clearscale.errors import ClearscaleError

from .report import Line, markdown_table, number


class BenchmarkError(ClearscaleError):
    """A benchmark cannot be begun or compared; the message says why."""


CLOCKS = {"processor": "processor_ratio", "seconds": "ratio"}
"""What ratios are of, and the ratio's name in the document of a line and as the property of one."""


class Row(NamedTuple):
    """A benchmark, with its size, beside one of its peers."""

    benchmark: str
    peer: str


@dataclass(frozen=True)
class Worse:
    """A row whose ratio grew by more than is tolerated."""

    row: Row
    before: float
    now: float

    @property
    def times(self) -> float:
        """How many times the ratio of before it is."""
        return self.now / self.before


@dataclass(frozen=True)
class Comparison:
    """What two sessions have in common. unmeasured, unknown: rows that only the earlier, only the later one has."""

    compared: int
    worse: Sequence[Worse]
    unmeasured: Sequence[Row]
    unknown: Sequence[Row]


@dataclass(frozen=True)
class Baseline:
    """Ratios of an earlier session, of one of `CLOCKS`. tolerance: up to so many times its ratio, none is worse."""

    ratios: Mapping[Row, float]
    tolerance: float
    clock: str

    def worse(self, benchmark: str, lines: Sequence[Line]) -> list[Worse]:
        """Find the lines of a benchmark that got worse."""
        found = {Row(benchmark, line.peer): getattr(line, CLOCKS[self.clock]) for line in lines}
        return self._worse({row: ratio for row, ratio in found.items() if ratio is not None})

    def compare(self, measured: Mapping[Row, float]) -> Comparison:
        """Compare all that a session measured. Raises BenchmarkError if nothing is in both."""
        common = self.ratios.keys() & measured.keys()
        if not common:
            raise BenchmarkError(
                "nothing that was measured is in the baseline: it is of another size, or of other benchmarks; make "
                "one by `clearscale bench` with the same options and without --against"
            )
        return Comparison(
            len(common),
            sorted(self._worse(measured), key=lambda found: -found.times),
            sorted(self.ratios.keys() - common),
            sorted(measured.keys() - common),
        )

    def _worse(self, measured: Mapping[Row, float]) -> list[Worse]:
        return [
            Worse(row, self.ratios[row], now)
            for row, now in measured.items()
            if row in self.ratios and now > self.ratios[row] * self.tolerance
        ]


def ratios(document: Any, clock: str) -> dict[Row, float]:
    """Read the ratios of a clock from a session's JSON. Raises BenchmarkError for JSON of another form."""
    try:
        return dict(_ratios(document["benchmarks"], CLOCKS[clock]))
    except (KeyError, TypeError, AttributeError, ValueError):
        raise BenchmarkError(
            "this is not what `clearscale bench` writes: pytest-benchmark's form, with lines in extra_info"
        ) from None


def _ratios(benchmarks: Sequence[Mapping[str, Any]], name: str) -> Iterator[tuple[Row, float]]:
    for benchmark in benchmarks:
        for line in benchmark["extra_info"]["lines"]:
            if line[name] and line["same_work"]:
                yield Row(benchmark["name"], line["peer"]), float(line[name])


def read(path: str | Path, clock: str) -> dict[Row, float]:
    """Read the ratios of a clock from a session's file. Raises BenchmarkError if it has none."""
    try:
        document = json.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise BenchmarkError(f"{path}: {error.strerror}") from None
    except ValueError:
        raise BenchmarkError(f"{path}: not JSON, so no baseline") from None
    try:
        return ratios(document, clock)
    except BenchmarkError as error:
        raise BenchmarkError(f"{path}: {error}") from None


def told(comparison: Comparison, tolerance: float, clock: str) -> str:
    """Say what a comparison found, what got worse as a table."""
    what = "of seconds" if clock == "seconds" else "of processor time"
    parts = [f"{comparison.compared} ratios {what} compared with the baseline, tolerance {tolerance:g}."]
    if comparison.unmeasured:
        parts.append(f"Not measured, but in the baseline: {len(comparison.unmeasured)}.")
    if comparison.unknown:
        parts.append(f"Not in the baseline: {', '.join(sorted({row.benchmark for row in comparison.unknown}))}.")
    if not comparison.worse:
        return "\n".join([*parts, "Nothing got worse."])
    rows = [
        [found.row.benchmark, found.row.peer, number(found.before), number(found.now), f"{found.times:.2f}"]
        for found in comparison.worse
    ]
    headings = ("benchmark", "peer", "x peer before", "x peer now", "times as much")
    return "\n".join([*parts, f"Got worse: {len(comparison.worse)}.", "", markdown_table(headings, rows)])
