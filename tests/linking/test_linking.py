"""People without a key: who is who, what is left to a person, and what nobody is told."""

import csv
import json
import logging
import random
import stat
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from clearscale.commands.main import main
from clearscale.errors import ClearscaleError, ExtractError
from clearscale.formats import ColumnMap
from clearscale.formats.reading import Reading
from clearscale.linking.linker import link_files
from clearscale.linking.model import model
from clearscale.linking.people import ABOUT, PAIRS, PEOPLE, WITH_DOUBTFUL, open_people
from clearscale.synth import fabricate_charges

from .made import NAMED, STATED, WHOLE, keys, linked, pairs, put, rows, shares, write_pairs

pytest.importorskip("splink")

FRED = {"first": "Fred", "middle": "", "last": "Jones", "birth_date": "1980-04-05"}


CASES: list[tuple[dict[str, str], str]] = [
    ({}, "same"),
    ({"first": "JOHN", "last": "{} "}, "same"),
    ({"middle": "Q"}, "same"),
    ({"first": "Jhon"}, "same"),
    ({"first": "Johnathan"}, "same"),
    ({"last": "{}-Jones"}, "same"),
    ({"birth_date": "{exchanged}"}, "same"),
    ({"birth_date": "{near}", "middle": ""}, "doubtful"),
    ({"last": "Brown"}, "doubtful"),
    ({"first": "James", "middle": "Lee"}, "other"),
    ({"first": "James", "middle": ""}, "doubtful"),
    ({"birth_date": "", "middle": "Lee"}, "other"),
    ({"birth_date": "1991-11-28", "middle": ""}, "other"),
]
"""How a second record of a John Quincy differs, and what that comes to."""

LASTS = (
    "Adams",
    "Becker",
    "Cole",
    "Dunn",
    "Evans",
    "Ford",
    "Grant",
    "Hobbs",
    "Irwin",
    "Keller",
    "Lopez",
    "Mason",
    "North",
)


def test_one_or_two(tmp_path: Path) -> None:
    people = []
    for day, (last, (other, _)) in enumerate(zip(LASTS, CASES, strict=True), start=10):
        year, filled = 1970 + day, {"exchanged": f"{1970 + day}-{day}-02", "near": f"{1970 + day}-02-{day + 1}"}
        one = {"last": last, "birth_date": f"{year}-02-{day}"}
        people += [one, one | {name: text.format(last, **filled) for name, text in other.items()}]
    linked(tmp_path, *people)
    sure, merged = (keys(tmp_path / "people", column) for column in ("person", WITH_DOUBTFUL))
    reviewed = {int(pair["left_line"]) for pair in pairs(tmp_path / "people")}
    assert sure[0] == "L00000001"
    for place, (other, together) in enumerate(CASES):
        one, two = 2 * place, 2 * place + 1
        assert (sure[one] == sure[two]) is (together == "same"), other
        assert (merged[one] == merged[two]) is (together != "other"), other
        assert ({one + 2, two + 2} & reviewed != set()) is (together == "doubtful"), other
    assert len({*merged}) == len(CASES) + sum(together == "other" for _, together in CASES)


def test_what_says_nothing_of_twins_does_not_put_them_together(tmp_path: Path) -> None:
    """An initial, or no first name, beside last name and birth date: either twin may be meant."""
    twins = ({"middle": ""}, {"first": "James", "middle": ""})
    found, _ = linked(tmp_path, *twins, {"first": "J", "middle": ""}, {"first": "", "middle": ""}, FRED)
    assert (found.people, found.people_with_doubtful) == (5, 2)


def test_what_else_puts_records_together(tmp_path: Path) -> None:
    """One case, where names alone say little; and a number in common, which outweighs a name."""
    bare = {"last": "Reed", "birth_date": "", "middle": "", "sex": ""}
    number, eve = {"license": "D-123 4567"}, {"license": "X7", "first": "Eve"}
    people = (bare, bare | {"case_number": "C0", "charge_number": "2"}, bare)
    _, found = linked(tmp_path, *people, number, {"license": "D1234567", "last": "Brown"}, eve)
    assert found[0] == found[1] != found[2]
    assert found[3] == found[4] != found[5]


@pytest.fixture(scope="module")
def fabricated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """(folder with a file of fabricated people, who each record is of)."""
    folder = tmp_path_factory.mktemp("fabricated")
    fabricate_charges(str(folder), STATED, people=120, seed=5)
    with (folder / "truth.csv").open(newline="") as file:
        return folder, [row["person"] for row in csv.DictReader(file)]


def test_fabricated_people_are_found_whatever_the_order_and_the_pieces(
    fabricated: tuple[Path, list[str]], tmp_path: Path
) -> None:
    folder, true = fabricated
    found = link_files([str(folder / "named.csv")], STATED, str(tmp_path / "whole"))
    whole = keys(tmp_path / "whole")
    precision, recall = shares(whole, true)
    assert precision > 0.99
    assert recall > 0.96
    assert shares(keys(tmp_path / "whole", WITH_DOUBTFUL), true)[1] >= recall
    header, *lines = (folder / "named.csv").read_bytes().splitlines(keepends=True)
    files = put(tmp_path / "parts", a=header + b"".join(lines[:100]), b=header, c=header + b"".join(lines[100:]))
    parts = link_files(files[::-1], STATED, str(tmp_path / "parts/people"), block_bytes=5_000)
    assert keys(tmp_path / "parts/people") == whole
    assert (parts.digest, parts.people, parts.pairs) == (found.digest, found.people, found.pairs)
    order = list(range(len(lines)))
    random.Random(1).shuffle(order)
    files = put(tmp_path / "mixed", named=header + b"".join(lines[place] for place in order))
    link_files(files, STATED, str(tmp_path / "mixed/people"))
    mixed = keys(tmp_path / "mixed/people")
    assert shares(mixed, [whole[place] for place in order]) == (1.0, 1.0)


@pytest.mark.long
@pytest.mark.parametrize("people", [5_000, 60_000])
def test_shares_are_those_of_the_page(people: int, tmp_path: Path) -> None:
    fabricate_charges(str(tmp_path), STATED, people=people, seed=1)
    with (tmp_path / "truth.csv").open(newline="") as file:
        true = [row["person"] for row in csv.DictReader(file)]
    found = link_files([str(tmp_path / "named.csv")], STATED, str(tmp_path / "people"))
    page = (Path(__file__).parents[2] / "docs/how-to/people-without-a-number.md").read_text("utf-8")
    for column, count in (("person", found.people), (WITH_DOUBTFUL, found.people_with_doubtful)):
        precision, recall = shares(keys(tmp_path / "people", column), true)
        name = column.replace("_", " ")
        assert f"| {people:,} | {name} | {count:,} | {precision:.2%} | {recall:.2%} | {found.pairs:,} |" in page


def test_what_a_person_says_counts_before_scores(tmp_path: Path) -> None:
    eve = {"first": "Eve", "last": "Stone", "birth_date": "1990-06-07"}
    people = ({}, {"first": "James", "middle": ""}, FRED, FRED | {"middle": "X"}, eve, eve)
    found, _ = linked(tmp_path, *people)
    (pair,) = pairs(tmp_path / "people")
    assert (found.people, found.people_with_doubtful, found.reviewed) == (4, 3, 0)
    path = write_pairs(tmp_path / "reviewed.csv", [pair | {"decision": "same"}])
    found, (first, second, *_) = linked(tmp_path, *people, reviewed=path)
    assert first == second
    assert (found.people, found.people_with_doubtful, found.pairs, found.reviewed) == (3, 3, 0, 1)
    # Of a doubtful pair, of one that is sure, and of two records that say the same.
    apart = [
        pair | {"left_line": left, "right_line": right} for left, right in (("2", "3"), ("4", "5"), ("6", "7"))
    ]
    path = write_pairs(tmp_path / "reviewed.csv", [row | {"decision": " Different"} for row in apart])
    found, _ = linked(tmp_path, *people, reviewed=path)
    assert (found.people, found.people_with_doubtful, found.pairs, found.reviewed) == (6, 6, 0, 3)
    assert found.against_scores == 2


def test_a_chain_does_not_come_around_a_difference(tmp_path: Path) -> None:
    """Two who are different, and a third record that is surely of both: it goes to the likelier one only."""
    people = ({"license": "D1"}, {"license": "D2", "middle": "Q"}, {"license": ""}, FRED)
    difference = {"left_file": "charges.csv", "left_line": "2", "right_file": "charges.csv", "right_line": "3"}
    path = write_pairs(tmp_path / "reviewed.csv", [difference | {"decision": "different"}])
    found, (first, second, third, _) = linked(tmp_path, *people, reviewed=path)
    assert first != second
    assert third in (first, second)
    assert found.against_scores >= 1


@pytest.mark.parametrize(
    ("rows_", "said"),
    [
        (
            [("2", "3", "same"), ("3", "4", "same"), ("2", "4", "different")],
            "line 4: different, but by other lines",
        ),
        ([("2", "3", "perhaps")], "line 2: the decision is neither same nor different"),
        ([("2", "99", "same")], "line 2: there are no two such records"),
        ([("2", "2", "same")], "line 2: there are no two such records"),
        ([("2", "x", "same"), ("2", "3", "")], "line 2: there are no two such records"),
    ],
)
def test_contradictory_and_unusable_decisions_are_told(
    rows_: list[tuple[str, str, str]], said: str, tmp_path: Path
) -> None:
    ends = ("charges.csv", "charges.csv")
    stated = [
        {"left_file": ends[0], "left_line": a, "right_file": ends[1], "right_line": b, "decision": decision}
        for a, b, decision in rows_
    ]
    with pytest.raises(ExtractError, match=said):
        linked(tmp_path, {}, FRED, {"first": "Eve"}, reviewed=write_pairs(tmp_path / "reviewed.csv", stated))
    assert not (tmp_path / "people").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n1,2\n", "lacks left_file, left_line, right_file, right_line, decision"),
        (b"", "lacks left_file"),
        (b"\xff\xfe", "is not UTF-8"),
        (b'left_file,left_line,right_file,right_line,decision\n"a"b,1,c,2,same\n', "is no CSV"),
    ],
)
def test_other_files_are_no_decisions(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "reviewed.csv"
    path.write_bytes(content)
    with pytest.raises(ExtractError, match=said):
        linked(tmp_path, {}, FRED, reviewed=str(path))


def test_nobody_s_name_is_in_what_is_written_or_said(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    who = {"first": "Qzfirst", "middle": "", "last": "Qzlast", "license": "QZ93517", "birth_date": "1931-03-13"}
    (file,) = put(tmp_path, charges=rows(who, who | {"first": "Qzother", "license": ""}, FRED))
    (tmp_path / "named.toml").write_text(NAMED)
    words = ["formats", "link", file, "--format", str(tmp_path / "named.toml"), "--out", str(tmp_path / "people")]
    for more in (["--json"], ["--show-values"]):
        with pytest.raises(SystemExit) as left:
            main([*words, *more])
        assert not left.value.code
        told = b"".join(path.read_bytes() for path in (tmp_path / "people").iterdir())
        assert (b"QZLAST" in told) is (more == ["--show-values"])
        if more != ["--show-values"]:
            people = pq.read_table(tmp_path / "people" / PEOPLE).to_pylist()
            said = (*capfd.readouterr(), caplog.text, told.decode("latin-1"), json.dumps(people))
            assert [
                word for word in ("QZ", "1931", "0313", "93517") if any(word in text.upper() for text in said)
            ] == []
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "people").iterdir()} == {0o640}
    assert {path.name for path in (tmp_path / "people").iterdir()} == {PEOPLE, PAIRS, ABOUT}


def test_there_is_no_linking_where_there_is_a_key(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="has a key of people"):
        link_files(put(tmp_path, a=b""), WHOLE, str(tmp_path / "people"))
    bare = ColumnMap.of("bare", {name: value for name, value in STATED.document.items() if name != "identity"})
    with pytest.raises(ExtractError, match=r"has no \[identity\]"):
        link_files(put(tmp_path, a=b""), bare, str(tmp_path / "people"))
    assert not (tmp_path / "people").exists()


def test_files_of_one_name_and_limits_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    files = put(tmp_path, a=rows({})) + put(tmp_path / "b", a=rows({}))
    with pytest.raises(ExtractError, match=r"two files are called a\.csv"):
        link_files(files, STATED, str(tmp_path / "people"))
    for limits in ({"sure": 0.5}, {"doubtful": 0.0}, {"sure": 1.0}):
        with pytest.raises(ExtractError, match="allowed is 0 < doubtful <= sure < 1"):
            link_files(files[:1], STATED, str(tmp_path / "people"), **limits)


def test_a_file_without_names_is_told_and_one_without_records_is_nobody(tmp_path: Path) -> None:
    header, _, rest = rows({}).partition(b"\n")
    (file,) = put(tmp_path, a=header.replace(b"last,", b"xxxx,") + b"\n" + rest)
    with pytest.raises(ExtractError, match=r"a\.csv: lacks last"):
        link_files([file], STATED, str(tmp_path / "people"))
    (file,) = put(tmp_path, a=header + b"\n")
    found = link_files([file], STATED, str(tmp_path / "people"))
    assert (found.records, found.people, found.pairs) == (0, 0, 0)
    assert open_people(str(tmp_path / "people")).records["a.csv"][0].size == 0


def test_charges_are_read_with_their_people(tmp_path: Path) -> None:
    _, found = linked(tmp_path, {}, FRED, {"middle": "Q"}, {"first": "James", "middle": ""})
    files = [str(tmp_path / "charges.csv")]
    people = open_people(str(tmp_path / "people"))
    read = [
        key
        for piece in Reading(files, STATED, 200, people=people.keys)
        for key in piece.charges["person"].to_pylist()
    ]
    assert read == found
    merged = open_people(str(tmp_path / "people"), with_doubtful=True)
    assert merged.digest != people.digest
    (piece,) = Reading(files, STATED, people=merged.keys)
    assert len({*piece.charges["person"].to_pylist()}) == 2
    assert {*piece.charges.schema.names} & {"first", "middle", "last", "license"} == set()
    digest = people.about["files"]["charges.csv"]["digest"]
    people.require("charges.csv", digest)
    for name, given in (("charges.csv", "0"), ("other.csv", digest)):
        with pytest.raises(ExtractError, match="link the files that are read"):
            people.require(name, given)
    put(tmp_path, charges=rows({}, FRED, FRED, FRED, FRED))
    with pytest.raises(ExtractError, match="1 of its records are not in"):
        list(Reading(files, STATED, people=people.keys))
    with pytest.raises(ExtractError, match="holds no people"):
        open_people(str(tmp_path / "none"))


def test_without_splink_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "splink", None)
    with pytest.raises(
        ClearscaleError, match="linking people needs the package splink, which the extra `link` brings: "
    ):
        linked(tmp_path, {}, FRED)


def test_the_model_s_shares_are_shares() -> None:
    stated: Any = model()
    for kind, levels in stated.levels.items():
        assert sum(level.same for level in levels) == pytest.approx(1), kind
        assert sum(level.others for level in levels) == pytest.approx(1), kind
        assert (levels[0].name, levels[-1].name) == ("same", "other")
        assert levels[0].same / levels[0].others > 1 > levels[-1].same / levels[-1].others
