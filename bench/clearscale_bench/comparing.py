"""One piece of work beside its peers: measured by pytest-benchmark, kept as lines of the table."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pytest_benchmark.fixture import BenchmarkFixture

from .baseline import Baseline
from .measure import NO_CHILD, FirstAndAgain, Program, Turns
from .report import Goal, Line
from .sizes import MORE_ROUNDS, QUICK_ROUNDS


class Measured(NamedTuple):
    """What a round handles. rows: None where there is nothing to count. peer_rows: of peers that handle others."""

    rows: int | None
    mb: float | None = None
    peer_rows: dict[str, int] | None = None


class Bench:
    """pytest-benchmark with peers: ours is the benchmark; before each of its rounds its peers take their turn.

    keep: takes the lines of a piece of work once it is measured. baseline: earlier ratios, None if nobody asks for
    them; what looks worse is measured longer before it is believed.
    """

    def __init__(
        self,
        benchmark: BenchmarkFixture,
        rounds: int,
        keep: Callable[[list[Line]], None],
        baseline: Baseline | None = None,
    ) -> None:
        self._benchmark = benchmark
        self._rounds = rounds
        self._keep = keep
        self._baseline = baseline

    def compare(
        self,
        work: str,
        size: str,
        ours: Program,
        peers: Sequence[Program],
        *,
        rows: int | None,
        mb: float | None = None,
        child: FirstAndAgain = NO_CHILD,
        goals: Sequence[Goal] = (),
        peer_rows: dict[str, int] | None = None,
        quick: bool = False,
    ) -> None:
        """Measure, after one round that does not count, and add a line for each peer to the table.

        child: the same work called twice in a process of its own. quick: a round takes so little that more of them
        are taken. Raises AssertionError if totals differ.
        """
        turns = Turns(ours, peers)
        rounds = max(self._rounds, QUICK_ROUNDS) if quick else self._rounds
        self._benchmark.group = work
        self._benchmark.pedantic(
            turns.run_ours, setup=turns.before, teardown=turns.after, rounds=rounds, warmup_rounds=1
        )

        def lines() -> list[Line]:
            return _lines(work, size, turns, Measured(rows, mb, peer_rows), child, goals)

        for _ in range(rounds * (MORE_ROUNDS - 1)):
            if self._baseline is None or not self._baseline.worse(self._benchmark.name, lines()):
                break
            turns.round()
        self._benchmark.extra_info["lines"] = [line.document() for line in lines()]
        self._benchmark.extra_info["rounds"] = turns.rounds()
        self._keep(lines())

    def note(self, group: str, lines: Callable[[], list[Line]]) -> None:
        """Measure what is timed by itself, once, and add its lines to the table."""
        self._benchmark.group = group
        found = self._benchmark.pedantic(lines, rounds=1)
        self._benchmark.extra_info["lines"] = [line.document() for line in found]
        self._keep(found)


def _lines(
    work: str, size: str, turns: Turns, measured: Measured, child: FirstAndAgain, goals: Sequence[Goal]
) -> list[Line]:
    own = turns.taken(turns.ours)
    is_process = own.peak_mb is not None
    shared: dict[str, Any] = {
        "work": work,
        "size": size,
        "kind": "process" if is_process else "resident",
        "seconds": own.seconds,
        "processor": own.processor,
        "rows": measured.rows,
        "mb": measured.mb,
        "cold": own.seconds if is_process else child.first,
        "warm": child.again if is_process else own.seconds,
        "peak_mb": own.peak_mb if is_process else child.peak_mb,
    }
    lines = []
    for place, peer in enumerate(turns.peers):
        taken = turns.taken(peer)
        lines.append(
            Line(
                **shared,
                peer=peer.name,
                peer_seconds=taken.seconds,
                peer_processor=taken.processor,
                peer_rows=(measured.peer_rows or {}).get(peer.name),
                peer_peak_mb=taken.peak_mb,
                same_work=peer.same_work,
                time_ratio=turns.ratio(peer, "seconds"),
                processor_time_ratio=turns.ratio(peer, "processor"),
                goals=[goal for goal in goals if goal.peer == peer.name or (goal.peer is None and place == 0)],
            )
        )
    return lines
