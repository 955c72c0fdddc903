"""`clearscale formats ...`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from clearscale.commands.main import main
from clearscale.formats import maps
from tests.formats.made import ROW, rendered


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """(exit code, standard output, standard error) of a command."""
    with pytest.raises(SystemExit) as left:
        main(arguments)
    printed = capsys.readouterr()
    return int(left.value.code or 0), printed.out, printed.err


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "formats", "list")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == list(maps())
    _, out, _ = call(capsys, "formats", "list", "--json")
    assert [column_map["name"] for column_map in json.loads(out)] == list(maps())


@pytest.mark.parametrize("name", maps())
def test_show(capsys: pytest.CaptureFixture[str], name: str) -> None:
    code, out, _ = call(capsys, "formats", "show", name)
    assert code == 0
    assert "disposition convicted: " in out
    code, out, _ = call(capsys, "formats", "show", name, "--json")
    assert json.loads(out)["name"] == name


def test_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "charges.csv"
    path.write_bytes(rendered([ROW, ROW | {"sequence_number": "2", "chrgdisp": "QZWORD"}]) + b"a,b\n")
    command = ("formats", "check", str(path), "--format", "il-cook-clerk")
    code, out, _ = call(capsys, *command)
    assert code == 0
    assert "il-cook-clerk: 3 records: 2 charges, 1 set aside\n" in out
    assert "unusual-dispositions: 1 of 2 records have a disposition that the map has no word for (line 3)" in out
    assert "QZWORD" not in out
    code, out, _ = call(capsys, *command, "--show-values")
    assert "unknown in disposition:\n  1 x QZWORD\n" in out
    code, out, _ = call(capsys, *command, "--json")
    assert json.loads(out)["aside"] == {"another number of values": 1}
    path.write_bytes(rendered([ROW | {"arrest_date": "30712"}]))
    code, out, _ = call(capsys, *command)
    assert code == 1
    assert "dates-of-a-spreadsheet (refused): 1 of 1 records" in out
    code, _, err = call(capsys, "formats", "check", str(path), "--format", "il-cook")
    assert (code, "did you mean 'il-cook-clerk'?" in err) == (1, True)
    code, _, err = call(capsys, "formats", "check", str(tmp_path / "none.csv"), "--format", "il-cook-clerk")
    assert (code, "No such file" in err) == (1, True)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom clearscale.commands.main import main\n"
        "try:\n    main(['formats', '--help'])\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('numpy', 'pyarrow', 'jsonschema', 'numba', 'dask') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", maps())
def test_a_sample_has_nothing_to_refuse(capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str) -> None:
    code, out, _ = call(capsys, "formats", "sample", name, "--out", str(tmp_path), "--people", "10", "--json")
    assert code == 0
    (made,) = json.loads(out)
    assert call(capsys, "formats", "check", made["path"], "--format", name)[0] == 0


def test_synth_makes_a_file_of_a_format(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    command = ("synth", "--format", "il-cook-clerk", "--out", str(tmp_path), "--json")
    code, out, _ = call(capsys, *command, "--people", "7")
    assert (code, json.loads(out)["people"]) == (0, 7)
    code, out, _ = call(capsys, *command, "--state", "--scale", "0.0001")
    assert (code, json.loads(out)["people"]) == (0, 44)
    assert call(capsys, *command, "--counties", "2")[0] == 2
    assert call(capsys, *command, "--state", "--scale", "-1")[0] == 2


def test_a_draft_can_be_checked_by(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "charges.csv"
    path.write_bytes(rendered([ROW, ROW | {"sequence_number": "2"}]))
    code, out, _ = call(capsys, "formats", "draft", str(path), "--show-values")
    assert code == 0
    (tmp_path / "mine.toml").write_text(out, "utf-8")
    code, out, _ = call(capsys, "formats", "check", str(path), "--format", str(tmp_path / "mine.toml"))
    assert (code, "mine: 2 records: 2 charges, 0 set aside" in out) == (0, True)
