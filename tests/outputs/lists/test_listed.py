"""Lists hold every decision once, with what the records say, in order: held against plain readings."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from clearscale.errors import RunError
from clearscale.outputs.lists import Wanted, columns_of, listed
from clearscale.outputs.lists import charges as of_charges
from clearscale.outputs.lists.flag_words import FLAG_WORDS
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun
from clearscale.store import open_store
from clearscale.store.charge_store import open_charges

ORDER = ("county", "court", "case", "person", "number", "charge", "date")


def rows(run: Run | ChargeRun, **wanted: Any) -> list[dict[str, Any]]:
    return [row for table in listed(run, Wanted(**wanted)) for row in table.to_pylist()]


def text(value: bytes) -> str:
    for encoding in ("utf-8", "cp1252", "latin-1"):
        try:
            return value.decode(encoding).strip()
        except UnicodeDecodeError:
            continue
    raise AssertionError


def said(run: Run) -> dict[tuple[str, int], dict[str, str]]:
    """What the records say of each decision that a county counts: plain loops over all records."""
    store = open_store(run.info["store"], run.info["snapshot"])
    found = {}
    for entry in store.manifest.extracts:
        records = [row for table in store.records(entry) for row in table.to_pylist()]
        arrests: dict[tuple[bytes, bytes], str] = {}
        for record in records:
            agency = text(record["STP_ORI_DESCR"])
            if record["STP_TYPE_DESCR"] == b"ARREST/DETAINED/CITED" and agency:
                arrests.setdefault((record["SUBJECT_ID"], record["CNT_ORDER"][:3]), agency)
        by_row = {record["row"]: record for record in records}
        for decision in run.decisions(entry.id).to_pylist():
            if decision["county_figure"]:
                record = by_row[decision["row"]]
                offense, order = text(record["OFFENSE_DESCR"]), text(record["CNT_ORDER"])
                found[entry.id, decision["row"]] = {
                    "county": decision["county"],
                    "court": text(record["STP_ORI_DESCR"]),
                    "person": text(record["PRI_NAME"]),
                    "record": text(record["RECORD_ID"]),
                    "sequence": re.sub(r"^\d{6}0*(\d*)\d{3}$|.*", r"\1", order) if len(order) == 12 else "",
                    "agency": arrests.get((record["SUBJECT_ID"], record["CNT_ORDER"][:3]), ""),
                    "description": text(record["COMMENT_TEXT"])
                    if offense in ("", "SEE COMMENT FOR CHARGE")
                    else offense,
                    "outcome": decision["determination"],
                    "reason": decision["reason"],
                    "flags": decision["flags"],
                }
    return found


def test_a_list_is_what_the_records_say(on_edges: Run, fabricated: Run) -> None:
    for run in (on_edges, fabricated):
        expected, found = said(run), rows(run)
        assert len(found) == len(expected) > 50
        for row in found:
            told = expected.pop((row["extract"], row["row"]))
            assert {name: row[name] for name in told} == told
        assert not expected
        assert {*found[0]} == {*columns_of(run)}
    assert sum(row["agency"] != "" for row in found) > len(found) / 2


def test_tables_are_whole_courts_in_order(fabricated: Run, over_charges: ChargeRun) -> None:
    for run in (fabricated, over_charges):
        courts = []
        for table in listed(run):
            of_table = {(row["county"], row["court"]) for row in table.to_pylist()}
            assert len(of_table) == 1
            courts += of_table
            keys = [tuple(str(row[name] or "") for name in ORDER[:-1]) for row in table.to_pylist()]
            assert keys == sorted(keys, key=lambda key: [part.encode() for part in key])
        assert courts == sorted(courts)
        assert len(set(courts)) == len(courts)


@pytest.mark.parametrize("at_once", [2**18, 1])
def test_charges_are_what_the_store_says(
    over_charges: ChargeRun, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_charges, "AT_ONCE", at_once)
    store = open_charges(over_charges.info["store"])
    expected = {}
    for bucket in range(store.buckets):
        tables, numbers = store.tables(bucket), store.numbers(bucket).to_pylist()
        for row, called in enumerate(numbers):
            charges, words = tables.charges, tables.words
            expected[words.files[charges.file[row]], int(charges.line[row])] = (
                called["identity"].removeprefix("key:") if called["identity"].startswith("key:") else "",
                called["number"] or "",
                words.offenses[charges.offense[row]].description,
            )
    decided = {(row["file"], row["line"]): row for table in over_charges.decisions() for row in table.to_pylist()}
    found = rows(over_charges)
    assert len(found) == len(decided)
    for row in found:
        own = decided.pop((row["file"], row["line"]))
        assert (row["number"], row["case"], row["description"]) == expected[row["file"], row["line"]]
        assert (row["outcome"], row["reason"], row["missing"]) == (
            own["outcome"],
            own["reason"],
            own["missing"] or "",
        )
        assert row["eligible_from"] == own["first_eligible"]
        assert row["charge"] == f"{own['code'] or ''} {own['section'] or ''}{own['subsection'] or ''}".strip()
    assert not decided


def test_what_is_wanted_is_what_a_filter_leaves(fabricated: Run, over_charges: ChargeRun) -> None:
    everything = rows(fabricated)
    some = next(row for row in everything if row["case"] and row["agency"] and row["flags"])
    county, flag = some["county"], some["flags"].split(";")[0]
    checks: list[tuple[dict[str, Any], Callable[[dict[str, Any]], bool]]] = [
        ({"counties": (county.lower(),)}, lambda row: row["county"] == county),
        ({"outcomes": ("none",)}, lambda row: row["outcome"] == ""),
        ({"outcomes": ("dismiss", "none")}, lambda row: row["outcome"] in ("", "Eligible for Dismissal")),
        ({"flags": (flag,)}, lambda row: flag in row["flags"].split(";")),
        ({"flags": ("Any",)}, lambda row: bool({*row["flags"].split(";")} & {*FLAG_WORDS})),
        ({"courts": (some["court"].lower(),)}, lambda row: row["court"] == some["court"]),
        ({"record": some["record"]}, lambda row: row["record"] == some["record"]),
        ({"agencies": (some["agency"].lower(),)}, lambda row: row["agency"] == some["agency"]),
        (
            {"case": some["case"]},
            lambda row: some["case"] in row["case"].split("; ") or row["case"] == some["case"],
        ),
    ]
    for wanted, fits in checks:
        assert rows(fabricated, **wanted) == [row for row in everything if fits(row)] != [], wanted
    charges = rows(over_charges)
    case = charges[0]["case"]
    assert rows(over_charges, case=f" {case.lower()} ") == [row for row in charges if row["case"] == case]
    assert rows(over_charges, flags=("any",)) == [row for row in charges if row["flags"]]
    assert rows(over_charges, outcomes=("Expunge",)) == [row for row in charges if row["outcome"] == "expunge"]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"counties": ("ALAMEDO",)}, "the run has no county 'ALAMEDO'; did you mean 'ALAMEDA'"),
        ({"courts": ("NO COURT",)}, "no record of the decisions names the court 'NO COURT'"),
        ({"agencies": ("NOBODY AT ALL",)}, "names the agency 'NOBODY AT ALL'"),
        ({"outcomes": ("dismis",)}, "no outcome 'dismis'; did you mean 'dismiss'"),
        ({"flags": ("set-asid",)}, "no flag 'set-asid'; did you mean 'set-aside'"),
        ({"case": "SECRET-NUMBER"}, "no decision that is asked for is of a case with that number"),
        ({"record": "SECRET-NUMBER"}, "no decision that is asked for is of a record with that RECORD_ID"),
    ],
)
def test_what_the_run_has_not_is_told_without_anybodys_number(
    on_edges: Run, wanted: dict[str, Any], message: str
) -> None:
    with pytest.raises(RunError, match=message) as error:
        rows(on_edges, **wanted)
    assert "SECRET" not in str(error.value)


def changed(run: Any, name: str, tables: dict[str, pa.Table], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a run's table be another one, whatever the seals say."""
    table = type(run).table
    monkeypatch.setattr(
        type(run), "table", lambda self, asked: tables[name] if asked == name else table(self, asked)
    )


def with_one_more(table: pa.Table, column: str, rows: Sequence[int]) -> pa.Table:
    counts = table.column(column).to_pylist()
    for row in rows:
        counts[row] += 1
    return table.set_column(table.column_names.index(column), column, pa.array(counts, pa.int64()))


def test_counts_that_are_not_those_of_the_tables_are_an_error(
    on_edges: Run, over_charges: ChargeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = on_edges.table("convictions")
    row = next(row for row, count in enumerate(table.column("convictions").to_pylist()) if count)
    changed(on_edges, "convictions", {"convictions": with_one_more(table, "convictions", [row])}, monkeypatch)
    with pytest.raises(RunError, match="by county and outcome are not those of its tables"):
        rows(on_edges)
    charges = over_charges.table("charges")
    row = charges.column("scope").to_pylist().index("county")
    changed(over_charges, "charges", {"charges": with_one_more(charges, "charges", [row])}, monkeypatch)
    with pytest.raises(RunError, match="by county and outcome are not those of its tables"):
        rows(over_charges)


def test_outcomes_of_a_list_are_those_of_the_tables(on_edges: Run, over_charges: ChargeRun) -> None:
    found = Counter((row["county"], row["outcome"]) for row in rows(on_edges))
    tables: Counter[tuple[str, str]] = Counter()
    for row in on_edges.table("convictions").to_pylist():
        tables[row["county"], row["determination"]] += row["convictions"]
    assert found == +tables
    assert len(rows(over_charges)) == over_charges.summary["candidates"]


def test_a_store_that_is_gone_is_told(on_edges: Run, tmp_path: Path) -> None:
    elsewhere = Run(on_edges.folder, {**on_edges.info, "store": str(tmp_path / "no-store")})
    with pytest.raises(Exception, match="no-store"):
        rows(elsewhere)
