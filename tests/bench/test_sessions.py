"""Whole sessions, as users start them: all that is measured, on little data, and against a baseline."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clearscale_bench.baseline import read
from tests.support.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.long

KERNELS = "tokenizer or decide or encode"
"""What takes milliseconds, and is of different kinds."""

SMALLEST = ("--scale=0.001", "--county-rows=1000", "--rounds=1")

CLOCK = """
import dataclasses, random, sys, time
from clearscale_bench import measure, work
from clearscale.commands.main import main

class Told:
    # Tells what programs take: the same but for noise, whatever this machine does beside them.

    def __init__(self, seed):
        self.now, self.noise = 0.0, random.Random(seed)

    def perf_counter(self):
        self.now += self.noise.uniform(0.85, 1.15)
        return self.now

    process_time = perf_counter

    def spend(self, seconds):
        self.now += seconds

class Taken:
    # Time as it is.

    process_time = staticmethod(time.process_time)
    perf_counter = staticmethod(time.perf_counter)

    def spend(self, seconds):
        ends = self.process_time() + seconds
        while self.process_time() < ends:
            pass

seed, more = sys.argv.pop(1), float(sys.argv.pop(1))
clock = measure.time = Told(seed) if seed != "processor" else Taken()
tokenize = work.tokenize

def slowed(extract):
    kernel = tokenize(extract)

    def work():
        found = kernel.work()
        clock.spend(more)
        return found

    return dataclasses.replace(kernel, work=work)

work.tokenize = slowed
main()
"""
"""The command by a clock, `processor` or the seed of one that is told, and a kernel that takes some seconds more.

A program takes one second of the told clock, and three of its processor time.
"""

COMMAND = "from clearscale.commands.main import main; main()"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


def session(code: str, data: Path, out: Path, *words: str, before: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """A session in a process of its own, which leads a group. before: words that the code takes for itself."""
    places = ("--data", str(data), "--out", str(out))
    return subprocess.Popen(
        [sys.executable, "-c", code, *before, "bench", *places, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=data,
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = process.communicate(timeout=20 * PATIENCE)
    return process.returncode, said


def test_all_is_measured_and_others_read_it(data: Path, tmp_path: Path) -> None:
    code, said = ended(session(COMMAND, data, tmp_path, *SMALLEST))
    assert code == 0, said
    written = tmp_path / "pytest-benchmark.json"
    document = json.loads(written.read_text("utf-8"))
    groups = {benchmark["group"] for benchmark in document["benchmarks"]}
    assert {"ingest from S3", "ingest on many workers", "ingest of a county's new extract"} <= groups
    assert {"county run, four files", "run, from the shell", "decide kernel"} <= groups
    assert {"ingest of charges", "read charges only, one core", "forecast of 120 months, resident"} <= groups
    assert document["clearscale"]["scales"] == [0.001]
    for clock in ("processor", "seconds"):
        assert len(read(written, clock)) > 20
    assert "node" not in document["machine_info"]
    assert "| work" in said
    compared = subprocess.run(
        [Path(sys.executable).with_name("pytest-benchmark"), "compare", written, "--columns=min,median"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert "test_decide[0.001]" in compared.stdout + compared.stderr


def test_growth_is_measured_where_there_are_two_sizes_and_goals_are_told(data: Path, tmp_path: Path) -> None:
    words = ("--only", "growth_of_county_run or growth_of_run", "--scale=0.002", "--county-rows=2000", "--goals")
    code, said = ended(session(COMMAND, data, tmp_path, *SMALLEST, *words))
    assert code == 0, said
    lines = json.loads((tmp_path / "figures.json").read_text("utf-8"))["lines"]
    assert {line["work"] for line in lines} == {"growth of a county's run", "growth of run, resident"}
    _, _, goals = said.partition("## Goals")
    assert goals.count("<= 1.2 x the peer") == 2


def found_worse(said: str) -> set[str]:
    """The kinds of benchmarks that a comparison calls worse."""
    _, _, worse = said.partition("Got worse: ")
    return {name for name in ("tokenizer", "decide", "encode") if f"test_{name}" in worse}


def test_a_baseline_is_kept_under_noise_and_missed_by_what_takes_half_as_long_again(
    data: Path, tmp_path: Path
) -> None:
    words = ("--only", KERNELS, "--county-rows", "30000", "--scale", "0.002")

    def measured(seed: str, more: str, *options: str) -> tuple[int, str]:
        """Take a session whose figures are in a folder called after its seed."""
        return ended(session(CLOCK, data, tmp_path / seed, *words, *options, before=(seed, more)))

    assert measured("0", "0")[0] == 0
    against = ("--against", str(tmp_path / "0/pytest-benchmark.json"))
    for seed in ("1", "2", "3"):
        code, said = measured(seed, "0", *against)
        assert code == 0, said
        assert "Nothing got worse." in said
    code, said = measured("4", "1.5", *against)
    assert (code, found_worse(said)) == (1, {"tokenizer"}), said


def test_the_processors_clock_tells_what_takes_many_times_as_long(data: Path, tmp_path: Path) -> None:
    """A machine that others use may take twice as long for the one thing and not for the other; not ten times."""
    words = ("--only", KERNELS, "--county-rows", "30000", "--scale", "0.002")
    code, said = ended(session(CLOCK, data, tmp_path / "before", *words, before=("processor", "0")))
    assert code == 0, said
    against = ("--against", str(tmp_path / "before/pytest-benchmark.json"), "--tolerance", "5")
    code, said = ended(session(CLOCK, data, tmp_path / "now", *words, *against, before=("processor", "0.5")))
    assert (code, found_worse(said)) == (1, {"tokenizer"}), said


def test_an_interrupted_session_leaves_what_it_measured_and_can_be_repeated(data: Path, tmp_path: Path) -> None:
    words = ("--only", "tokenizer or county_run", "--county-rows", "1000", "--county-rows", "2000")
    process = session(COMMAND, data, tmp_path, *words)
    figures = tmp_path / "figures.json"
    wait_until(figures.exists, process)
    os.killpg(process.pid, signal.SIGINT)
    code, said = ended(process)
    assert code == 130, said
    assert "interrupted" in said
    assert "Traceback" not in said
    assert json.loads(figures.read_text("utf-8"))["lines"]
    assert not list(data.glob("scratch-*"))
    code, said = ended(session(COMMAND, data, tmp_path, *words))
    assert code == 0, said
