"""`clearscale sweep` and `clearscale diff` over charges, on the command line."""

import json
from pathlib import Path

import pytest

import clearscale
from tests.commands.test_policy_commands import call

PACK, DAY = "il-minor-cannabis-2020", "2020-12-31"


def test_a_sweep_is_told(cook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    how = ("sweep", "--store", str(cook / "store"), "--policy", PACK, "--as-of", DAY)
    vary = ("--vary", "limit=10,30", "--vary", f"as_of=2019-12-31,{DAY}", "--out", str(tmp_path / "out"))
    code, out, _ = call(capsys, *how, *vary, "--by-county", "--json")
    assert code == 0
    told = json.loads(out)
    assert (told["holds"], told["policies"]) == ("charges", 4)
    assert told["parameters"] == {"limit": ["10", "30"], "as_of": ["2019-12-31", DAY]}
    code, out, _ = call(capsys, *how, *vary, "--by-county")
    relieved = [row["people_relief"] for row in clearscale.open_sweep(tmp_path / "out").table().to_pylist()[-4:]]
    assert all(f" {people:,} " in out for people in relieved)
    assert "4 policies" in out
    code, _, err = call(capsys, *how, *vary[:2], "--frontier", "charges_seal,people_relief", "--out", str(tmp_path))
    assert code == 1
    assert "'charges_seal' is no figure" in err
    assert err.count("\n") == 1


@pytest.mark.long
def test_a_sweep_over_many_is_told_in_short(cook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    how = ("sweep", "--store", str(cook / "store"), "--policy", PACK, "--as-of", DAY)
    many = (
        "--vary",
        "limit=1..40",
        "--frontier",
        "charges_relief,-charges_undecided",
        "--out",
        str(tmp_path / "many"),
    )
    code, out, _ = call(capsys, *how, *many)
    assert code == 0
    assert "people relieved" in out
    assert "Policies that no other beats" in out


def test_a_diff_is_told(cook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = ("run", "--store", str(cook / "store"), "--policy", PACK, "--as-of", "2019-12-31")
    assert call(capsys, *made, "--set", "limit=100", "--out", str(tmp_path / "run"), "--quiet")[0] == 0
    both = ("diff", str(cook / "run"), str(tmp_path / "run"))
    code, out, _ = call(capsys, *both, "--out", str(tmp_path / "diff"))
    assert code == 0
    for words in ("parameter limit", "30 -> 100", "policy, as-of date", "other outcome", "by county", "Tables: "):
        assert words in out
    code, out, _ = call(capsys, *both, "--json")
    told = json.loads(out)
    written = json.loads((tmp_path / "diff" / "diff.json").read_text())
    assert {name: of for name, of in told.items() if name != "changes"} == written
    assert told["changes"][0]["charges"] >= told["changes"][-1]["charges"] > 0
    code, out, _ = call(capsys, "diff", str(cook / "run"), str(cook / "run"))
    assert code == 0
    assert "No charge is decided differently." in out
    assert "Decided differently" not in out
    code, _, err = call(capsys, "diff", str(cook / "run"), str(tmp_path / "nowhere"))
    assert code == 1
    assert "there is no finished run" in err
