"""`clearscale bench`: what it needs, what it refuses before it measures anything, and how it starts pytest."""

import fcntl
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from clearscale.commands import bench
from clearscale.commands.main import app, main
from clearscale_bench import session
from clearscale_bench.session import Wanted
from clearscale_bench.sizes import SCRATCH, SIZES, gigabytes

ROOT = Path(__file__).parents[2]


def ended(*words: str) -> int:
    with pytest.raises(SystemExit) as ending:
        main(["bench", *words])
    assert isinstance(ending.value.code, int)
    return ending.value.code


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(bench, "find_spec", lambda name: None if name in ("polars", "moto") else found(name))
    assert ended() == 1
    said = capsys.readouterr().err
    assert "which the extra `bench` brings: " in said
    assert "moto, polars" in said
    assert "duckdb" not in said


@pytest.mark.parametrize(
    "words", [("--size", "huge"), ("--clock", "sun"), ("--tolerance", "0.5"), ("--rounds", "0")]
)
def test_wrong_options_are_wrong_usage(words: tuple[str, str]) -> None:
    assert ended(*words) == 2


def places(folder: Path) -> tuple[str, ...]:
    return "--data", str(folder / "data"), "--out", str(folder / "out")


def test_a_baseline_that_cannot_be_read_is_told_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended("--against", str(tmp_path / "none.json"), *places(tmp_path)) == 1
    assert "none.json: No such file" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_before_anything_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("--scale", "1e9", *places(tmp_path)) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert re.search(
        r"[\d.]+ GB are free, and this takes 9\d+\.\d GB; name a folder on another disk by --data", said
    )


def test_two_sessions_with_the_same_data_do_not_run_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / "in-use").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert ended(*places(tmp_path)) == 1
    assert "another `clearscale bench` is at work" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "ends", "said"),
    [
        (1, 1, "a total was wrong"),
        (2, 130, "interrupted"),
        (4, 1, "no expression"),
        (5, 1, "no benchmark has"),
    ],
)
def test_each_end_of_pytest_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    code: int,
    ends: int,
    said: str,
) -> None:
    monkeypatch.setattr(session.pytest, "main", lambda arguments: pytest.ExitCode(code))
    assert ended("--only", "nothing", *places(tmp_path)) == ends
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(("ratio", "code", "said"), [(1.0, 0, "Nothing got worse"), (1.3, 1, "Got worse: 1.")])
def test_the_exit_code_is_that_of_the_comparison(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ratio: float,
    code: int,
    said: str,
) -> None:
    def document(found: float) -> str:
        lines = [{"peer": "numpy", "same_work": True, "ratio": 1.0, "processor_ratio": found}]
        return json.dumps({"benchmarks": [{"name": "test_fold[1]", "extra_info": {"lines": lines}}]})

    def measured(arguments: list[str]) -> pytest.ExitCode:
        (tmp_path / "out" / session.MEASURED).write_text(document(ratio), "utf-8")
        return pytest.ExitCode.OK

    monkeypatch.setattr(session.pytest, "main", measured)
    (tmp_path / "before.json").write_text(document(1.0), "utf-8")
    assert ended("--against", str(tmp_path / "before.json"), *places(tmp_path)) == code
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith(said) for line in lines)
    assert not any("\\n" in line for line in lines)


def test_a_session_looks_at_no_settings_but_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the folder, the environment and installed plugins would have pytest do."""
    seen: dict[str, Any] = {}

    def started(arguments: list[str]) -> pytest.ExitCode:
        seen.update(
            arguments=arguments, environment={name: session.os.environ[name] for name in session.ENVIRONMENT}
        )
        return pytest.ExitCode.OK

    monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only")
    monkeypatch.setattr(session.pytest, "main", started)
    session.measure(Wanted(tmp_path / "data", tmp_path / "out", county_rows=(5, 7), scales=(0.1,), only="fold"))
    assert seen["environment"] == {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    assert {"--county-rows=5", "--county-rows=7", "--scales=0.1", "-k", "fold", "--size=smoke"} <= {
        *seen["arguments"]
    }
    assert str(session.SUITE / "pytest.ini") in seen["arguments"]
    assert session.os.environ["PYTEST_ADDOPTS"] == "--collect-only"


def test_sizes_rise() -> None:
    for size in SIZES.values():
        assert list(size.scales) == sorted(size.scales)
        assert list(size.county_rows) == sorted(size.county_rows)
    needed = [gigabytes(size.scales, size.county_rows) for size in SIZES.values()]
    assert needed == sorted(needed)


def test_the_workflow_and_ci_give_options_that_there_are() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/bench.yml").read_text("utf-8"))
    (job,) = workflow["jobs"].values()
    commands = [step["run"] for step in job["steps"] if "clearscale bench" in step.get("run", "")]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    commands += [line for line in makefile.splitlines() if "clearscale bench" in line or "$(MEASURE)" in line]
    command = get_command(app).commands["bench"]  # type: ignore[attr-defined]
    known = {option for parameter in command.params for option in parameter.opts}
    given = {word for text in commands for word in re.findall(r"(?<!\S)'?(--[a-z-]+)", text)}
    assert "--size" in given
    assert given <= known
    assert any("--against bench/baseline.json" in text for text in commands)


def test_the_baseline_has_every_benchmark_with_the_sizes_that_ci_measures() -> None:
    document = json.loads((ROOT / "bench/baseline.json").read_text("utf-8"))
    suite = "".join(path.read_text("utf-8") for path in session.SUITE.glob("test_*.py"))
    wanted = {name for name in re.findall(r"^def (test_\w+)", suite, re.M) if "growth" not in name}  # of two sizes
    assert {benchmark["name"].partition("[")[0] for benchmark in document["benchmarks"]} == wanted
    measured = document["clearscale"]
    assert (measured["size"], *map(tuple, (measured["scales"], measured["county rows"]))) == (
        "smoke",
        *SIZES["smoke"][:2],
    )


def test_what_a_killed_session_left_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / f"{SCRATCH}left" / "store").mkdir(parents=True)
    monkeypatch.setattr(session.pytest, "main", lambda arguments: pytest.ExitCode.OK)
    session.measure(Wanted(tmp_path, tmp_path / "out"))
    assert not list(tmp_path.glob(f"{SCRATCH}*"))
