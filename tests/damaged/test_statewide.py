"""A state's own extract gives each county what it would have from an extract of its own."""

import csv
import io
import itertools
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.errors import ClearscaleError, ExtractError
from clearscale.law import state
from clearscale.synth import fabricate
from tests.support.damaged import CASES, POLICY, Row, as_csv, rows_of, taken
from tests.support.samples import AS_OF, contents, put

CASE = CASES / "one-file-many-counties" / "statewide.csv"
FILES = ("All_Results.csv", "All_Results_Condensed.csv", "Prop64_Results.csv")


def answers(store: Path, folder: Path, *, exports: bool = True) -> dict[str, Any]:
    """Every county's figures and files, the state's figures, and all decisions without where they stand."""
    run = clearscale.run(store, POLICY, AS_OF, folder / "run")
    files = {}
    for county in run.counties if exports else ():
        clearscale.export(run, county, folder / county)
        files |= {(county, name): (folder / county / name).read_bytes() for name in FILES}
    decided = Counter(
        tuple(value for name, value in decision.items() if name not in ("extract", "row", "flags", "state_figure"))
        for decision in run.decisions().to_pylist()
    )
    tables = {name: sorted(map(str, run.table(name).to_pylist())) for name in ("convictions", "people")}
    state_figures = {name: value for name, value in run.summary.items() if name not in ("processingTimeInSeconds",)}
    return {
        "counties": run.counties,
        "state": state_figures,
        "files": files,
        "decisions": decided,
        "tables": tables,
    }


def counties_of(rows: Sequence[Row]) -> dict[str, set[str]]:
    """The subjects of each county, by a plain look at the records."""
    found: dict[str, set[str]] = {}
    for row in rows:
        charge = row["COMMENT_TEXT"] if "COMMENT" in row["OFFENSE_DESCR"] else row["OFFENSE_DESCR"]
        named = any(section in charge for section in state().charges.sections)
        if named and row["DISP_DESCR"].startswith("CONVICTED"):
            found.setdefault(row["STP_ORI_CNTY_NAME"], set()).add(row["SUBJECT_ID"])
    return {county: subjects for county, subjects in found.items() if county in state().counties.names}


def own_extracts(rows: Sequence[Row], folder: Path) -> list[str]:
    """Each county's own extract of the same state."""
    return [
        put(folder, f"{county}.csv", as_csv([row for row in rows if row["SUBJECT_ID"] in subjects]))
        for county, subjects in counties_of(rows).items()
    ]


@pytest.fixture(scope="module")
def by_county(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A fabricated state's extracts, with people who are in several."""
    made = fabricate(str(tmp_path_factory.mktemp("synth")), counties=4, people=60, seed=3)
    return [extract.path for extract in made]


@pytest.fixture(scope="module")
def state_rows(by_county: Sequence[str]) -> list[Row]:
    """The records of the state, each person's once. Subjects are numbered through."""
    seen: set[str] = set()
    rows = []
    for path in by_county:
        own = rows_of(Path(path))
        people = {row["CII_NUMBER"] for row in own} - seen
        rows += [row | {"SUBJECT_ID": row["CII_NUMBER"]} for row in own if row["CII_NUMBER"] in people]
        seen |= people
    return rows


@pytest.fixture(scope="module")
def as_counties(state_rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the state gives as an extract for each county."""
    folder = tmp_path_factory.mktemp("counties")
    paths = own_extracts(state_rows, folder / "in")
    assert len(paths) >= 4
    clearscale.ingest(paths, folder / "store", county={Path(path).name: Path(path).stem for path in paths})
    found = answers(folder / "store", folder)
    assert sum(len(subjects) for subjects in counties_of(state_rows).values()) > len(
        {row["SUBJECT_ID"] for row in state_rows}
    )
    return found


def test_one_file_is_every_countys_extract(tmp_path: Path) -> None:
    outcome = taken(CASE, tmp_path / "store", statewide=True)
    assert (outcome.refused, outcome.findings) == (None, {})
    run = clearscale.run(tmp_path / "store", POLICY, AS_OF, tmp_path / "run")
    found = {
        county: summary["subjectsWithProp64ConvictionCountInCounty"] for county, summary in run.counties.items()
    }
    assert found == {"LOS ANGELES": 5, "ORANGE": 3, "ALPINE": 1}
    names = [entry.name for entry in clearscale.open_store(tmp_path / "store").manifest.extracts]
    assert names == ["statewide-alpine.csv", "statewide-los-angeles.csv", "statewide-orange.csv"]


@pytest.mark.parametrize("files", [1, 3])
def test_each_county_has_what_its_own_extract_gives(
    files: int, state_rows: list[Row], as_counties: dict[str, Any], tmp_path: Path
) -> None:
    """One file, or several split by size, through the records of people."""
    cuts = [len(state_rows) * part // files for part in range(files + 1)]
    paths = [
        put(tmp_path, f"in/{place}.csv", as_csv(state_rows[low:high]))
        for place, (low, high) in enumerate(itertools.pairwise(cuts))
    ]
    report = clearscale.ingest(paths, tmp_path / "store", statewide=True)
    assert not clearscale.open_store(tmp_path / "store").manifest.aside
    assert report.quarantined == 0
    assert answers(tmp_path / "store", tmp_path) == as_counties


def test_a_fabricated_states_truth(by_county: Sequence[str], state_rows: list[Row], tmp_path: Path) -> None:
    """The fabricated extracts, whose figures are those of the truth table, against one file of the state."""
    clearscale.ingest(by_county, tmp_path / "counties")
    clearscale.ingest(put(tmp_path, "state.csv", as_csv(state_rows)), tmp_path / "state", statewide=True)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    expected = answers(tmp_path / "counties", tmp_path / "a", exports=False)
    found = answers(tmp_path / "state", tmp_path / "b", exports=False)
    for county, summary in expected["counties"].items():
        assert found["counties"][county] == summary, county
    for name in ("prop64FelonyConvictionsCountInCounty", "subjectsWithSomeReliefCount"):
        assert found["state"][name] == expected["state"][name]


def test_the_same_again_changes_nothing_and_a_dry_run_leaves_nothing(tmp_path: Path) -> None:
    told = clearscale.ingest(CASE, tmp_path / "store", statewide=True, dry_run=True)
    assert not (tmp_path / "store").exists()
    done = clearscale.ingest(CASE, tmp_path / "store", statewide=True)
    assert (told.counties, told.records, told.findings) == (done.counties, done.records, done.findings)
    before = contents(tmp_path / "store")
    again = clearscale.ingest(CASE, tmp_path / "store", statewide=True)
    assert (again.added, len(again.unchanged)) == ((), 3)
    assert contents(tmp_path / "store") == before


def test_who_is_in_no_county_is_quarantined_and_said(tmp_path: Path) -> None:
    rows = [
        row | {"SUBJECT_ID": f"{row['SUBJECT_ID']}-{copy}", "CII_NUMBER": ""}
        for copy in range(4)
        for row in rows_of(CASE)
    ]
    rows[7] |= {"STP_ORI_CNTY_NAME": "ALPIN"}
    rows.insert(3, rows[7] | {"CNT_ORDER": "101001002000"})
    path = Path(put(tmp_path, "state.csv", as_csv(rows)))
    outcome = taken(path, tmp_path / "store", statewide=True)
    assert outcome.refused is None
    assert outcome.findings["subjects-of-no-county"] == 1
    store = clearscale.open_store(tmp_path / "store")
    [part] = store.manifest.aside
    assert (part.records, part.stored, part.quarantined) == (37, 35, 2)
    assert sum(entry.stored for entry in store.manifest.extracts) == 35
    found = store.aside().to_pylist()
    lines = path.read_bytes().splitlines(keepends=True)
    assert [(row["file"], row["line"], row["content"]) for row in found] == [
        ("state.csv", line, lines[line - 1]) for line in (5, 10)
    ]
    table = clearscale.check(tmp_path / "store").to_pylist()
    assert [
        row["count"] for row in table if row["finding"] == "records-quarantined" and row["scope"] == "state"
    ] == [2]
    # It stays counted when a county's own extract comes, and goes with the next statewide one.
    own = put(tmp_path, "alpine.csv", as_csv([row for row in rows if row["STP_ORI_CNTY_NAME"] == "ALPINE"] * 2))
    clearscale.ingest(own, tmp_path / "store")
    store = clearscale.open_store(tmp_path / "store")
    assert store.aside().num_rows == 2
    good = put(tmp_path, "good.csv", as_csv([row for row in rows if row["STP_ORI_CNTY_NAME"] != "ALPIN"]))
    clearscale.ingest(good, tmp_path / "store", statewide=True)
    assert clearscale.open_store(tmp_path / "store").aside().num_rows == 0


def test_many_without_a_county_refuse(tmp_path: Path) -> None:
    rows = [row | {"STP_ORI_CNTY_NAME": row["STP_ORI_CNTY_NAME"].title()} for row in rows_of(CASE)]
    outcome = taken(Path(put(tmp_path, "a.csv", as_csv(rows))), tmp_path / "store", statewide=True)
    assert outcome.refused is not None
    assert "subjects-of-no-county: 9 of 9 subjects" in outcome.refused
    assert not (tmp_path / "store" / "manifest.json").exists()


def test_bad_records_name_the_states_file(tmp_path: Path) -> None:
    bad = Path(put(tmp_path, "state.csv", CASE.read_bytes() + b"1,2\n"))
    with pytest.raises(ExtractError, match=r"state.csv, line 11: 2 fields"):
        clearscale.ingest(bad, tmp_path / "store", statewide=True)
    clearscale.ingest(bad, tmp_path / "store", statewide=True, on_bad_record="quarantine")
    store = clearscale.open_store(tmp_path / "store")
    [found] = store.aside().to_pylist()
    assert (found["file"], found["line"], found["content"]) == ("state.csv", 11, b"1,2\n")


def test_one_county_and_added_files_are_no_state(tmp_path: Path) -> None:
    for options in ({"county": "ALPINE"}, {"add": True}):
        with pytest.raises(ClearscaleError, match="leave out county and add"):
            clearscale.ingest(CASE, tmp_path / "store", statewide=True, **options)


def test_a_person_is_in_every_county_of_theirs_with_the_whole_record(tmp_path: Path) -> None:
    rows = rows_of(CASE)
    rows.append(rows[0] | {"STP_ORI_CNTY_NAME": "ALPINE", "CNT_ORDER": "102001001000"})
    clearscale.ingest(put(tmp_path, "a.csv", as_csv(rows)), tmp_path / "store", statewide=True)
    store = clearscale.open_store(tmp_path / "store")
    assert [(entry.county, entry.stored) for entry in store.manifest.extracts] == [
        ("ALPINE", 3),
        ("LOS ANGELES", 6),
        ("ORANGE", 3),
    ]
    run = clearscale.run(tmp_path / "store", POLICY, AS_OF, tmp_path / "run")
    assert run.summary["subjects"] == 9
    clearscale.export(run, "ALPINE", tmp_path / "out")
    written = list(csv.DictReader(io.StringIO((tmp_path / "out" / "All_Results.csv").read_text("latin-1"))))
    assert len(written) == 3
