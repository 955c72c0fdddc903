"""`clearscale sweep` and `clearscale diff` on the command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from clearscale.commands import main
from tests.support.samples import AS_OF, OPTIONS, extract, ingest, put


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commands")
    ingest(put(folder, "alameda.csv", extract("ALAMEDA")), folder / "store", county="ALAMEDA")
    (folder / "policy.json").write_text(json.dumps(OPTIONS), "utf-8")
    return folder


def clearscale(*arguments: object) -> int:
    with pytest.raises(SystemExit) as leaving:
        main.main([str(argument) for argument in arguments])
    code = leaving.value.code
    assert isinstance(code, int)
    return code


def sweep(store: Path, out: Path, *more: str) -> int:
    about = ("--store", store / "store", "--policy", store / "policy.json", "--as-of", AS_OF)
    return clearscale("sweep", *about, "--out", out, *more)


def test_a_sweep_is_told_as_json(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = ("--vary", "age=0,40..42", "--by-county", "--frontier", "convictions_dismissed,-convictions_reduced")
    assert sweep(store, tmp_path / "out", *more, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["policies"] == 4
    assert told["parameters"]["age"] == ["0", "40", "41", "42"]
    assert told["frontier"] == ["convictions_dismissed", "-convictions_reduced"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        *("chart.html", "cube.npz", "frontier.csv", "frontier.parquet", "page.json"),
        *("policies.csv", "policies.parquet"),
        "sweep.json",
    }


@pytest.mark.long
def test_a_sweep_is_told_to_people(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep(store, tmp_path / "few", "--vary", "age=0,40") == 0
    assert "2 policies" in capsys.readouterr().out
    assert (
        sweep(store, tmp_path / "many", "--vary", "every", "--frontier", "people_no_felony,people_no_conviction")
        == 0
    )
    printed = capsys.readouterr().out
    assert "884,736 policies" in printed
    assert "Policies that no other beats" in printed
    assert sweep(store, tmp_path / "one", "--quiet") == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--vary", "agee=40"], "did you mean 'age'?"),
        (["--vary", "age=39"], "39 is out of range; write 0 (off) or 40 to 65"),
        (["--vary", "age=0", "--frontier", "age,deceased"], "is no figure"),
        (["--vary", "policy=nowhere.toml"], "there is no policy 'nowhere.toml'"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], message: str
) -> None:
    assert sweep(store, tmp_path / "out", *more) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert message in told.err
    assert told.err.startswith("clearscale: ")
    assert told.err.count("\n") == 1


def test_a_diff_is_told(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, policy in (("a", str(store / "policy.json")), ("b", "ca-dismiss-all")):
        run = ("run", "--store", store / "store", "--policy", policy, "--as-of", AS_OF, "--out", tmp_path / name)
        assert clearscale(*run, "--quiet") == 0
    assert clearscale("diff", tmp_path / "a", tmp_path / "b", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["differ"] == ["policy"]
    assert told["changes"][0]["change"] in ("other reason", "other determination")
    assert clearscale("diff", tmp_path / "a", tmp_path / "b", "--out", tmp_path / "d") == 0
    printed = capsys.readouterr().out
    assert "By race" in printed
    assert "Tables: " in printed
    assert clearscale("diff", tmp_path / "a", tmp_path / "nowhere") == 1
    assert "there is no finished run" in capsys.readouterr().err


def test_help_imports_next_to_nothing() -> None:
    code = (
        "import sys; from clearscale.commands import main, whatif; "
        "print([name for name in ('numpy', 'pyarrow', 'numba', 'vl_convert', 'dask') if name in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"
