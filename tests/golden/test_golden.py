"""The counties' program's own outputs, reproduced by every road that leads to result files."""

import gzip
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.law import state
from clearscale.outputs.export.gogen import Options
from clearscale.outputs.export.gogen import run as gogen_run
from tests.support.waiting import PATIENCE

GOLDEN = Path(__file__).parent
CASES = ("beach", "canyon", "delta", "desert", "edges-1", "edges-2", "edges-3", "forest")
FILES = ("All_Results", "All_Results_Condensed", "Prop64_Results")
RELIEF = ("reliefWithCurrentEligibilityChoices", "reliefWithDismissAllProp64")


@dataclass(frozen=True)
class Golden:
    """A recorded run: its inputs and what came out."""

    name: str
    county: str
    as_of: str

    @property
    def folder(self) -> Path:
        return GOLDEN / self.name

    @property
    def extract(self) -> bytes:
        return gzip.decompress((self.folder / "extract.csv.gz").read_bytes())

    @property
    def policy(self) -> Path:
        return self.folder / "policy.json"

    @property
    def summary(self) -> dict[str, Any]:
        summary: dict[str, Any] = json.loads((self.folder / "expected" / "summary.json").read_text())
        return summary

    def file(self, name: str) -> bytes:
        return gzip.decompress((self.folder / "expected" / f"{name}.csv.gz").read_bytes())


def golden(name: str) -> Golden:
    recorded = json.loads((GOLDEN / name / "run.json").read_text())
    return Golden(name, recorded["county"], recorded["as_of"])


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Golden:
    return golden(request.param)


def first_difference(actual: bytes, wanted: bytes) -> str | None:
    """The first line that differs: a readable failure where pytest would compare megabytes."""
    ours, theirs = actual.split(b"\n"), wanted.split(b"\n")
    for number, (our, their) in enumerate(zip(ours, theirs, strict=False), start=1):
        if our != their:
            return f"line {number}: {our!r} instead of {their!r}"
    return None if actual == wanted else f"{len(ours)} lines instead of {len(theirs)}"


def assert_files(case: Golden, folder: Path, ending: str = "") -> None:
    for name in FILES:
        difference = first_difference((folder / f"{name}{ending}.csv").read_bytes(), case.file(name))
        assert difference is None, f"{case.name}/{name}: {difference}"


def assert_summary(case: Golden, path: Path, times: int = 1) -> None:
    """All recorded keys. times: how often the extract was counted."""
    wanted, actual = case.summary, json.loads(path.read_text("utf-8"))
    # The recorded 7-year counts are left out wherever the wall clock, which they used, was not the as-of date.
    shown = {
        key: {name: actual[key][name] for name in value} if key in RELIEF else actual[key]
        for key, value in wanted.items()
    }
    assert shown == {key: _times(value, times) for key, value in wanted.items()}


def _times(value: Any, times: int) -> Any:
    if isinstance(value, dict):
        return {key: _times(figure, times) for key, figure in value.items()}
    return value * times if isinstance(value, int) else value


def test_gogen_run_writes_the_recorded_files(case: Golden, tmp_path: Path) -> None:
    extract = tmp_path / "extract.csv"
    extract.write_bytes(case.extract)
    out = tmp_path / "out"
    options = Options(str(extract), str(out), case.county, str(case.policy), case.as_of)
    assert gogen_run(options) == 0
    assert_files(case, out)
    assert_summary(case, out / "gogen.json")
    assert sorted(path.name for path in out.iterdir()) == sorted([*(f"{name}.csv" for name in FILES), "gogen.json"])


def test_a_store_and_a_run_export_the_recorded_files(case: Golden, tmp_path: Path) -> None:
    store, run, out = (str(tmp_path / name) for name in ("store", "run", "out"))
    report = clearscale.ingest([str(case.folder / "extract.csv.gz")], store, county=case.county)
    assert report.records == report.stored == case.summary["lineCount"]
    clearscale.run(store, str(case.policy), case.as_of, run)
    paths = clearscale.export(run, case.county, out)
    assert sorted(path.name for path in paths) == sorted([*(f"{name}.csv" for name in FILES), "gogen.json"])
    assert_files(case, Path(out))
    assert_summary(case, Path(out) / "gogen.json")


def test_the_console_command_writes_the_recorded_files(tmp_path: Path) -> None:
    case = golden("delta")
    extract = tmp_path / "extract.csv"
    extract.write_bytes(case.extract)
    command = [
        str(Path(sys.executable).with_name("clearscale")),
        *("gogen", "run", f"--input-doj={extract}", f"--outputs={tmp_path}", f"--county={case.county}"),
        *(f"--eligibility-options={case.policy}", f"--compute-at={case.as_of}", "--file-name-suffix=x"),
    ]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    odd = tuple(f"[{name}]" for name in state().findings.listed)  # the case is made of odd records
    said = [line for line in finished.stderr.splitlines() if not line.endswith(odd)]
    assert (finished.returncode, said) == (0, [])
    assert_files(case, tmp_path, "_x")
    assert_summary(case, tmp_path / "gogen_x.json")


def test_several_files_are_numbered_and_their_counts_add_up(tmp_path: Path) -> None:
    case = golden("edges-1")
    extract = str(case.folder / "extract.csv.gz")
    options = Options(f"{extract},{extract}", str(tmp_path), case.county, str(case.policy), case.as_of)
    assert gogen_run(options) == 0
    for ending in ("_1", "_2"):
        assert_files(case, tmp_path, ending)
    assert_summary(case, tmp_path / "gogen.json", times=2)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By name, a store that holds that recorded extract among many.

    There are two, since there are two extracts of Los Angeles, and two of Kern, and a county has one in a store.
    """
    folder = tmp_path_factory.mktemp("everything")
    stores: dict[str, Path] = {}
    for place, reverse in enumerate((False, True)):
        chosen = {golden(name).county: name for name in sorted(CASES, reverse=reverse)}
        for name in chosen.values():
            (folder / f"{name}.csv").write_bytes(golden(name).extract)
        paths = [str(folder / f"{name}.csv") for name in chosen.values()]
        counties = {f"{name}.csv": county for county, name in chosen.items()}
        clearscale.ingest(paths, str(folder / str(place)), county=counties, buckets=3)
        stores |= dict.fromkeys(chosen.values(), folder / str(place))
    assert set(stores) == set(CASES)
    return stores


def test_other_extracts_in_the_store_change_no_file(
    case: Golden, everything: dict[str, Path], tmp_path: Path
) -> None:
    run = clearscale.run(str(everything[case.name]), str(case.policy), case.as_of, str(tmp_path / "run"))
    clearscale.export(run, case.county, str(tmp_path / "out"))
    assert_files(case, tmp_path / "out")
    assert_summary(case, tmp_path / "out" / "gogen.json")
