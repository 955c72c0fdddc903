"""Headers by name: quoted, in another order, repeated, in the midst of joined files, of another format."""

import random
from pathlib import Path

import pytest

from clearscale.store import open_store
from tests.support.damaged import BASE, CASES, as_csv, rows_of, stored, taken
from tests.support.fabricate import COLUMNS
from tests.support.samples import contents, records

IN_THE_MIDDLE = "header-in-the-middle"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the undamaged extract."""
    store = tmp_path_factory.mktemp("base") / "store"
    taken(BASE, store)
    return store


@pytest.mark.parametrize("case", ["quoted-header", "reordered-columns"])
def test_a_header_that_leaves_no_doubt_gives_the_same_records(case: str, base: Path, tmp_path: Path) -> None:
    outcome = taken(CASES / case / "x.csv", tmp_path / "store", county="ALAMEDA")
    assert (outcome.refused, outcome.findings) == (None, {})
    assert records(tmp_path / "store") == records(base)


@pytest.mark.parametrize("seed", range(4))
def test_columns_in_any_order_are_read_by_their_names(seed: int, base: Path, tmp_path: Path) -> None:
    order = random.Random(seed).sample(COLUMNS, len(COLUMNS))
    outcome = stored(tmp_path, as_csv(rows_of(BASE), order), block_bytes=2000)
    assert (outcome.refused, outcome.findings) == (None, {})
    assert records(tmp_path / "store") == records(base)


HEADERS = {
    "lower case": lambda names: ",".join(names).lower(),
    "padded": lambda names: ", ".join(names) + " ",
    "quoted": lambda names: ",".join(f'"{name}"' for name in names),
    "some quoted, padded": lambda names: ",".join([f'" {names[0]} "', *names[1:]]),
    "blanks for underscores": lambda names: ",".join(names).replace("_", " ").title(),
    "blank lines before it": lambda names: "\n\r\n" + ",".join(names),
    "a mark, then quotes": lambda names: "\xef\xbb\xbf" + ",".join(f'"{name}"' for name in names),
}


@pytest.mark.parametrize("kind", HEADERS)
def test_a_header_is_known_in_any_writing(kind: str, base: Path, tmp_path: Path) -> None:
    header = HEADERS[kind](COLUMNS).encode("latin-1")
    content = header + b"\n" + as_csv(rows_of(BASE)).partition(b"\n")[2]
    assert stored(tmp_path, content).refused is None
    assert records(tmp_path / "store") == records(base)


def test_lines_are_those_of_the_file_whatever_stands_before_the_header(tmp_path: Path) -> None:
    good = as_csv(rows_of(BASE))
    refused = stored(tmp_path, b"\n\n" + good.replace(b"RECORD_ID", b'"RECORD\nID"', 1) + b"1,2\n").refused
    assert refused is not None
    assert "x.csv, line 12: 2 fields, not 95" in refused


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda names: names[1:], "lacks RECORD_ID"),
        (lambda names: [*names, "COUNTY"], "names columns that the format does not have: COUNTY"),
        (lambda names: ["RECORD_ID", *names[2:], "RECORD_ID"], "names columns twice: RECORD_ID"),
        (
            lambda names: [*names[:90], "A", "B", "C", "D", "12-3"],
            "A, B, C, D, column 95, and lacks CYC_AGE, CII_TYPE",
        ),
        (lambda names: ["RECORD_ID", "x"], "format does not have: X, and lacks SUBJECT_STATUS"),
        (
            lambda names: names[:20],
            "lacks PDR_SEG_SEP, RACE_CODE, RACE_DESCR, EYE_COLOR_CODE, EYE_COLOR_DESCR and 70",
        ),
        (
            lambda names: ["first", "last", "born", "number", "county", "charge"],
            "header of another format, of 6 col",
        ),
    ],
)
def test_a_header_of_other_columns_is_refused_by_what_differs(change: object, words: str, tmp_path: Path) -> None:
    names = change(list(COLUMNS))  # type: ignore[operator]
    refused = stored(tmp_path, ",".join(names).encode() + b"\n" + b",".join([b""] * len(names)) + b"\n").refused
    assert refused is not None
    assert words in refused
    assert "Nothing of it was stored" in refused
    assert not contents(tmp_path / "store")


@pytest.mark.parametrize(
    ("case", "line", "stored_records"), [("dup-header", 9, 8), ("cat-two-subject-collide", 9, 14)]
)
def test_a_header_in_the_middle_is_set_aside_and_told(
    case: str, line: int, stored_records: int, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    # The SUBJECT_IDs of two joined files mean other people: that refuses them, until a person has looked.
    two_people = ["contradictory-subjects", "contradictory-names", "contradictory-births"]
    outcome = taken(CASES / case / "x.csv", store, accept=two_people)
    assert outcome.refused is None
    assert outcome.findings[IN_THE_MIDDLE] == 1
    (entry,) = open_store(str(store)).manifest.extracts
    assert (entry.records, entry.stored, entry.quarantined) == (stored_records + 1, stored_records, 1)
    (aside,) = open_store(str(store)).quarantine(entry).to_pylist()
    assert (aside["line"], aside["reason"]) == (line, "a header in the midst of the file")
    assert aside["content"].startswith(b"RECORD_ID,")
    assert not any(row["SUBJECT_ID"] == b"SUBJECT_ID" for row in records(store))


@pytest.mark.parametrize("places", [[0], [0, 0, 3], [7], [2, 5]])
@pytest.mark.parametrize("quoted", [False, True])
def test_headers_anywhere_leave_the_records_as_they_are(
    places: list[int], quoted: bool, base: Path, tmp_path: Path
) -> None:
    header, *lines = as_csv(rows_of(BASE)).splitlines(keepends=True)
    again = b'"' + header.strip().replace(b",", b'","') + b'"\n' if quoted else header.lower()
    for place in reversed(places):
        lines.insert(place, again)
    outcome = stored(tmp_path, header + b"".join(lines), block_bytes=1500)
    assert outcome.findings == {IN_THE_MIDDLE: len(places)}
    found = [{name: row[name] for name in COLUMNS} for row in records(tmp_path / "store")]
    assert found == [{name: row[name] for name in COLUMNS} for row in records(base)]


def test_a_header_in_the_middle_with_columns_in_another_order_refuses(tmp_path: Path) -> None:
    rows = rows_of(BASE)
    content = as_csv(rows[:3]) + as_csv(rows[3:], COLUMNS[::-1])
    refused = stored(tmp_path, content).refused
    assert refused is not None
    assert "columns-in-another-order: 1 of 8 lines" in refused
    assert "(line 5)" in refused


def test_a_header_that_is_one_line_with_a_record_tells_nothing_of_it(tmp_path: Path) -> None:
    record = ["ZZYZX"] * 20 + ["QQJUV PAT", "XKCDQ_JR", "770-04-7700", "A77002", "SMITH"]
    header = [*COLUMNS[:60], *record, *COLUMNS[60:]]
    refused = stored(tmp_path, ",".join(header).encode() + b"\n" + b",".join([b""] * len(header)) + b"\n").refused
    assert refused is not None
    assert "names columns that the format does not have: column 61, column 81" in refused
    assert [text for text in record if text in refused] == []
