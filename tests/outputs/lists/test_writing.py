"""Lists as files: the same rows in every format, whole or not at all, anywhere, by the command and by Python."""

import csv
import datetime
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import openpyxl
import pyarrow.parquet as pq
import pytest

import clearscale
from clearscale.commands import main, show_lists
from clearscale.errors import RunError
from clearscale.outputs.lists import Wanted, columns_of, listed, writing
from clearscale.outputs.lists.flag_words import FLAG_WORDS
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun
from tests.support.examples import is_long, long
from tests.support.samples import contents, conviction, decide, ingest, put, rendered

ATTACKING = {"PRI_NAME": "=1+1", "OFN": "-007", "STP_ORI_DESCR": "@COURT", "COMMENT_TEXT": "+x", "RECORD_ID": "007"}


def sheet(path: Path, name: str) -> list[dict[str, Any]]:
    """The rows of a sheet, an empty cell as an empty text."""
    rows = [[*map(shown, row)] for row in openpyxl.load_workbook(path)[name].values]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def shown(value: Any) -> Any:
    """A cell as a spreadsheet shows it: openpyxl leaves characters that are written by their numbers."""
    if isinstance(value, str):
        return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), value)
    return "" if value is None else value


def as_shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a list as a workbook has it."""
    found = {}
    for name, value in row.items():
        day = datetime.datetime.combine(value, datetime.time()) if isinstance(value, datetime.date) else value
        if isinstance(value, datetime.date) and value < datetime.date(1900, 3, 1):
            day = value.isoformat()
        found[name.replace("_", " ").capitalize()] = "" if day is None else day
    return found


def as_written(row: dict[str, Any]) -> dict[str, str]:
    """A row of a list as a CSV file has it."""
    texts = {name: "" if value is None else str(value) for name, value in row.items()}
    return {
        name: f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text
        for name, text in texts.items()
    }


@pytest.mark.sampled
@pytest.mark.parametrize("form", ["csv", "xlsx", long("parquet")])
def test_every_format_has_the_same_rows(
    form: str, on_edges: Run, over_charges: ChargeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_AT_ONCE", 40)
    for run in (on_edges, over_charges) if is_long() else (over_charges if form == "csv" else on_edges,):
        path = tmp_path / f"list.{form}"
        found = clearscale.decisions(run, out=path)
        assert found.file == str(path)
        expected = found.table().to_pylist()
        if form == "parquet":
            assert pq.read_table(path).to_pylist() == expected
        elif form == "csv":
            with path.open(newline="", encoding="utf-8") as file:
                assert list(csv.DictReader(file)) == list(map(as_written, expected))
        else:
            found_rows = sheet(path, "Decisions")
            words = [row.pop("What the flags say") for row in found_rows]
            assert found_rows == list(map(as_shown, expected))
            for row, said in zip(found_rows, words, strict=True):
                assert len([part for part in said.split("; ") if part]) >= len(
                    [*filter(None, row["Flags"].split(";"))]
                )
        assert path.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == [f"list.{form}"]


@pytest.mark.sampled
def test_a_workbook_counts_what_the_tables_count(on_edges: Run, over_charges: ChargeRun, tmp_path: Path) -> None:
    for run, key in ((on_edges, "determination"), (over_charges, "outcome"))[: 2 if is_long() else 1]:
        clearscale.decisions(run, out=tmp_path / "list.xlsx")
        tables: Counter[tuple[str, str]] = Counter()
        counted = "convictions" if isinstance(run, Run) else "charges"
        for row in run.table(counted).to_pylist():
            if row.get("scope", "county") == "county":
                tables[row["county"] or "", row[key] or "no rule of the policy holds: nothing is decided"] += row[
                    counted
                ]
        rows = sheet(tmp_path / "list.xlsx", "Counts")
        assert {(row["County"], row["Outcome"]): row["Decisions"] for row in rows} == +tables
        book = openpyxl.load_workbook(tmp_path / "list.xlsx")
        assert book.sheetnames == ["About", "Counts", "Decisions"]
        about = "\n".join(str(cell) for row in book["About"].values for cell in row if cell is not None)
        for said in (
            run.info["key"],
            run.info["as_of"],
            run.info["policy"]["title"],
            "personal data",
            "court's file",
        ):
            assert said in about
        for meaning in columns_of(run).values():
            assert meaning[1] in about
        if isinstance(run, Run):
            assert all(words in about for words in FLAG_WORDS.values())
            assert "Option subjectAgeThreshold\n57" in about
            assert "Option dismiss\n11357" in about


def test_a_workbook_of_other_counts_than_the_tables_is_none(
    on_edges: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = [*listed(on_edges)]
    assert tables[0].num_rows
    for wrong in (tables[1:], [*tables, tables[0].slice(0, 1)]):
        with pytest.raises(RunError, match="not those of its tables"):
            writing.write_list(on_edges, wrong, str(tmp_path / "list.xlsx"), "xlsx", Wanted())
        assert contents(tmp_path) == {}


@pytest.fixture
def attacked(tmp_path: Path) -> Run:
    """A run over records that attack a spreadsheet."""
    rows = [conviction(str(number), "ALAMEDA", **ATTACKING) for number in range(3)]
    ingest(put(tmp_path, "in/alameda.csv", rendered(rows)), tmp_path / "store", county="ALAMEDA")
    return decide(tmp_path / "store", tmp_path / "run", "threads:1")


@pytest.mark.long
def test_no_record_runs_in_a_spreadsheet(attacked: Run, tmp_path: Path) -> None:
    clearscale.decisions(attacked, out=tmp_path / "list.xlsx")
    book = openpyxl.load_workbook(tmp_path / "list.xlsx")
    first = next(book["Decisions"].iter_rows(min_row=2))
    by_name = {head.value: cell for head, cell in zip(book["Decisions"][1], first, strict=True)}
    texts = {"Person": "=1+1", "Case": "-007", "Court": "@COURT", "Record": "007"}
    assert {name: by_name[name].value for name in texts} == texts
    assert {by_name[name].data_type for name in texts} <= {"s", "inlineStr"}
    clearscale.decisions(attacked, out=tmp_path / "list.csv")
    content = (tmp_path / "list.csv").read_text()
    assert '"\'=1+1"' in content
    assert '"\'-007"' in content
    (tmp_path / "export").mkdir()
    clearscale.export(attacked, "ALAMEDA", tmp_path / "export", xlsx=True)
    book = openpyxl.load_workbook(tmp_path / "export" / "Results.xlsx")
    for name in ("Prop64_Results", "All_Results", "All_Results_Condensed"):
        values = {cell.value: cell.data_type for row in book[name].iter_rows(min_row=2) for cell in row}
        assert values["=1+1"] in ("s", "inlineStr")
    assert values["-007"] in ("s", "inlineStr")


@pytest.mark.long
def test_a_record_may_be_as_long_as_an_extract_may_have_them(tmp_path: Path) -> None:
    comment = '"' * 1_900_000  # written twice as long, as are quotes
    rows = [conviction(str(number), "ALAMEDA", COMMENT_TEXT=comment) for number in range(2)]
    ingest(put(tmp_path, "in/alameda.csv", rendered(rows)), tmp_path / "store", county="ALAMEDA")
    run = decide(tmp_path / "store", tmp_path / "run", "threads:1")
    clearscale.export(run, "ALAMEDA", tmp_path / "export", xlsx=True)
    book = openpyxl.load_workbook(tmp_path / "export" / "Results.xlsx")
    assert book["All_Results"].max_row == 3
    about = [str(cell) for row in book["About"].values for cell in row]
    assert "6 texts are longer than a cell can be, and were cut." in about


@pytest.mark.long
def test_lists_go_anywhere(on_edges: Run, tmp_path: Path) -> None:
    for form in writing.FORMATS:
        clearscale.decisions(on_edges, out=tmp_path / f"list.{form}")
        url = f"memory://lists/list.{form}"
        assert clearscale.decisions(on_edges, out=url).file == url
        assert (
            fsspec.filesystem("memory").cat_file(f"/lists/list.{form}") == (tmp_path / f"list.{form}").read_bytes()
        )


def test_what_fails_midway_leaves_what_was_there(
    on_edges: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_AT_ONCE", 1)
    for form in writing.FORMATS:
        path = tmp_path / f"list.{form}"
        path.write_bytes(b"old")
        with pytest.raises(RunError, match="names the court"):
            clearscale.decisions(on_edges, court=("", "NO SUCH COURT"), out=path)
    assert contents(tmp_path) == {f"list.{form}": b"old" for form in writing.FORMATS}


def clearscale_command(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as leaving:
        main.main([str(word) for word in words])
    said = capsys.readouterr()
    assert isinstance(leaving.value.code, int)
    return leaving.value.code, said.out, said.err


Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return lambda *words: clearscale_command(capsys, *words)


def test_the_command_shows_the_first_and_says_how_many_more(
    fabricated: Run, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    run = ("decisions", "--run", fabricated.folder.url)
    rows = clearscale.decisions(fabricated).table().to_pylist()
    code, out, _ = command(*run, "--rows", 3)
    assert code == 0
    assert f"and {len(rows) - 3:,} more of {len(rows):,}" in out
    lines = out.splitlines()
    assert max(len(line) for line in lines if line[:1] in "┏│└├") <= 80
    for row in rows[:3]:
        for text in (row["person"], row["case"], row["charge"], row["outcome"]):
            assert all(word in out for word in text.split())
    code, out, _ = command(*run, "--json", "--county", rows[0]["county"])
    assert [row["record"] for row in json.loads(out)] == [
        row["record"] for row in rows if row["county"] == rows[0]["county"]
    ]


def test_flags_on_a_terminal_are_not_broken(
    fabricated: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    row = clearscale.decisions(fabricated).table().to_pylist()[0]
    wide = {"case": "A 123/B #4; FILE NBR NOT REPORTD", "person": "GARCÍA DE LA CONCEPCIÓN,MARÍA GUADALUPE"}
    flags = ["set-aside", "another-offense-charged", "contradictory-subject"]
    show_lists.decisions(show_lists.First([row | wide | {"flags": ";".join(flags)}], 1))
    lines = [line.rpartition("│")[0].rpartition("│")[2].strip() for line in capsys.readouterr().out.split("\n")]
    assert [line for line in lines if line in flags] == flags


@pytest.mark.long
def test_the_command_says_what_to_name(fabricated: Run, tmp_path: Path, command: Command) -> None:
    run = ("decisions", "--run", fabricated.folder.url)
    assert command(*run, "--format", "csv")[0] == 2
    assert command(*run, "--format", "table", "--out", tmp_path / "a.csv")[0] == 2
    code, _, said = command(*run, "--out", tmp_path / "list.xls")
    assert (
        code,
        "list.xls: has no ending that says its form; end its name in .csv, .xlsx or .parquet" in said,
    ) == (1, True)
    code, _, said = command(*run, "--out", tmp_path / "list", "--format", "xls")
    assert (code, "did you mean 'xlsx'?" in said) == (1, True)
    assert command(*run, "--out", tmp_path / "list", "--format", "csv")[:2] == (0, f"{tmp_path}/list\n")
    assert [path.name for path in tmp_path.iterdir()] == ["list"]


def test_a_decision_is_explained_by_its_case_or_its_record(
    fabricated: Run, over_charges: ChargeRun, command: Command
) -> None:
    rows = clearscale.decisions(fabricated).table().to_pylist()
    cases = Counter(row["case"] for row in rows if row["case"] and ";" not in row["case"])
    once = next(row for row in rows if cases[row["case"]] == 1)
    explain = ("explain", "--run", fabricated.folder.url)
    code, out, _ = command(*explain, "--case", once["case"].lower(), "--json")
    assert code == 0
    assert (json.loads(out)["extract"], json.loads(out)["row"]) == (once["extract"], once["row"])
    often = next(row["case"] for row in rows if cases[row["case"]] > 1)
    code, out, _ = command(*explain, "--case", often)
    assert code == 0
    assert f"{cases[often]} decisions" in out
    assert "name one of them by --extract and --row" in out
    records = Counter((row["extract"], row["record"]) for row in rows)
    alone = next(row for row in rows if records[row["extract"], row["record"]] == 1)
    code, out, _ = command(*explain, "--record", alone["record"], "--extract", alone["extract"], "--json")
    assert (code, json.loads(out)["row"]) == (0, alone["row"])
    code, _, said = command(*explain, "--record", alone["record"], "--extract", "nowhere.csv")
    assert (code, "is of the extract 'nowhere.csv'" in said) == (1, True)
    assert command(*explain, "--case", often, "--row", 3)[0] == 2
    assert command(*explain)[0] == 2
    charges = clearscale.decisions(over_charges).table().to_pylist()
    numbers = Counter(row["case"] for row in charges)
    one = next(row for row in charges if numbers[row["case"]] == 1)
    code, out, _ = command("explain", "--run", over_charges.folder.url, "--case", one["case"], "--json")
    assert (code, json.loads(out)["line"]) == (0, one["line"])


def test_a_list_is_told_to_the_log_without_what_records_say(on_edges: Run, tmp_path: Path) -> None:
    case = next(row["case"] for row in clearscale.decisions(on_edges).table().to_pylist() if row["case"])
    clearscale.decisions(on_edges, case=case, county="ALAMEDA", out=tmp_path / "list.csv")
    entry = clearscale.log(on_edges.info["store"]).entries[-1]
    assert (entry["command"], entry["out"], entry["county"]) == ("decisions", f"{tmp_path}/list.csv", ["ALAMEDA"])
    assert case not in json.dumps(entry)
