"""Fabricated extracts: their form, their promises about people, and their proportions, read with the csv module."""

import csv
import io
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import fsspec
import pytest

from clearscale.law import state
from clearscale.synth import FabricatedExtract, fabricate

COLUMNS, COLUMN = state().format.columns, state().format.places
PROP64 = re.compile("1135[789]|11360")
BLANK = {"PDR_SEG_SEP", "CYC_SEG_SEP", "STP_SEG_SEP", "CNT_SEG_SEP", "SENT_SEG_SEP"}


def code_section(row: list[str]) -> str:
    text = row[COLUMN["OFFENSE_DESCR"]]
    if text.strip() in ("", "SEE COMMENT FOR CHARGE"):
        text = row[COLUMN["COMMENT_TEXT"]]
    return text.partition("-")[0]


def is_felony(row: list[str]) -> bool:
    status = row[COLUMN["CONV_STAT_DESCR"]]
    return status == "FELONY" or (status == "" and row[COLUMN["OFFENSE_TOC"]] == "F")


@dataclass
class Extract:
    """An extract as a plain reader sees it."""

    made: FabricatedExtract
    content: bytes
    rows: list[list[str]] = field(default_factory=list)
    people: dict[str, list[list[str]]] = field(default_factory=dict)
    convictions: dict[str, list[list[str]]] = field(default_factory=dict)  # Prop 64, in the county, by CII_NUMBER

    def __post_init__(self) -> None:
        lines = csv.reader(io.StringIO(self.content.decode("latin-1"), newline=""), strict=True)
        assert tuple(next(lines)) == COLUMNS
        self.rows = list(lines)
        people, convictions = defaultdict(list), defaultdict(list)
        seen = set()
        for row in self.rows:
            person = row[COLUMN["CII_NUMBER"]]
            people[person].append(row)
            count = (person, row[COLUMN["CNT_ORDER"]])
            if row[COLUMN["DISP_DESCR"]].startswith("CONVICTED") and count not in seen:
                seen.add(count)
                if row[COLUMN["STP_ORI_CNTY_NAME"]] == self.made.county and PROP64.search(code_section(row)):
                    convictions[person].append(row)
        self.people, self.convictions = dict(people), dict(convictions)

    def values(self, column: str) -> Counter[str]:
        return Counter(row[COLUMN[column]] for row in self.rows)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fabricated")


@pytest.fixture(scope="module")
def extracts(folder: Path) -> list[Extract]:
    made = fabricate(str(folder), counties=5, people=900, seed=11)
    return [Extract(extract, Path(extract.path).read_bytes()) for extract in made]


def test_files_are_named_after_the_most_populous_counties(extracts: list[Extract], folder: Path) -> None:
    names = ["los-angeles.csv", "san-diego.csv", "orange.csv", "riverside.csv", "san-bernardino.csv"]
    assert [extract.made.path for extract in extracts] == [f"{folder}/{name}" for name in names]
    assert [extract.made.county for extract in extracts][:2] == ["LOS ANGELES", "SAN DIEGO"]


def test_what_is_returned_is_what_was_written(extracts: list[Extract]) -> None:
    for extract in extracts:
        assert extract.made.rows == len(extract.rows)
        assert extract.made.people == len(extract.people)


def test_every_record_has_95_fields_an_id_and_a_count_order(extracts: list[Extract]) -> None:
    for extract in extracts:
        for row in extract.rows:
            assert len(row) == 95
            assert row[COLUMN["SUBJECT_ID"]].isdigit()
            assert re.fullmatch(r"\d{9}000", row[COLUMN["CNT_ORDER"]])
            assert re.fullmatch(r"\d{10}", row[COLUMN["CII_NUMBER"]])


@pytest.mark.long
def test_fields_are_quoted_only_where_needed(extracts: list[Extract]) -> None:
    @cache
    def written(value: str) -> str:
        needed = any(mark in value for mark in ',"\r\n') or value[:1].isspace()
        return '"' + value.replace('"', '""') + '"' if needed else value

    for extract in extracts:
        lines = [",".join(map(written, row)) for row in [list(COLUMNS), *extract.rows]]
        assert "\n".join([*lines, ""]).encode("latin-1") == extract.content


def test_no_column_is_constant_but_the_separators(extracts: list[Extract]) -> None:
    columns = zip(*extracts[0].rows, strict=True)
    constant = {column for column, values in zip(COLUMNS, columns, strict=True) if len(set(values)) < 2}
    assert constant == BLANK


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    def written(seed: int) -> list[bytes]:
        made = fabricate(str(tmp_path), counties=5, people=90, seed=seed)
        return [Path(extract.path).read_bytes() for extract in made]

    first = written(11)
    assert written(11) == first
    assert written(12)[0] != first[0]


def test_a_subject_is_a_person_within_an_extract_only(extracts: list[Extract]) -> None:
    persons = defaultdict(set)
    for extract in extracts:
        pairs = {(row[COLUMN["SUBJECT_ID"]], row[COLUMN["CII_NUMBER"]]) for row in extract.rows}
        assert len(pairs) == len(extract.people) == len({subject for subject, _ in pairs})
        for subject, person in pairs:
            persons[subject].add(person)
    assert any(len(people) > 1 for people in persons.values())


def test_everyone_has_a_prop64_conviction_in_the_extracts_county(extracts: list[Extract]) -> None:
    for extract in extracts:
        assert set(extract.convictions) == set(extract.people)


def test_people_of_several_counties_have_the_same_history_in_each(extracts: list[Extract]) -> None:
    subject = COLUMN["SUBJECT_ID"]
    copies = defaultdict(list)
    for extract in extracts:
        for person, rows in extract.people.items():
            copies[person].append(rows)
    assert len(copies) == 900
    several = [histories for histories in copies.values() if len(histories) > 1]
    assert len(several) / len(copies) == pytest.approx(1 / 8, abs=0.03)
    assert any(len(histories) == 3 for histories in several)
    for histories in several:
        assert len({rows[0][subject] for rows in histories}) == len(histories)
        without_subject = [[row[:subject] + row[subject + 1 :] for row in rows] for rows in histories]
        assert all(rows == without_subject[0] for rows in without_subject)


def test_nobody_is_missing_from_an_extract(extracts: list[Extract]) -> None:
    present = {extract.made.county: extract.people for extract in extracts}
    for extract in extracts:
        for row in extract.rows:
            county = row[COLUMN["STP_ORI_CNTY_NAME"]]
            convicted = row[COLUMN["DISP_DESCR"]].startswith("CONVICTED") and PROP64.search(code_section(row))
            if convicted:
                assert row[COLUMN["CII_NUMBER"]] in present[county]


def test_the_truth_beside_the_extracts_is_theirs(extracts: list[Extract], folder: Path) -> None:
    counted = []
    for extract in extracts:
        races = {person: rows[0][COLUMN["RACE_DESCR"]] for person, rows in extract.people.items()}
        for race in set(races.values()):
            own = [extract.convictions[person] for person in races if races[person] == race]
            charges = [row for rows in own for row in rows]
            counted.append((extract.made.county, race, len(own), len(charges), sum(map(is_felony, charges))))
    written = []
    for county in json.loads((folder / "truth.json").read_text())["counties"]:
        for race in {group["race"] for group in county["groups"]}:
            groups = [group for group in county["groups"] if group["race"] == race]
            felonies = sum(sum(group["felonies"].values()) for group in groups)
            people, convictions = (sum(group[key] for group in groups) for key in ("people", "convictions"))
            written.append((county["county"], race, people, convictions, felonies))
    assert sorted(written) == sorted(counted)


def test_histories_look_like_real_ones(extracts: list[Extract]) -> None:
    rows = [row for extract in extracts for row in extract.rows]
    sizes = [len(history) for extract in extracts for history in extract.people.values()]
    assert sum(sizes) / len(sizes) == pytest.approx(90, rel=0.1)
    assert max(sizes) > 3 * sum(sizes) / len(sizes)
    everything = Counter(row[COLUMN["STP_TYPE_DESCR"]] for row in rows)
    assert set(everything) == {
        "ARREST/DETAINED/CITED",
        "COURT ACTION",
        "REGISTRATION",
        "DECEASED",
        "APPLICANT",
        "PROBATION",
        "CUSTODY",
        "SUPPLEMENTAL ARR",
    }

    def share(column: str, pattern: str) -> float:
        return sum(bool(re.fullmatch(pattern, row[COLUMN[column]])) for row in rows) / len(rows)

    assert share("STP_EVENT_DATE", r"0{8}|\s*|\d{4}0000") == pytest.approx(0.01, abs=0.004)
    assert share("STP_EVENT_DATE", r"\d{4}0000") > 0
    assert share("OFFENSE_DESCR", "SEE COMMENT FOR CHARGE") == pytest.approx(0.03, abs=0.01)
    assert share("OFFENSE_DESCR", r"290.*") > 0
    assert share("OFFENSE_DESCR", r".*\s") > 0.05
    dispositions = {row[COLUMN["DISP_DESCR"]] for row in rows}
    assert {"CONV SET ASIDE & DISM PER 1203.4 PC", "REDUCED TO MISDEMEANOR"} <= dispositions
    assert len({row[COLUMN["OFFENSE_DESCR"]].rstrip() for row in rows}) > 150
    names = [rows[0][COLUMN["PRI_NAME"]] for extract in extracts for rows in extract.people.values()]
    assert all("," in name for name in names)
    assert any('"' in name for name in names)
    assert any(not name.isascii() for name in names)


@pytest.mark.parametrize("later", ["CONV SET ASIDE & DISM PER 1203.4 PC", "REDUCED TO MISDEMEANOR"])
def test_what_became_of_a_conviction_shares_its_count_order(extracts: list[Extract], later: str) -> None:
    for rows in extracts[0].people.values():
        convicted = {row[COLUMN["CNT_ORDER"]] for row in rows if row[COLUMN["DISP_DESCR"]].startswith("CONVICTED")}
        if convicted & {row[COLUMN["CNT_ORDER"]] for row in rows if row[COLUMN["DISP_DESCR"]] == later}:
            return
    pytest.fail(f"no conviction is followed by {later}")


def test_a_sentence_has_parts(extracts: list[Extract]) -> None:
    parts = Counter(
        (row[COLUMN["SUBJECT_ID"]], row[COLUMN["CNT_ORDER"]])
        for row in extracts[0].rows
        if row[COLUMN["DISP_DESCR"]].startswith("CONVICTED") and row[COLUMN["SENT_LOC_DESCR"]]
    )
    assert {1, 2, 3} <= set(parts.values())


def test_proportions_are_near_the_published_ones(extracts: list[Extract]) -> None:
    los_angeles = extracts[0]
    people = [rows[0] for rows in los_angeles.people.values()]
    races = Counter(row[COLUMN["RACE_DESCR"]] for row in people)
    for race, share in {"HISPANIC": 0.45, "BLACK": 0.32, "WHITE": 0.20}.items():
        assert races[race] / len(people) == pytest.approx(share, abs=0.06)
    assert sum(row[COLUMN["GENDER"]] == "M" for row in people) / len(people) == pytest.approx(0.85, abs=0.05)
    charges = [row for rows in los_angeles.convictions.values() for row in rows]
    assert len(charges) / len(people) == pytest.approx(66 / 53, abs=0.08)
    assert sum(map(is_felony, charges)) / len(charges) == pytest.approx(62 / 66, abs=0.04)
    years = [
        int(row[COLUMN["STP_EVENT_DATE"]][:4] or 0) for row in charges if row[COLUMN["STP_EVENT_DATE"]].strip()
    ]
    known = [year for year in years if year]
    assert min(known) >= 1961
    assert 0 < sum(year > 2016 for year in known) / len(known) < 0.1


def test_the_state_as_a_whole() -> None:
    made = fabricate("memory://whole-state", counties=58, people=800, seed=3)
    extracts = [Extract(extract, fsspec.filesystem("memory").cat(extract.path)) for extract in made]
    assert all(extract.people for extract in extracts)
    charges = [row for extract in extracts for rows in extract.convictions.values() for row in rows]
    assert len(charges) / 800 == pytest.approx(1.25, abs=0.06)
    assert sum(map(is_felony, charges)) / len(charges) == pytest.approx(0.85, abs=0.04)
    largest = made[0]
    assert largest.people == max(extract.people for extract in made)
    assert 0.2 < largest.people / sum(extract.people for extract in made) < 0.4


def test_progress_counts_people_up_to_the_total(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    made = fabricate(str(tmp_path), counties=2, people=60, seed=5, progress=lambda *call: calls.append(call))
    total = sum(extract.people for extract in made)
    assert calls[-1] == (total, total)
    assert calls == sorted(calls)


@pytest.mark.parametrize(
    ("counties", "people", "seed"), [(0, 10, 1), (59, 100, 1), (3, 2, 1), (1, 0, 1), (1, 10, -1)]
)
def test_impossible_requests_are_refused(tmp_path: Path, counties: int, people: int, seed: int) -> None:
    with pytest.raises(ValueError, match=r"counties|people|seed"):
        fabricate(str(tmp_path), counties=counties, people=people, seed=seed)
