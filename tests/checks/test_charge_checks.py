"""What a check finds in a store of charges, against plain counts of what each record says."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clearscale
from clearscale.checks.charge_vocabulary import CHARGE_FINDINGS, NOTICED, OF_COUNTIES
from clearscale.formats import ColumnMap, load_map
from clearscale.formats.reading import Reading
from tests.charges.plain import case_of, identity
from tests.commands.test_policy_commands import call
from tests.formats.made import ROW, rendered
from tests.store.test_charge_stores import take
from tests.support.examples import examples
from tests.support.samples import contents, put

Row = dict[str, Any]
BEGINS = ("offense_date", "arrest_date", "filing_date")
DAYS = (*BEGINS, "disposition_date", "sentence_date")
GENERIC = load_map("generic-charges")
STATE = "the state"


def rows_of(file: Path | str, stated: ColumnMap) -> list[Row]:
    return [row for piece in Reading([str(file)], stated) for row in piece.charges.to_pylist()]


def plain(rows: Sequence[Row], listed: Iterable[str] = ()) -> Counter[tuple[str, str]]:
    """Counts by place and finding. listed: courts that are on a list."""
    found: Counter[tuple[str, str]] = Counter()
    people: dict[str, list[Row]] = defaultdict(list)
    cases: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        people[identity(row)].append(row)
        cases[identity(row), *case_of(row)].append(row)

    def note(finding: str, places: Iterable[str | None]) -> None:
        found.update((place or "", finding) for place in {STATE, *places})

    for row in rows:
        of_day = [row[name] for name in BEGINS if row[name]]
        ended, kind = row["disposition_date"], row["disposition"]
        nothing = row["code"] is None
        says = {
            "charges": True,
            "no-county": row["county"] is None,
            "no-court": row["court"] is None,
            "unknown-court": row["court"] is not None and bool(listed) and row["court"] not in listed,
            "no-statute": row["statute"] is None,
            "unknown-statute": row["statute"] is not None and nothing and not row["inchoate"],
            "attempt-of-nothing": nothing and bool(row["inchoate"]),
            "no-level": row["level"] is None,
            "no-class": row["class"] is None,
            "no-disposition": kind == "none",
            "unknown-disposition": kind == "unknown",
            "no-disposition-date": ended is None and kind not in ("none", "unknown", "pending"),
            "no-date": not any(row[name] for name in DAYS),
            "doubtful-date": row["doubtful_date"],
            "ended-before-it-began": ended is not None and bool(of_day) and ended < max(of_day),
            "sentence-without-conviction": kind in ("dismissed", "acquitted") and row["sentence_date"] is not None,
        }
        for finding in [name for name, holds in says.items() if holds]:
            note(finding, [row["county"]])
    for case in cases.values():
        note("cases", [case[0]["county"]])
        met: dict[str, list[Row]] = defaultdict(list)
        for row in case:
            if row["case"] is not None and row["sequence"] is not None:
                met[row["sequence"]].append(row)
        for alike in met.values():
            alike.sort(key=lambda row: (row["file"], row["line"]))
            for before, row in pairwise(alike):
                note("repeated-charge", [row["county"]])
                if before["disposition"] != row["disposition"]:
                    note("repeated-otherwise", [row["county"]])
    for charges in people.values():
        counties = {row["county"] for row in charges}
        born = _latest(charges, "birth_date")
        days = [row[name] for row in charges for name in DAYS if row[name]]
        says = {
            "people": True,
            "unknown-people": charges[0]["person"] is None,
            "several-counties": len(counties - {None}) > 1,
            "no-birth-date": born is None,
            "charged-before-birth": born is not None and bool(days) and min(days) < born,
            "no-sex": _latest(charges, "sex") is None,
            "no-race": _latest(charges, "race") is None,
        }
        for finding in [name for name, holds in says.items() if holds]:
            note(finding, counties)
    return found


def _latest(charges: list[Row], name: str) -> Any:
    """What is said alike by all, or by nobody: rows here do not differ in it."""
    told = {row[name] for row in charges} - {None}
    assert len(told) <= 1
    return next(iter(told), None)


def counted(table: pa.Table) -> Counter[tuple[str, str]]:
    """Counts of charges and people, by place and finding."""
    found: Counter[tuple[str, str]] = Counter()
    for row in table.to_pylist():
        if row["scope"] != "file" and row["finding"] in OF_COUNTIES:
            found[STATE if row["scope"] == "state" else row["county"], row["finding"]] += row["count"]
    return +found


def test_everything_is_as_plain_counts_say(many_courts: Path) -> None:
    table = clearscale.check(many_courts / "store")
    rows = rows_of(many_courts / "charges.csv", load_map(str(many_courts / "map.toml")))
    listed = ("12th Judicial Circuit Court", "19th Judicial Circuit Court", "Circuit Court of Cook County")
    assert counted(table) == plain(rows, listed)
    details = {row["detail"] for row in table.to_pylist() if row["finding"] == "unknown-court"}
    assert all("unknown text" in detail for detail in details)
    shown = clearscale.check(many_courts / "store", show_values=True).to_pylist()
    assert "Night Court" in {row["detail"] for row in shown if row["finding"] == "unknown-court"}
    assert {"?!"} == {row["detail"] for row in shown if row["finding"] == "unknown-statute"}


DRAWN_DAY = st.sampled_from(["", "1990-05-01", "1990-06-01", "2031-01-01", "1850-01-01", "soon"])
CHARGE = st.fixed_dictionaries(
    {
        "person_id": st.sampled_from(["A", "B", "C", ""]),
        "case_number": st.sampled_from(["1", "2", ""]),
        "charge_number": st.sampled_from(["1", "2", ""]),
        "county": st.sampled_from(["Here", "There", ""]),
        "court": st.sampled_from(["Upper", ""]),
        "statute": st.sampled_from(["PL 221.05", "?!", "", "ATT-?!"]),
        "level": st.sampled_from(["F", "Q", ""]),
        "class": st.sampled_from(["A", "Q", ""]),
        "disposition": st.sampled_from(["GUILTY", "DISMISSED", "PENDING", "SO IT GOES", ""]),
        "offense_date": DRAWN_DAY,
        "arrest_date": DRAWN_DAY,
        "disposition_date": DRAWN_DAY,
        "sentence_date": st.sampled_from(["", "1990-06-02"]),
    }
)
OF_PEOPLE = {
    "A": {"birth_date": "1990-05-15", "sex": "F", "race": "W"},
    "B": {"birth_date": "1960-01-01", "sex": "M"},
}


@settings(derandomize=True, deadline=None, database=None, max_examples=examples(40))
@given(st.lists(CHARGE, min_size=1, max_size=14), st.integers(1, 3))
def test_charges_of_any_kind(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[dict[str, str]], buckets: int
) -> None:
    folder = tmp_path_factory.mktemp("odd")
    records = [{**charge, **OF_PEOPLE.get(charge["person_id"], {})} for charge in drawn]
    # No order of the lines is told from the file's name, so equal numbers of a case stand in the order of lines.
    file = put(folder, "charges.csv", rendered(records, GENERIC))
    everything = tuple(name for name in NOTICED)
    take(folder / "store", file, stated=GENERIC, accept=everything, buckets=buckets)
    table = clearscale.check(folder / "store", show_values=True)
    assert counted(table) == plain(rows_of(file, GENERIC))


def test_files_and_what_was_found_when_they_were_read(tmp_path: Path) -> None:
    odd = {**ROW, "chrgdisp": "So it goes", "case_number": "2"}
    first = put(tmp_path, "a.csv", rendered([ROW, odd]) + b"one,two\n")
    second = put(tmp_path, "b.csv", rendered([{**ROW, "dob": "10-Feb-60", "sequence_number": "2"}]))
    take(
        tmp_path / "store", first, second, quarantine=True, accept=("contradictory-births", "unusual-dispositions")
    )
    rows = clearscale.check(tmp_path / "store").to_pylist()
    of_files = {(row["extract"], row["finding"], row["detail"]): row["count"] for row in rows if row["extract"]}
    ids = {file.name: file.id for file in clearscale.open_charges(tmp_path / "store").manifest.read}
    assert of_files[ids["a.csv"], "records-read", ""] == 3
    assert of_files[ids["a.csv"], "records-quarantined", ""] == 1
    assert of_files[ids["a.csv"], "unusual-dispositions", "warn"] == 1
    assert {name for name, _, _ in of_files} == {*ids.values()}
    state = {(row["finding"], row["detail"]): row["count"] for row in rows if row["scope"] == "state"}
    assert state["records-read", ""] == 4 == state["records-stored", ""] + state["records-quarantined", ""]
    assert sum(count for (name, _), count in state.items() if name == "quarantine-reason") == 1
    assert state["contradictory-births", "accepted"] == 1
    assert {row["finding"] for row in rows} <= CHARGE_FINDINGS.keys()


@pytest.mark.long
def test_the_same_table_however_charges_are_dealt_out(many_courts: Path, tmp_path: Path) -> None:
    how = {"buckets": 5, "cluster": "threads:2"}
    clearscale.ingest_charges(many_courts / "charges.csv", tmp_path / "store", many_courts / "map.toml", **how)
    tables = [clearscale.check(store) for store in (many_courts / "store", tmp_path / "store")]
    assert tables[0].equals(tables[1])


def test_columns_that_files_lack_are_not_counted(tmp_path: Path) -> None:
    take(tmp_path / "store", put(tmp_path, "a.csv", rendered([ROW])))
    found = {row["finding"] for row in clearscale.check(tmp_path / "store").to_pylist()}
    assert not {"no-court", "no-race", "unknown-court", "sentence-without-conviction"} & found
    assert {"no-sex", "no-level", "no-disposition-date"} <= found


def test_counties_that_no_list_knows_are_named_where_they_have_many_charges(tmp_path: Path) -> None:
    rows = [
        {"case_number": str(n), "statute": "PL 221.05", "disposition": "GUILTY", "county": "Here"}
        for n in range(12)
    ]
    rows.append({**rows[0], "county": "Doe, Ann", "case_number": "99"})
    take(tmp_path / "store", put(tmp_path, "a.csv", rendered(rows, GENERIC)), stated=GENERIC)
    told = [
        {row["county"] for row in clearscale.check(tmp_path / "store", show_values=shown).to_pylist()}
        for shown in (False, True)
    ]
    assert told == [{"", "Here", "(other counties)"}, {"", "Here", "Doe, Ann"}]


def test_the_command(many_courts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    how = ("check", "--store", str(many_courts / "store"))
    code, out, _ = call(capsys, *how, "--out", str(tmp_path))
    assert code == 0
    for words in (
        "charges of a court that is on no list: 7 unknown texts",
        "By county",
        "unusual-courts",
        "(not known)",
    ):
        assert words in out
    assert "…" not in out
    assert max(map(len, out.splitlines())) <= 80
    assert {*contents(tmp_path)} == {"checks.csv", "checks.parquet"}
    code, out, _ = call(capsys, *how, "--json")
    assert code == 0
    assert json.loads(out) == clearscale.check(many_courts / "store").to_pylist()
    last = json.loads((many_courts / "store" / "log.jsonl").read_text("utf-8").splitlines()[-1])
    assert last["command"] == "check"
