"""All counties' result files in one pass are those of each county by itself, however often it is stopped."""

import csv
import re
from pathlib import Path
from typing import Any

import fsspec
import openpyxl
import pytest

import clearscale
from clearscale.api.made import destroyed, made_at
from clearscale.commands import main
from clearscale.errors import RunError
from clearscale.io import flush_ahead
from clearscale.io.files import Folder
from clearscale.outputs.county_files import OF_ALL, OF_COUNTY, WORKBOOK
from clearscale.outputs.export import all_counties, result_files, workbook
from clearscale.policy.packs import PACKS
from clearscale.runs import Run
from tests.support.examples import long
from tests.support.samples import Interrupted, contents, decide

COUNTIES = {"ALAMEDA": "alameda", "FRESNO": "fresno", "KERN": "kern", "YOLO": "yolo"}


@pytest.fixture(scope="module")
def run(edges_of_rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return decide(edges_of_rules / "store", tmp_path_factory.mktemp("counties") / "run", "threads:1")


@pytest.fixture(scope="module")
def alone(run: Run, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """Each county's files, exported by itself with its workbook; by its folder."""
    found = {}
    for county, name in COUNTIES.items():
        folder = tmp_path_factory.mktemp(name)
        clearscale.export(run, county, folder, xlsx=True, cluster="threads:1")
        found[name] = contents(folder)
    return found


def of_counties(folder: Path) -> dict[str, dict[str, bytes]]:
    """Each county's files in a folder of all of them, without what says that they are finished."""
    found: dict[str, dict[str, bytes]] = {}
    for path, content in contents(folder).items():
        name, _, file = path.partition("/")
        if file and file != OF_COUNTY:
            found.setdefault(name, {})[file] = content
    return found


@pytest.mark.parametrize("cluster", ["threads:2", long("local:2")])
def test_all_counties_are_each_by_itself(
    cluster: str, run: Run, alone: dict[str, dict[str, bytes]], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    folders = clearscale.export_all(run, out, xlsx=True, cluster=cluster)
    assert folders == [f"{out}/{name}" for name in COUNTIES.values()]
    assert of_counties(out) == alone
    assert {path.stat().st_mode & 0o777 for path in out.rglob("*") if path.is_file()} == {0o640}


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    found = {path: path.stat() for path in folder.rglob("*") if path.is_file() and path.name != OF_ALL}
    return {str(path.relative_to(folder)): (stat.st_ino, stat.st_mtime_ns) for path, stat in found.items()}


def test_what_was_stopped_goes_on_without_writing_again(
    run: Run, alone: dict[str, dict[str, bytes]], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    written: list[object] = []

    def stopped_at_the_third(*arguments: Any) -> None:
        written.append(arguments)
        result_files.write_all(*arguments)
        if len(written) == 3:
            raise Interrupted

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(all_counties, "write_all", stopped_at_the_third)
        with pytest.raises(Interrupted):
            clearscale.export_all(run, out, cluster="threads:1")
    begun = stamps(out)
    finished = {name for name in COUNTIES.values() if f"{name}/{OF_COUNTY}" in begun}
    assert len(finished) == 2
    assert not [path for path in begun if path.endswith(".partial")]
    clearscale.export_all(run, out, cluster="threads:1")
    after = stamps(out)
    for path, stamp in begun.items():
        if path.partition("/")[0] in finished:
            assert after[path] == stamp, path
    assert of_counties(out) == {
        name: {file: content for file, content in files.items() if file != WORKBOOK}
        for name, files in alone.items()
    }
    clearscale.export_all(run, out, cluster="threads:1")
    assert stamps(out) == after


@pytest.mark.long
def test_what_is_not_as_it_was_is_written_again(
    run: Run, alone: dict[str, dict[str, bytes]], edges_of_rules: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    clearscale.export_all(run, out, cluster="threads:1")
    (out / "kern" / "gogen.json").unlink()
    (out / "yolo" / "All_Results.csv").write_bytes(b"cut")
    (out / "fresno" / OF_COUNTY).write_text("{}")
    before = stamps(out)
    clearscale.export_all(run, out, cluster="threads:1")
    after = stamps(out)
    rewritten = {path.partition("/")[0] for path in after if after[path] != before.get(path)}
    assert rewritten == {"kern", "yolo", "fresno"}
    clearscale.export_all(run, out, xlsx=True, cluster="threads:1")
    assert of_counties(out) == alone
    other = clearscale.run(edges_of_rules / "store", "ca-dismiss-all", "2020-07-01", tmp_path / "other")
    clearscale.export_all(other, out, cluster="threads:1")
    assert {*of_counties(out)["kern"]} == {*alone["kern"]} - {WORKBOOK}
    assert of_counties(out)["kern"]["Prop64_Results.csv"] != alone["kern"]["Prop64_Results.csv"]


@pytest.mark.long
def test_files_come_to_any_storage(
    run: Run, alone: dict[str, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    monkeypatch.setattr(flush_ahead, "_EVERY", 1)
    monkeypatch.setattr(flush_ahead, "flush", flushed.extend)
    system = fsspec.filesystem("memory")
    for _ in range(2):  # the second time nothing is written
        folders = clearscale.export_all(run, "memory://counties", xlsx=True, cluster="threads:1")
        assert folders == [f"memory://counties/{name}" for name in COUNTIES.values()]
    for name, files in alone.items():
        found = {
            path.rpartition("/")[2]: system.cat_file(path) for path in system.ls(f"/counties/{name}", detail=False)
        }
        del found[OF_COUNTY]
        assert found == files
    assert not flushed, "what is only on its way has no need of this machine's disk"


def test_a_purge_reaches_all_counties(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    clearscale.export_all(run, out, cluster="threads:1")
    (made,) = made_at([str(out)])
    assert made.sources == [(run.info["store"], run.info["snapshot"])]
    with pytest.raises(RunError, match="lost nothing"):
        destroyed([made])
    monkeypatch.setattr("clearscale.api.made.why_void", lambda *_: "purged")
    assert destroyed([made]) == (str(out),)
    assert not out.exists()


@pytest.mark.long
def test_a_workbook_of_an_earlier_export_does_not_stay(run: Run, tmp_path: Path) -> None:
    clearscale.export(run, "KERN", tmp_path, xlsx=True, cluster="threads:1")
    clearscale.export(run, "KERN", tmp_path, cluster="threads:1")
    assert not (tmp_path / WORKBOOK).exists()


def test_files_of_another_county_are_not_replaced(run: Run, tmp_path: Path) -> None:
    clearscale.export(run, "KERN", tmp_path, cluster="threads:1")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(RunError, match="holds the files of KERN; choose another folder"):
        clearscale.export(run, "YOLO", tmp_path, cluster="threads:1")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    clearscale.export(run, "KERN", tmp_path, cluster="threads:1")


def shown(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "strftime"):
        return f"{value:%Y%m%d}"
    if isinstance(value, str):
        return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), value)
    return str(value)


def test_a_workbook_has_what_the_files_have(run: Run, alone: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    files = alone["kern"]
    (tmp_path / WORKBOOK).write_bytes(files[WORKBOOK])
    book = openpyxl.load_workbook(tmp_path / WORKBOOK)
    assert book.sheetnames == ["About", "Prop64_Results", "All_Results_Condensed", "All_Results"]
    for name in book.sheetnames[1:]:
        expected = list(csv.DictReader(files[f"{name}.csv"].decode().splitlines()))
        head, *rows = [[shown(cell) for cell in row] for row in book[name].values]
        assert len(rows) == len(expected)
        for row, line in zip(rows, expected, strict=True):
            found = dict(zip(head, row, strict=True))
            if name == "Prop64_Results":
                assert found.pop("Flags") is not None
                found.pop("What the flags say")
            if (day := line["Date of Conviction"]) and "/" not in found["Date of Conviction"]:
                line["Date of Conviction"] = f"{day[6:]}{day[:2]}{day[3:5]}"
            for column in line:
                if column.startswith("Years Since") and line[column]:
                    assert float(found.pop(column)) == float(line[column])
                else:
                    assert found.pop(column) == line[column], column
            assert found == {}
    flags = [
        row["flags"]
        for row in clearscale.open_run(run.folder.url).decisions().to_pylist()
        if row["county"] == "KERN"
    ]
    at = [cell.value for cell in book["Prop64_Results"][1]].index("Flags")
    assert [row[at] or "" for row in list(book["Prop64_Results"].values)[1:]] == flags


def test_a_workbook_of_other_counts_than_the_tables_is_none(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = workbook._decided

    def one_more(*arguments: Any) -> Any:
        counts, sheets = counted(*arguments)
        counts["Eligible for Dismissal"] += 1
        return counts, sheets

    monkeypatch.setattr(workbook, "_decided", one_more)
    with pytest.raises(RunError, match="not those of its tables"):
        clearscale.export(run, "KERN", tmp_path, xlsx=True, cluster="threads:1")
    assert contents(tmp_path) == {}


@pytest.mark.long
@pytest.mark.parametrize("pack", PACKS)
def test_counts_are_those_of_the_tables_under_every_pack(pack: str, edges_of_rules: Path, tmp_path: Path) -> None:
    run = clearscale.run(edges_of_rules / "store", pack, "2020-07-01", tmp_path / "run", cluster="threads:1")
    clearscale.export_all(run, tmp_path / "out", xlsx=True, cluster="threads:1")
    found = clearscale.decisions(run, out=tmp_path / "list.xlsx")
    assert found.table().num_rows == sum(row["convictions"] for row in run.table("convictions").to_pylist())


def test_the_command_takes_one_county_or_all(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    about = ["export", "--run", run.folder.url, "--out", str(tmp_path / "out")]
    for words, code in (([], 2), (["--county", "KERN", "--all-counties"], 2), (["--all-counties", "--json"], 0)):
        with pytest.raises(SystemExit) as leaving:
            main.main([*about, *words])
        assert leaving.value.code == code
    assert str(tmp_path / "out" / "kern") in capsys.readouterr().out
    assert Folder(str(tmp_path / "out")).read_json(OF_ALL)["counties"] == COUNTIES
