"""A piece of work beside its peers: rounds, lines, and what is measured longer because it looks worse."""

from collections.abc import Callable
from typing import Any

import pytest

from clearscale_bench.baseline import Baseline, Row
from clearscale_bench.comparing import Bench
from clearscale_bench.measure import Program, Taken
from clearscale_bench.report import Goal, Line
from clearscale_bench.sizes import MORE_ROUNDS, QUICK_ROUNDS

ROUNDS = 2


class Rounds:
    """In pytest-benchmark's place: does the rounds and times nothing."""

    name = "test_work[1]"

    def __init__(self) -> None:
        self.group: str | None = None
        self.extra_info: dict[str, Any] = {}

    def pedantic(
        self,
        target: Callable[[], Any],
        setup: Callable[[], object] = lambda: None,
        teardown: Callable[[], object] = lambda: None,
        rounds: int = 1,
        warmup_rounds: int = 0,
    ) -> Any:
        for _ in range(warmup_rounds + rounds):
            setup()
            found = target()
            teardown()
        return found


def program(name: str, *seconds: float) -> tuple[Program, list[int]]:
    """A program whose rounds take so long, the last again and again; and how many it has had."""
    done: list[int] = []

    def run() -> Taken:
        done.append(1)
        taken = seconds[min(len(done), len(seconds)) - 1]
        return Taken(taken, taken)

    return Program(name, run), done


def measured(
    seconds: list[float], baseline: Baseline | None = None, quick: bool = False, goals: tuple[Goal, ...] = ()
) -> tuple[list[Line], int, Rounds]:
    """(lines, how many rounds there were, what pytest-benchmark keeps)."""
    rounds, lines = Rounds(), list[Line]()
    ours, done = program("ours", *seconds)
    peers = [program(name, 1.0)[0] for name in ("one", "other")]
    bench = Bench(rounds, ROUNDS, lines.extend, baseline)  # type: ignore[arg-type]
    bench.compare("work", "tiny", ours, peers, rows=10, quick=quick, goals=goals)
    return lines, len(done), rounds


def before(ratio: float) -> Baseline:
    return Baseline({Row(Rounds.name, "one"): ratio}, 1.2, "processor")


def test_each_peer_has_a_line_and_the_first_round_does_not_count() -> None:
    lines, done, rounds = measured([9.0, 2.0, 2.0], goals=(Goal("x peer", 1, "other"), Goal("seconds", 3)))
    assert [line.peer for line in lines] == ["one", "other"]
    assert {line.ratio for line in lines} == {line.processor_ratio for line in lines} == {2.0}
    assert [[goal.measure for goal in line.goals] for line in lines] == [["seconds"], ["x peer"]]
    assert done == ROUNDS + 1
    assert rounds.group == "work"
    assert [line["peer"] for line in rounds.extra_info["lines"]] == ["one", "other"]
    assert rounds.extra_info["rounds"]["ours"]["seconds"] == [2.0] * ROUNDS


def test_quick_work_has_more_rounds() -> None:
    assert measured([2.0], quick=True)[1] == QUICK_ROUNDS + 1


@pytest.mark.parametrize("ratio", [2.0, 1.7, 5.0])
def test_what_is_not_worse_is_measured_once(ratio: float) -> None:
    assert measured([2.0], before(ratio))[1] == ROUNDS + 1


def test_what_looks_worse_is_measured_until_it_is_not() -> None:
    lines, done, _ = measured([2.0, 3.0, 3.0, 2.0], before(2.0))
    assert ROUNDS + 1 < done < ROUNDS * MORE_ROUNDS + 1
    assert before(2.0).worse(Rounds.name, lines) == []


def test_what_is_worse_is_measured_so_often_and_no_more() -> None:
    lines, done, rounds = measured([3.0], before(2.0))
    assert done == ROUNDS * MORE_ROUNDS + 1
    assert [found.row.peer for found in before(2.0).worse(Rounds.name, lines)] == ["one"]
    assert len(rounds.extra_info["rounds"]["ours"]["processor"]) == ROUNDS * MORE_ROUNDS


def test_what_is_timed_by_itself_is_noted_as_it_is() -> None:
    line = Line(work="derived", size="", kind="derived", seconds=2.0, rows=None, peer="one", peer_seconds=1.0)
    rounds, lines = Rounds(), list[Line]()
    Bench(rounds, ROUNDS, lines.extend).note("derived", lambda: [line])  # type: ignore[arg-type]
    assert lines == [line]
    assert rounds.extra_info["lines"] == [line.document()]
