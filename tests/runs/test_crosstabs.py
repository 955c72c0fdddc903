"""Count tables: groups of people, rows as numbers, adding up, and CSV files that do no harm."""

import csv
import datetime
from collections import Counter
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clearscale
from clearscale.commands.main import main
from clearscale.dates import as_of_day
from clearscale.errors import RunError
from clearscale.io.files import Folder
from clearscale.io.spreadsheet import write_csv
from clearscale.policy.caseload import Caseload
from clearscale.runs.crosstabs import (
    CONVICTION_COUNTS,
    CONVICTION_KEYS,
    PEOPLE_COUNTS,
    PEOPLE_KEYS,
    Axes,
    CellCounts,
    Coded,
    add_counts,
)
from clearscale.runs.demography import AGE_BANDS, RACES, age_bands, race_group
from clearscale_kernels import flag
from tests.support.policy_texts import HEAD, rule
from tests.support.samples import AS_OF, conviction, decide, extract, ingest, put, rendered

EPOCH = datetime.date(1970, 1, 1)
NO_DATE = -719162

stable = settings(derandomize=True, deadline=None, database=None, max_examples=150)

GROUPS = {
    "BLACK": ["BLACK"],
    "HISPANIC": ["HISPANIC"],
    "WHITE": ["WHITE"],
    "ASIAN OR PACIFIC ISLANDER": [
        *("ASIAN INDIAN", "CAMBODIAN", "CHINESE", "FILIPINO", "GUAMANIAN", "HAWAIIAN", "JAPANESE", "KOREAN"),
        *("LAOTIAN", "OTHER ASIAN", "PACIFIC ISLANDER", "SAMOAN", "VIETNAMESE", "ASIAN OR PACIFIC ISLANDER"),
    ],
    "AMERICAN INDIAN": ["AMERICAN INDIAN"],
    "OTHER": ["OTHER"],
    "UNKNOWN": ["UNKNOWN", "", " ", "white", "WHITE ", "ASIAN", "MARTIAN", "W", "0"],
}


def test_races_are_grouped() -> None:
    assert tuple(GROUPS) == RACES
    for group, descriptions in GROUPS.items():
        assert {race_group(text) for text in descriptions} == {group}


def bands(births: list[str], as_of: str) -> list[str]:
    """Age band of people with these birth dates; an empty one is missing."""
    days = [(datetime.date.fromisoformat(birth) - EPOCH).days if birth else NO_DATE for birth in births]
    subjects = {
        "birth_date": np.array(days, np.int32),
        "flags": np.array([0 if birth else flag.NO_BIRTH_DATE for birth in births], np.int16),
    }
    caseload = Caseload({}, subjects, np.zeros(0, np.int16), np.zeros(0, np.int8), 1)
    return [AGE_BANDS[place] for place in age_bands(caseload, as_of_day(as_of))]


def test_age_bands_begin_on_birthdays() -> None:
    starts = {21: "21-29", 30: "30-39", 40: "40-49", 50: "50-64", 65: "65 and over"}
    before = dict(zip(starts, ["under 21", *starts.values()], strict=False))
    for age, band in starts.items():
        birthdays = [f"{2020 - age}-07-01", f"{2020 - age}-07-02", f"{2020 - age}-06-30"]
        assert bands(birthdays, "2020-07-01") == [band, before[age], band]
        assert bands([f"{2020 - age}-02-28"], "2020-02-28") == [band]
    assert set(starts.values()) | {"under 21", "unknown"} == set(AGE_BANDS)
    # Born on 29 February: 21 on 1 March.
    assert bands(["2000-02-29"], "2021-02-28") == ["under 21"]
    assert bands(["2000-02-29"], "2021-03-01") == ["21-29"]


def test_no_birth_date_is_unknown_and_an_odd_one_is_not() -> None:
    assert bands(["", "2030-01-01", "2020-07-01", "0001-01-01", "1800-05-05"], "2020-07-01") == [
        "unknown",
        "under 21",
        "under 21",
        "65 and over",
        "65 and over",
    ]


@stable
@given(st.lists(st.integers(0, 7), min_size=1, max_size=8), st.data(), st.integers(0, 12))
def test_rows_are_numbers_and_back(lengths: list[int], data: st.DataObject, rows: int) -> None:
    axes = Axes(**{f"axis{place}": range(length) for place, length in enumerate(lengths)})
    places = {
        f"axis{place}": np.array(
            data.draw(st.lists(st.integers(0, max(length - 1, 0)), min_size=rows, max_size=rows)), np.int16
        )
        for place, length in enumerate(lengths)
    }
    keys = axes.part(**places)
    found = axes.places(keys)
    assert {name: array.tolist() for name, array in found.items()} == {
        name: array.tolist() for name, array in places.items()
    }
    # Parts on some axes and on the others add up to the same; an order of keys is that of places, slowest first.
    names = list(places)
    cut = data.draw(st.integers(0, len(names)))
    parts = [axes.part(**{name: places[name] for name in some}) for some in (names[:cut], names[cut:]) if some]
    assert np.sum(parts, axis=0).tolist() == keys.tolist()
    tuples = list(zip(*(places[name].tolist() for name in names), strict=True))
    assert [tuples[row] for row in np.argsort(keys, kind="stable")] == sorted(tuples)


def test_more_rows_than_a_number_names_are_refused() -> None:
    Axes(a=range(2**28), b=range(2**28 - 1))
    with pytest.raises(RunError, match="too many different code sections"):
        Axes(a=range(2**28), b=range(2**28))


def test_texts_have_places_in_order_and_equal_ones_the_same() -> None:
    coded = Coded.of(["YOLO", "", "NAPA", "YOLO"])
    assert coded.texts == ("", "NAPA", "YOLO")
    assert coded.at(np.array([0, 1, 2, 3, -1])).tolist() == [2, 0, 1, 2, 2]
    assert Coded.of(["b", "a"], ("b", "a", "c")).places.tolist() == [0, 1]
    assert Coded.of([]).at(np.array([-1, -1])).tolist() == [0, 0]


ROWS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9), st.integers(0, 9)), max_size=14)


def counts_of(rows: list[tuple[int, ...]]) -> CellCounts:
    total: Counter[int] = Counter()
    found: dict[int, list[int]] = {}
    for key, *counts in rows:
        total[key] += 1
        found[key] = [before + count for before, count in zip(found.get(key, [0, 0]), counts, strict=True)]
    keys = sorted(total)
    return CellCounts(np.array(keys, np.int64), np.array([found[key] for key in keys], np.int64).reshape(-1, 2))


@stable
@given(ROWS, st.lists(st.integers(0, 14), max_size=4), st.randoms(use_true_random=False))
def test_counts_add_up_to_the_same_whatever_the_parts(
    rows: list[tuple[int, ...]], cuts: list[int], rng: Any
) -> None:
    whole = counts_of(rows)
    shuffled = rng.sample(rows, len(rows))
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    parts = [counts_of(shuffled[first:last]) for first, last in pairwise(edges)]
    chain = list(accumulate(parts, lambda one, other: one + other))[-1]
    for found in (add_counts(parts), add_counts(parts[::-1]), chain):
        assert found.keys.tolist() == whole.keys.tolist()
        assert found.counts.tolist() == whole.counts.tolist()


def unknown_people() -> bytes:
    """People of whom race, sex, birth date or the date of the conviction is unknown."""
    rows = [
        conviction("1", "YOLO", RACE_DESCR="SAMOAN", GENDER="F"),
        conviction("2", "YOLO", RACE_DESCR="MARTIAN", GENDER=""),
        conviction("3", "YOLO", RACE_DESCR="", GENDER="U", PRI_DOB=""),
        conviction("4", "YOLO", RACE_DESCR="UNKNOWN", GENDER="UNKNOWN", STP_EVENT_DATE="00000000"),
        conviction("5", "YOLO", RACE_DESCR="OTHER", GENDER="M", STP_EVENT_DATE="00010101"),
        conviction("6", "=CMD()", RACE_DESCR="OTHER", GENDER="M"),
    ]
    return rendered(rows)


def test_what_is_unknown_is_counted_and_named(tmp_path: Path) -> None:
    ingest(put(tmp_path, "yolo.csv", unknown_people()), tmp_path / "store", county="YOLO")
    run = decide(tmp_path / "store", tmp_path / "run")
    convictions, people = run.table("convictions"), run.table("people")
    assert tuple(convictions.column_names) == CONVICTION_KEYS + CONVICTION_COUNTS
    assert tuple(people.column_names) == PEOPLE_KEYS + PEOPLE_COUNTS
    keys = ("county", "race", "sex", "age", "year", "convictions", "convictions_once")
    api = "ASIAN OR PACIFIC ISLANDER"
    assert Counter(tuple(row[key] for key in keys) for row in convictions.to_pylist()) == Counter(
        [
            ("(none of the state's)", "OTHER", "M", "50-64", 2015, 0, 1),
            ("YOLO", api, "F", "50-64", 2015, 1, 1),
            ("YOLO", "UNKNOWN", "UNKNOWN", "50-64", 2015, 1, 1),
            ("YOLO", "UNKNOWN", "U", "unknown", 2015, 1, 1),
            ("YOLO", "UNKNOWN", "UNKNOWN", "50-64", None, 1, 1),
            ("YOLO", "OTHER", "M", "50-64", 1, 1, 1),
        ]
    )
    of_people = [(row["scope"], row["county"], row["race"], row["sex"], row["age"]) for row in people.to_pylist()]
    assert ("county", "YOLO", "UNKNOWN", "U", "unknown") in of_people
    assert ("state", "", "UNKNOWN", "UNKNOWN", "50-64") in of_people
    assert {
        scope: sum(row["people"] for row in people.to_pylist() if row["scope"] == scope)
        for scope in ("county", "state")
    } == {
        "county": 6,
        "state": 6,
    }
    prop64 = {row["scope"]: 0 for row in people.to_pylist()}
    for row in people.to_pylist():
        prop64[row["scope"]] += row["with_prop64"]
    assert prop64 == {"county": 5, "state": 6}


def test_every_combination_is_one_row_in_order(tmp_path: Path) -> None:
    for county, seed in (("ALAMEDA", 1), ("YOLO", 2)):
        ingest(put(tmp_path, f"{county}.csv", extract(county, seed, 60)), tmp_path / "store", county=county)
    run = decide(tmp_path / "store", tmp_path / "run")
    for name, keys, counts in (
        ("convictions", CONVICTION_KEYS, CONVICTION_COUNTS),
        ("people", PEOPLE_KEYS, PEOPLE_COUNTS),
    ):
        table = run.table(name)
        rows = [tuple(row[key] for key in keys) for row in table.to_pylist()]
        assert len(set(rows)) == len(rows) > 20
        assert [row[0] for row in rows] == sorted(row[0] for row in rows)
        assert all(any(row[count] for count in counts) for row in table.to_pylist())
    with pytest.raises(RunError, match="'persons' is no table of a run; there are convictions, people, flags"):
        run.table("persons")


HARMFUL = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20SUM(A1)"]
HARMLESS = ["", "YOLO", "a=b", "'=1", '"quoted"', "with, comma", "two\nlines", " =1", "CA\\xd1ADA"]


def cells(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("coded", [False, True])
def test_cells_that_a_spreadsheet_would_run_are_made_harmless(coded: bool, tmp_path: Path) -> None:
    texts = pa.array(HARMFUL + HARMLESS)
    numbers = pa.array([-1, *range(len(texts) - 2), None], pa.int64())
    table = pa.table({"text": texts.dictionary_encode() if coded else texts, "number": numbers})
    write_csv(Folder(str(tmp_path)), "t.csv", table)
    header, *rows = cells(tmp_path / "t.csv")
    assert header == ["text", "number"]
    assert [row[0] for row in rows] == [f"'{text}" for text in HARMFUL] + HARMLESS
    # A number is no formula: -1 stays what it is.
    assert [row[1] for row in rows] == ["" if number is None else str(number) for number in numbers.to_pylist()]


def test_names_of_columns_are_made_harmless(tmp_path: Path) -> None:
    table = pa.table({"=CMD()": [-1.5], "-x": pa.array(["-1"], pa.large_string()), "plain": ["x"]})
    write_csv(Folder(str(tmp_path)), "t.csv", table)
    assert cells(tmp_path / "t.csv") == [["'=CMD()", "'-x", "plain"], ["-1.5", "'-1", "x"]]


def test_tables_of_a_run_as_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ingest(put(tmp_path, "yolo.csv", unknown_people()), tmp_path / "store", county="YOLO")
    policy = put(tmp_path, "policy.toml", (HEAD + rule(because="=CMD()")).encode())
    run = clearscale.run(tmp_path / "store", policy, AS_OF, tmp_path / "run")
    assert clearscale.tables(run, str(tmp_path / "one")) == ["convictions.csv", "people.csv", "flags.csv"]
    with pytest.raises(SystemExit) as left:
        main(["tables", "--run", str(tmp_path / "run"), "--out", str(tmp_path / "two")])
    assert left.value.code in (0, None)
    assert capsys.readouterr().out.split() == [
        f"{tmp_path}/two/{name}.csv" for name in ("convictions", "people", "flags")
    ]
    for name in ("convictions", "people"):
        header, *rows = cells(tmp_path / f"one/{name}.csv")
        table = run.table(name)
        assert header == table.column_names
        wanted = [["" if cell is None else str(cell) for cell in row.values()] for row in table.to_pylist()]
        assert [[cell.replace("'=CMD()", "=CMD()") for cell in row] for row in rows] == wanted
        assert (tmp_path / f"one/{name}.csv").read_bytes() == (tmp_path / f"two/{name}.csv").read_bytes()
    assert "'=CMD()" in (tmp_path / "one/convictions.csv").read_text()
    with pytest.raises(RunError, match="no finished run"):
        clearscale.tables(str(tmp_path / "none"), str(tmp_path / "three"))
    assert run.info["as_of"] == AS_OF
