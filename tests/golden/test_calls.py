"""Command lines that gogen was called with, and what it left: each a folder of `calls`."""

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from clearscale.commands.main import main
from clearscale.law import state

CALLS = Path(__file__).parent / "calls"
FILES = ("All_Results.csv", "All_Results_Condensed.csv", "Prop64_Results.csv")
AS_OF = "2020-07-01"

DOUBTS = {
    "flag-c-equals": "",
    "no-conviction": "warning: extract.csv: nothing is decided: "
    "no conviction in 38 records is one of county 'KERN' under the law\n",
}
"""What is said beside what gogen said, and beside what is odd in the records."""


def test_every_call_is_told_of() -> None:
    assert {path.name for path in CALLS.iterdir()} == set(DOUBTS)


@pytest.mark.parametrize("name", DOUBTS)
def test_a_recorded_call_leaves_what_gogen_left(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = CALLS / name / "expected"
    shutil.copytree(CALLS / name, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        main(["gogen", *shlex.split((CALLS / name / "call.txt").read_text()), "--outputs=out"])
    assert f"{left.value.code}" == (expected / "exit.txt").read_text().strip()
    odd = tuple(f"[{finding}]\n" for finding in state().findings.listed)
    said = [line for line in capsys.readouterr().err.splitlines(keepends=True) if not line.endswith(odd)]
    assert "".join(said) == (expected / "stderr.txt").read_text() + DOUBTS[name]
    out = tmp_path / "out"
    assert sorted(path.name for path in out.iterdir()) == sorted([*FILES, "gogen.json"])
    for file in FILES:
        assert (out / file).read_bytes() == (expected / file).read_bytes(), file
    assert summary(out / "gogen.json") == summary(expected / "gogen.json")


def summary(path: Path) -> dict[str, Any]:
    """A summary without what takes time: the seconds, and the moment that stood for no conviction at all."""
    found: dict[str, Any] = json.loads(path.read_text())
    assert list(found)[3] == "processingTimeInSeconds"
    assert found.pop("processingTimeInSeconds") > 0
    if found["earliestConviction"].startswith(AS_OF):
        assert found["subjectsWithProp64ConvictionCountInCounty"] == 0
        found["earliestConviction"] = f"{AS_OF}T00:00:00Z"
    return found


def test_no_conviction_gives_the_as_of_date_and_no_other(tmp_path: Path) -> None:
    """Of several files one without a conviction takes no part."""
    case = CALLS / "no-conviction"
    extract = str(case / "extract.csv")
    (tmp_path / "empty.csv").write_bytes((case / "extract.csv").read_bytes().partition(b"\n")[0] + b"\n")
    for inputs, county, earliest in (
        (f"{tmp_path}/empty.csv", "SACRAMENTO", AS_OF),
        (f"{tmp_path}/empty.csv,{extract}", "SACRAMENTO", "1979-06-01"),
        (f"{extract},{tmp_path}/empty.csv", "SACRAMENTO", "1979-06-01"),
        (f"{extract},{tmp_path}/empty.csv", "KERN", AS_OF),
    ):
        call = [f"--input-doj={inputs}", f"--county={county}", f"--compute-at={AS_OF}", f"--outputs={tmp_path}/out"]
        with pytest.raises(SystemExit) as left:
            main(["gogen", "run", *call, f"--eligibility-options={case}/options.json"])
        assert left.value.code == 0
        found = json.loads((tmp_path / "out/gogen.json").read_text())
        assert found["earliestConviction"] == f"{earliest}T00:00:00Z"
