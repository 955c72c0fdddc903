"""Ratios beside those of an earlier session: what is worse, what cannot be compared, what is said."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clearscale_bench.baseline import CLOCKS, Baseline, BenchmarkError, Row, read, told
from clearscale_bench.report import Line

LINE = Line(
    work="fold",
    size="tiny",
    kind="resident",
    seconds=2.0,
    processor=1.0,
    rows=None,
    peer="reading",
    peer_seconds=4.0,
    peer_processor=4.0,
)


def session(**lines: list[Line]) -> dict[str, Any]:
    """A session as it is written: benchmarks by name, each with its lines."""
    return {
        "benchmarks": [
            {"name": name, "stats": {}, "extra_info": {"lines": [line.document() for line in of_one]}}
            for name, of_one in lines.items()
        ]
    }


def written(folder: Path, name: str, document: object) -> Path:
    path = folder / name
    path.write_text(json.dumps(document), "utf-8")
    return path


def slower(times: float) -> Line:
    return replace(LINE, seconds=LINE.seconds * times, processor=(LINE.processor or 0) * times)


def baseline(folder: Path, tolerance: float = 1.2, clock: str = "processor", **lines: list[Line]) -> Baseline:
    return Baseline(read(written(folder, "before.json", session(**lines)), clock), tolerance, clock)


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize(("times", "worse"), [(0.1, 0), (1, 0), (1.19, 0), (1.21, 1), (3, 1)])
def test_a_ratio_is_worse_beyond_the_tolerance(tmp_path: Path, clock: str, times: float, worse: int) -> None:
    before = baseline(tmp_path, clock=clock, fold=[LINE])
    after = read(written(tmp_path, "after.json", session(fold=[slower(times)])), clock)
    found = before.compare(after)
    assert len(found.worse) == len(before.worse("fold", [slower(times)])) == worse
    assert found.compared == 1
    for one in found.worse:
        assert one.times == pytest.approx(times)


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_slow_machine_and_a_slow_peer_are_no_matter(tmp_path: Path, clock: str) -> None:
    slow = replace(slower(9), peer_seconds=4.0 * 9, peer_processor=4.0 * 9)
    after = read(written(tmp_path, "after.json", session(fold=[slow])), clock)
    assert baseline(tmp_path, clock=clock, fold=[LINE]).compare(after).worse == []
    slow_peer = replace(LINE, peer_seconds=400.0, peer_processor=400.0)
    after = read(written(tmp_path, "after.json", session(fold=[slow_peer])), clock)
    assert baseline(tmp_path, clock=clock, fold=[LINE]).compare(after).worse == []


def test_waiting_is_seen_by_the_clock_only(tmp_path: Path) -> None:
    waiting = replace(LINE, seconds=LINE.seconds * 2)
    assert baseline(tmp_path, clock="processor", fold=[LINE]).worse("fold", [waiting]) == []
    assert len(baseline(tmp_path, clock="seconds", fold=[LINE]).worse("fold", [waiting])) == 1


def test_the_worst_is_told_first_with_its_peer_and_both_ratios(tmp_path: Path) -> None:
    before = baseline(tmp_path, fold=[LINE], decide=[LINE, replace(LINE, peer="numpy")], gone=[LINE])
    after = {Row("fold", "reading"): 0.5, Row("decide", "reading"): 0.25, Row("decide", "numpy"): 1.0}
    found = before.compare({**after, Row("new", "reading"): 1.0})
    assert [(one.row, one.before, one.now) for one in found.worse] == [
        (Row("decide", "numpy"), 0.25, 1.0),
        (Row("fold", "reading"), 0.25, 0.5),
    ]
    first, missing, new, count, _, _, _, one, two = told(found, 1.2, "processor").splitlines()
    assert first == "3 ratios of processor time compared with the baseline, tolerance 1.2."
    assert missing == "Not measured, but in the baseline: 1."
    assert new == "Not in the baseline: new."
    assert count == "Got worse: 2."
    assert [cell.strip() for cell in one.split("|")[1:-1]] == ["decide", "numpy", "0.25", "1", "4.00"]
    assert "fold" in two


def test_nothing_worse_is_said(tmp_path: Path) -> None:
    found = baseline(tmp_path, clock="seconds", fold=[LINE]).compare({Row("fold", "reading"): 0.5})
    assert told(found, 1.5, "seconds") == (
        "1 ratios of seconds compared with the baseline, tolerance 1.5.\nNothing got worse."
    )


def test_nothing_in_common_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="another size"):
        baseline(tmp_path, fold=[LINE]).compare({Row("decide", "reading"): 1.0})


def test_a_line_without_a_peers_time_is_not_compared(tmp_path: Path) -> None:
    alone = replace(LINE, peer_seconds=None, peer_processor=None)
    assert read(written(tmp_path, "alone.json", session(fold=[alone])), "processor") == {}
    assert baseline(tmp_path, fold=[LINE]).worse("fold", [alone]) == []


def test_a_mere_measure_of_the_machine_is_not_compared(tmp_path: Path) -> None:
    measure = replace(LINE, peer="bytes", same_work=False)
    assert read(written(tmp_path, "measure.json", session(fold=[LINE, measure])), "processor").keys() == {
        Row("fold", "reading")
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not JSON"),
        ("[]", "not what `clearscale bench` writes"),
        ("{}", "not what `clearscale bench` writes"),
        ('{"benchmarks": [{"name": "other", "extra_info": {}}]}', "not what `clearscale bench` writes"),
        (
            '{"benchmarks": [{"name": "a", "extra_info": {"lines": [{"peer": "b"}]}}]}',
            "not what `clearscale bench`",
        ),
    ],
)
def test_a_file_of_another_form_is_refused_with_its_name(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(content, "utf-8")
    with pytest.raises(BenchmarkError, match=said) as raised:
        read(path, "processor")
    assert str(path) in str(raised.value)


def test_a_missing_file_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="No such file"):
        read(tmp_path / "nothing.json", "processor")
