"""What the folder of a run over charges holds: tables by itself, decisions with its store; folders of before."""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

import clearscale
from clearscale.errors import RunError, StoreError
from clearscale.io.files import Folder
from clearscale.io.sealed import FILES, finish
from clearscale.io.seals import DIGEST
from clearscale.outputs.report.charges.counting import counts_of
from clearscale.runs.charges import ChargeRun
from clearscale.runs.charges.opened import DUE, TABLES, table_file
from clearscale.runs.charges.reading import read_decisions
from clearscale.runs.finished import INFO
from tests.support.many_courts import AS_OF
from tests.support.samples import contents


@pytest.fixture
def own(many_courts: Path, tmp_path: Path) -> Path:
    """A store and its run, both to be changed."""
    for name in ("store", "run"):
        shutil.copytree(many_courts / name, tmp_path / name)
    return tmp_path


def opened(folder: Path) -> ChargeRun:
    return clearscale.open_charge_run(folder / "run", folder / "store")


def as_of_before(run: ChargeRun) -> ChargeRun:
    """The same run as versions wrote it that had all columns in its files."""
    folder = Folder(run.folder.url)
    kept = ("charges", "people", "missing")
    seals = {table_file(name): run.files.seals[table_file(name)] for name in kept}
    seals["summary.json"] = run.files.seals["summary.json"]
    seals[table_file("crosstab")] = folder.write_parquet(table_file("crosstab"), run.table("crosstab"))
    names = []
    for number, table in enumerate(run.decisions()):
        names.append(f"decisions/bucket-{number:05d}.parquet")
        seals[names[-1]] = folder.write_parquet(names[-1], table)
    info = {name: value for name, value in run.info.items() if name not in (FILES, DIGEST)}
    finish(folder, INFO, {**info, "decisions": names}, seals)
    for name in contents(Path(folder.url)):
        if name not in seals and name != INFO:
            (Path(folder.url) / name).unlink()
    return clearscale.open_charge_run(run.folder.url, run.info["store"])


def test_tables_need_no_store_and_decisions_do(own: Path) -> None:
    run = opened(own)
    before = {name: run.table(name) for name in TABLES}, counts_of(run, 11)
    shutil.rmtree(own / "store")
    alone = ChargeRun(run.folder, run.info)
    assert ({name: alone.table(name) for name in TABLES}, counts_of(alone, 11)) == before
    with pytest.raises(StoreError, match="its store is not at"):
        list(alone.decisions())


def test_a_run_of_before_is_read_as_it_is(own: Path) -> None:
    run = opened(own)
    tables, counts = {name: run.table(name) for name in TABLES}, counts_of(run, 11)
    decisions = [table.to_pylist() for table in run.decisions()]
    assert sum(counts.due.values()) > 0
    old = as_of_before(run)
    assert table_file(DUE) not in old.files.seals
    assert {name: old.table(name) for name in TABLES} == tables
    assert [table.to_pylist() for table in old.decisions()] == decisions
    assert counts_of(old, 11) == counts


def test_decisions_are_of_the_charges_that_were_decided(own: Path) -> None:
    run = opened(own)
    for bucket in range(len(run.info["decisions"])):
        found = read_decisions(run, bucket)
        assert found.tables is not None
        assert found.table.column("line").to_pylist() == found.tables.charges.line[found.rows].tolist()
        some = read_decisions(run, bucket, ["outcome", "line"]).table
        assert some.equals(found.table.select(["outcome", "line"]))
    key = clearscale.open_charges(own / "store").numbers(0).column("identity")[0].as_py()
    clearscale.purge(own / "store", person=key)
    with pytest.raises(RunError, match="destroyed"):
        list(run.decisions())


def test_what_is_due_is_counted_once_by_county_and_year(own: Path) -> None:
    run = opened(own)
    table = pa.concat_tables([part.unify_dictionaries() for part in run.decisions()])
    waiting = table.filter(pc.equal(table.column("outcome").cast(pa.string()), "not-yet"))
    years = [day.year for day in waiting.column("first_eligible").to_pylist()]
    assert min(years) >= AS_OF.year
    wanted: dict[tuple[str | None, int], int] = {}
    for county, year in zip(waiting.column("county").to_pylist(), years, strict=True):
        wanted[county, year] = wanted.get((county, year), 0) + 1
    found = run.files.read_parquet(table_file(DUE)).to_pylist()
    assert {(row["county"], row["year"]): row["charges"] for row in found} == wanted
    assert len(found) > 1


def test_a_store_of_other_charges_is_refused(own: Path, many_courts: Path) -> None:
    run = opened(own)
    shutil.rmtree(own / "store")
    other = many_courts / "charges.csv"
    lines = other.read_text("utf-8").splitlines(keepends=True)
    (own / "fewer.csv").write_text("".join(lines[: len(lines) // 2]), "utf-8")
    clearscale.ingest_charges(own / "fewer.csv", own / "store", many_courts / "map.toml")
    with pytest.raises((RunError, StoreError)):
        list(ChargeRun(run.folder, run.info).decisions())
