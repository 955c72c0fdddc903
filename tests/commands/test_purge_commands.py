"""`clearscale purge` and `prune`: what they say, and never of whom."""

import io
import json
from pathlib import Path

import pytest

from clearscale.commands.main import main
from tests.support.canary import NUMBER, SUBJECT, WORDS, canary, found_below, others
from tests.support.samples import ingest, put, rendered


@pytest.fixture
def store(tmp_path: Path) -> Path:
    for county in ("YOLO", "KERN"):
        rows = rendered([*others(county, 4), *canary(county)])
        ingest(put(tmp_path / "in", f"{county.lower()}.csv", rows), tmp_path / "store", county=county)
    return tmp_path / "store"


def command(capsys: pytest.CaptureFixture[str], *words: str, typed: str = "") -> tuple[int, str, str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as left:
            main(list(words))
    printed = capsys.readouterr()
    assert not any(word.decode() in printed.out + printed.err for word in WORDS)
    assert isinstance(left.value.code, int)
    return left.value.code, printed.out, printed.err


def test_numbers_come_from_standard_input(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    purge = ["purge", "--store", str(store), "--cii", "-"]
    code, shown, _ = command(capsys, *purge, "--dry-run", typed=f"{NUMBER}\r\nA0\n\n")
    assert (code, "would be destroyed" in shown) == (0, True)
    assert found_below(store) != {}
    code, shown, _ = command(capsys, *purge, typed=f"{NUMBER}\n")
    assert code == 0
    assert "The same files would bring the records back, and are refused: kern.csv, yolo.csv." in shown
    assert "Void is what was made from 000001-" in shown
    assert "Receipt: " in shown
    assert found_below(store) == {}
    code, shown, _ = command(capsys, *purge, typed=f"{NUMBER}\n")
    assert (code, shown) == (0, f"Store {store}: nothing of it is left\n")


def test_a_subject_as_json(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, shown, _ = command(capsys, "purge", "--store", str(store), "--subject", SUBJECT, "--json")
    found = json.loads(shown)
    assert (code, found["records"], found["histories"], found["dry_run"]) == (0, 4, 2, False)
    assert len(found["snapshots"]) == 2
    assert found["files"][0].keys() == {"path", "rows_before", "rows_after"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("purge",), "name what to destroy, one thing at a time"),
        (("prune",), "nothing says how long anything is kept; name --keep SNAPSHOTS"),
        (("purge", "--extract", "kern.csv", "--quarantine"), "name what to destroy, one thing at a time"),
    ],
)
def test_what_is_not_said_is_asked_for(
    words: tuple[str, ...], told: str, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, shown, complaint = command(capsys, *words, "--store", str(store))
    assert (code, shown) == (1, "")
    assert complaint.startswith(f"clearscale: {told}")


def test_a_setting_is_saved_and_followed(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, shown, _ = command(capsys, "prune", "--store", str(store), "--keep", "2", "--save")
    assert (code, shown) == (0, f"Store {store}: nothing of it is left\n")
    assert json.loads((store / "settings.json").read_text()) == {"snapshots": 2, "quarantine_days": None}
    ingest(put(store.parent, "yolo.csv", rendered(others("YOLO", 5))), store, county="YOLO")
    code, shown, _ = command(capsys, "prune", "--store", str(store))
    assert code == 0
    assert "snapshots removed" in shown
    assert len(list((store / "snapshots").iterdir())) == 2


def test_a_person_of_a_store_of_charges(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    charges = tmp_path / "charges"
    code, _, _ = command(capsys, "ingest", str(store), "--format", "ca-doj", "--store", str(charges))
    assert (code, found_below(charges) != {}) == (0, True)
    _, shown, _ = command(capsys, "purge", "--store", str(store), "--cii", "-", typed=f"{NUMBER}\n")
    assert "clearscale purge --store CHARGES --person NUMBER" in shown
    assert f"Still there, by the store's log: {charges}" in shown
    _, shown, _ = command(capsys, "purge", "--store", str(charges), "--person", "-", typed=f"{NUMBER}\n")
    assert "people of the snapshot in force" in shown
    assert "CHARGES" not in shown
    assert found_below(charges) == {}
    code, _, told = command(capsys, "purge", "--store", str(store), "--person", "-", typed="1\n")
    assert (code, "the store holds extracts; name people by --subject or --cii" in told) == (1, True)
