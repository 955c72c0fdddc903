"""`clearscale store info` and `clearscale store snapshots`; folders of extracts; what was done already."""

import json
from pathlib import Path

import pytest

import clearscale as api
from clearscale.commands import main
from clearscale.law import state
from tests.support.samples import decide, extract, put

DOUBTS = tuple(state().findings.listed)
"""What is doubtful about extracts of edges of rules: all that may be."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two snapshots, and a run of the later one."""
    place = tmp_path_factory.mktemp("store")
    for seed, county in enumerate(("ALAMEDA", "YOLO"), 1):
        file = put(place, f"{county.lower()}.csv", extract(county, seed=seed))
        api.ingest(file, place / "store", county=county, accept=DOUBTS)
    decide(place / "store", place / "run")
    return place


def clearscale(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    with pytest.raises(SystemExit) as leaving:
        main.main([str(argument) for argument in arguments])
    assert leaving.value.code == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 1) -> str:
    with pytest.raises(SystemExit) as leaving:
        main.main([str(argument) for argument in arguments])
    assert leaving.value.code == code
    return capsys.readouterr().err


def test_a_store_says_what_it_holds(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(clearscale(capsys, "store", "info", folder / "store", "--json"))
    assert (told["holds"], told["snapshots"], told["encrypted"], told["destroyed"]) == ("extracts", 2, False, 0)
    assert [entry["county"] for entry in told["extracts"]] == ["ALAMEDA", "YOLO"]
    assert sum(entry["stored"] for entry in told["extracts"]) == told["counts"]["rows"]
    shown = clearscale(capsys, "store", "info", folder / "store")
    assert f"{told['counts']['people']:,}" in shown
    assert all(name in shown for name in ("ALAMEDA", "yolo.csv", told["snapshot"]))
    assert max(map(len, shown.splitlines())) <= 80


def test_a_store_is_named_as_other_commands_name_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("info", "snapshots"):
        told = clearscale(capsys, "store", command, folder / "store")
        assert clearscale(capsys, "store", command, "--store", folder / "store") == told
        for words in ([], [folder / "store", "--store", folder / "store"]):
            assert "name the store" in refused(capsys, "store", command, *words, code=2)


def test_what_is_another_folder_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, store, of = folder / "run", folder / "store", ("--policy", "ca-dismiss-all", "--as-of", "2020-07-01")
    for words in (["store", "info", run], ["check", "--store", run], ["run", "--store", run, *of, "--out", "new"]):
        assert "there is no store, it is a run; name the store" in refused(capsys, *words)
    said = refused(capsys, "forecast", "--store", run, *("--policy", "ca-851-93", "--as-of", "2020-07-01"))
    assert "there is no store, it is a run; name the store" in said
    assert "there is no finished run, it is a store; name the run" in refused(capsys, "diff", run, store)


def test_a_store_whose_first_ingest_was_interrupted_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = folder / "store2"
    (begun / "staging").mkdir(parents=True)
    said = refused(capsys, "store", "info", begun)
    assert "its first ingest was interrupted; give the same `clearscale ingest` again" in said
    assert "did you mean" not in said


def test_no_heading_of_a_check_is_cut_on_a_narrow_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = clearscale(capsys, "check", "--store", folder / "store").splitlines()
    assert "…" not in "".join(lines)
    assert max(map(len, lines)) <= 80
    assert any("quarantined" in line for line in lines)


def test_two_runs_that_decide_the_same_have_no_empty_table(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = clearscale(capsys, "diff", folder / "run", folder / "run")
    assert "No conviction is decided differently." in shown
    assert "Decided differently" not in shown


def test_a_store_lists_its_snapshots(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(clearscale(capsys, "store", "snapshots", folder / "store", "--json"))
    assert [(snapshot["in_force"], len(snapshot["extracts"])) for snapshot in told] == [(False, 1), (True, 2)]
    assert all(snapshot["made"] for snapshot in told)
    shown = clearscale(capsys, "store", "snapshots", folder / "store")
    assert shown.count("in force") == 1


def test_a_run_that_was_done_already_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = decide(folder / "store", folder / "run")
    assert run.found
    words = ("run", "--store", folder / "store", "--policy", "ca-dismiss-all", "--as-of", "2020-07-01")
    assert "done already" not in clearscale(capsys, *words, "--out", folder / "again")
    assert "it was done already, nothing was decided again" in clearscale(capsys, *words, "--out", folder / "again")


def test_a_folder_of_extracts_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "extracts").mkdir()
    put(tmp_path / "extracts", "alameda.csv", extract("ALAMEDA"))
    (tmp_path / "extracts/truth.json").write_text("{}", "utf-8")
    words = ("ingest", tmp_path / "extracts", "--store", tmp_path / "store", "--county", "ALAMEDA")
    words += tuple(word for name in DOUBTS for word in ("--accept", name))
    assert "not read, since the name is no extract's: truth.json" in clearscale(capsys, *words)


def test_a_store_does_not_begin_among_other_things(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here/notes.txt").touch()
    file = put(tmp_path, "alameda.csv", extract("ALAMEDA"))
    with pytest.raises(SystemExit) as leaving:
        main.main(["ingest", file, "--store", str(tmp_path / "here"), "--county", "ALAMEDA"])
    assert leaving.value.code == 1
    assert "holds no store, but other things (1); name a new folder" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "here").iterdir()] == ["notes.txt"]


def test_short_help_and_completion(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--install-completion" in clearscale(capsys, "-h")
    assert "--as-of" in clearscale(capsys, "run", "-h")
