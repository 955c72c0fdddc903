"""The reference against real outputs of gogen, and its reading of the finer points of CSV."""

import ast
import csv
import datetime
import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.examples import long
from tests.support.reference import GogenError, Result, calendar, run
from tests.support.reference.reading import COLUMNS, read
from tests.support.reference.records import trim

GOLDEN = Path(__file__).parent
COUNTY_CASES = (
    "canyon",
    "edges-1",
    "edges-2",
    long("beach"),
    long("delta"),
    long("desert"),
    long("edges-3"),
    long("forest"),
)


def result_of(case: str) -> Result:
    folder = GOLDEN / case
    county_and_date = json.loads((folder / "run.json").read_text())
    return run(
        gzip.decompress((folder / "extract.csv.gz").read_bytes()),
        county_and_date["county"],
        json.loads((folder / "policy.json").read_text()),
        datetime.date.fromisoformat(county_and_date["as_of"]),
    )


def expected(case: str, name: str) -> bytes:
    return gzip.decompress((GOLDEN / case / "expected" / f"{name}.csv.gz").read_bytes())


def first_difference(actual: bytes, wanted: bytes) -> str | None:
    """The first line that differs: a readable failure where pytest would compare megabytes."""
    actual_lines, wanted_lines = actual.split(b"\n"), wanted.split(b"\n")
    for number, (ours, theirs) in enumerate(zip(actual_lines, wanted_lines, strict=False), start=1):
        if ours != theirs:
            return f"line {number}: {ours!r} instead of {theirs!r}"
    return None if actual == wanted else f"{len(actual_lines)} lines instead of {len(wanted_lines)}"


def test_the_reference_imports_nothing_but_the_standard_library() -> None:
    for path in (Path(__file__).parents[1] / "support" / "reference").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules = [name.name for name in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                modules = [node.module or ""]
            else:
                continue
            assert {module.partition(".")[0] for module in modules} <= sys.stdlib_module_names, path


@pytest.fixture(scope="module", params=COUNTY_CASES)
def case(request: pytest.FixtureRequest) -> tuple[str, Result]:
    return request.param, result_of(request.param)


def test_the_three_files_are_those_of_gogen(case: tuple[str, Result]) -> None:
    name, result = case
    assert first_difference(result.all_results, expected(name, "All_Results")) is None
    assert first_difference(result.condensed, expected(name, "All_Results_Condensed")) is None
    assert first_difference(result.prop64, expected(name, "Prop64_Results")) is None


def test_the_summary_is_that_of_gogen(case: tuple[str, Result]) -> None:
    name, result = case
    wanted = json.loads((GOLDEN / name / "expected" / "summary.json").read_text())
    # The recorded summaries lack the 7-year counts wherever gogen's wall clock was not the as-of date.
    assert _only_keys_of(wanted, result.summary) == wanted


def _only_keys_of(wanted: dict[str, Any], actual: dict[str, Any]) -> dict[str, Any]:
    relief = {"reliefWithCurrentEligibilityChoices", "reliefWithDismissAllProp64"}
    return {
        key: {name: n for name, n in value.items() if name in wanted[key]} if key in relief else value
        for key, value in actual.items()
    }


def test_decisions_are_those_of_the_prop64_file(case: tuple[str, Result]) -> None:
    name, result = case
    written = list(csv.reader(io.StringIO(expected(name, "Prop64_Results").decode("latin-1"), newline="")))[1:]
    assert [(determination, reason) for _, determination, reason in result.decisions] == [
        (columns[-2], columns[-1]) for columns in written
    ]
    rows = [row for row, _, _ in result.decisions]
    assert rows == sorted(set(rows))


def record(**values: bytes) -> bytes:
    """A line of 95 fields without its line end; the values must be quoted where they need it."""
    return b",".join(values.get(name, b"") for name in COLUMNS)


def records(extract: bytes) -> list[dict[str, bytes]]:
    """The fields that hold something."""
    return [{name: value for name, value in fields.items() if value} for fields in read(extract)]


@pytest.mark.parametrize(
    ("quoted", "value"),
    [
        (b'"a,b"', b"a,b"),
        (b'"say ""no"""', b'say "no"'),
        (b'""', b""),
        (b'""""', b'"'),
        (b'"one\r\ntwo"', b"one\ntwo"),
        (b'"one\ntwo"', b"one\ntwo"),
        (b'"one\rtwo"', b"one\rtwo"),
        (b'"one\r"', b"one\r"),
        (b'"one\r\r\ntwo"', b"one\r\ntwo"),
        (b'"\n\n"', b"\n\n"),
        (b"one\rtwo", b"one\rtwo"),
        (b" one ", b" one "),
        (b"\xff\xfe", b"\xff\xfe"),
        (rb"\.", rb"\."),
    ],
)
def test_a_field_is_read_and_carriage_returns_go_only_at_line_ends(quoted: bytes, value: bytes) -> None:
    extract = record(SUBJECT_ID=b"1", PRI_NAME=quoted) + b"\n"
    assert [fields["PRI_NAME"] for fields in read(extract)] == [value]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"RECORD_ID,what ever\n", b'\xef\xbb\xbfRECORD_ID"\r\n'])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r", b"\r\n", b"\n\r\n\n", b"\n\r"])
def test_header_mark_blank_lines_and_last_line_end_do_not_matter(start: bytes, line_end: bytes, end: bytes) -> None:
    extract = start + line_end + record(OFN=b"1") + line_end * 2 + record(OFN=b"2", END_OF_REC=b"*") + end
    assert records(extract) == [{"OFN": b"1"}, {"OFN": b"2", "END_OF_REC": b"*"}]


def test_a_line_of_two_carriage_returns_is_not_blank() -> None:
    with pytest.raises(GogenError, match="record on line 1: wrong number of fields"):
        read(b"\r\r\n")


@pytest.mark.parametrize("extract", [b"", b"\n\r\n", b"RECORD_ID,SUBJECT_STATUS", b"RECORD_ID\r\n"])
def test_an_extract_without_records_has_no_rows(extract: bytes) -> None:
    assert read(extract) == []


def test_an_empty_96th_field_is_dropped_where_every_line_has_it_and_a_full_one_refused() -> None:
    header = ",".join(COLUMNS).encode()
    surplus = header + b",\n" + record(OFN=b"1") + b",\n" + record(OFN=b"2")
    assert records(surplus + b",\n") == [{"OFN": b"1"}, {"OFN": b"2"}]
    for wrong, line in (
        (surplus + b"\n", 1),
        (surplus + b",x\n", 1),
        (header + b"\n" + record() + b",\n", 1),
        (header + b",\n" + record() + b"\n" + record() + b",\n", 2),
        (record() + b",\n", 1),
        (record() + b"\n" + record() + b",x\n", 2),
    ):
        with pytest.raises(GogenError, match=f"record on line {line}: wrong number of fields"):
            read(wrong)
    assert records(header + b",\n" + record(OFN=b"1") + b"\n") == [{"OFN": b"1"}]


@pytest.mark.parametrize(
    ("extract", "message"),
    [
        (b"\n\na,b\n", "record on line 3: wrong number of fields"),
        (b"RECORD_ID\na,b\n", "record on line 1: wrong number of fields"),
        (b'"a\nb",c\n', "record on line 1: wrong number of fields"),
        (b'a,b"c\n', 'parse error on line 1, column 3: bare " in non-quoted-field'),
        (b'\n"a"b,c\n', 'parse error on line 2, column 2: extraneous or missing " in quoted-field'),
        (
            b'"a\nb"c\n',
            'record on line 1; parse error on line 2, column 1: extraneous or missing " in quoted-field',
        ),
        (b'a\n"b\n', "record on line 1: wrong number of fields"),
        (b'"b\n', 'parse error on line 1, column 0: extraneous or missing " in quoted-field'),
        (b'"b', 'parse error on line 1, column 0: extraneous or missing " in quoted-field'),
        (b'"a"\rb\n', 'parse error on line 1, column 2: extraneous or missing " in quoted-field'),
    ],
)
def test_a_malformed_extract_is_refused_in_gogens_words(extract: bytes, message: str) -> None:
    with pytest.raises(GogenError) as refused:
        read(extract)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("text", "date"),
    [
        (b"20000229", (2000, 2, 29)),
        (b"19000229", calendar.NO_DATE),
        (b"00000229", (0, 2, 29)),
        (b"00000101", (0, 1, 1)),
        (b"00010101", (1, 1, 1)),
        (b"99991231", (9999, 12, 31)),
        (b"00000000", calendar.NO_DATE),
        (b"19790000", calendar.NO_DATE),
        (b"20201301", calendar.NO_DATE),
        (b"+2020101", calendar.NO_DATE),
        (b"2020010", calendar.NO_DATE),
        (b"20200101 ", calendar.NO_DATE),
        (b"2020010\xb2", calendar.NO_DATE),
    ],
)
def test_a_date_is_eight_digits_of_the_calendar(text: bytes, date: calendar.Date) -> None:
    assert calendar.parse(text) == date


def test_years_between_agrees_with_pythons_calendar_and_stops_at_292() -> None:
    today = datetime.date(2020, 2, 29)
    for days in range(-400 * 365, 400 * 365, 97):
        other = today + datetime.timedelta(days=days)
        years = calendar.years_between(calendar.from_python(today), calendar.from_python(other))
        assert years == pytest.approx(max(-292.2710, min(days / 365.25, 292.2710)), abs=1e-4)
    # Year 0 is a leap year, which Python's dates cannot say.
    assert calendar.years_between((0, 1, 1), (1, 1, 1)) * 365.25 == pytest.approx(366)


def test_29_february_moves_to_1_march_where_there_is_none() -> None:
    assert calendar.add_years((2000, 2, 29), 21) == (2021, 3, 1)
    assert calendar.add_years((2000, 2, 29), -4) == (1996, 2, 29)
    assert calendar.add_years((9999, 12, 31), 65) == (10064, 12, 31)


def test_trimming_takes_whole_characters_and_no_latin_1_bytes() -> None:
    assert trim("\u2003\t \xa0A \xa0B\x85\v\n".encode()) == "A \xa0B".encode()
    assert trim(b"\xa0A\xa0") == b"\xa0A\xa0"
    assert trim(b"\xe2\x80A\x83") == b"\xe2\x80A\x83"
    # A zero-width space and the separators of ASCII are not white space to Go.
    assert trim("\u200bA\x1c".encode()) == "\u200bA\x1c".encode()


AS_OF = datetime.date(2020, 7, 1)


def conviction(**values: bytes) -> bytes:
    usual = {
        "SUBJECT_ID": b"1",
        "STP_EVENT_DATE": b"20190701",
        "STP_ORI_CNTY_NAME": b"KERN",
        "CNT_ORDER": b"101001001000",
        "OFFENSE_DESCR": b"11358 HS-CULTIVATE",
        "DISP_DESCR": b"CONVICTED",
        "CONV_STAT_DESCR": b"FELONY",
    }
    return record(**(usual | values)) + b"\n"


@pytest.mark.parametrize(
    ("relief", "message"),
    [
        ({"subjectAgeThreshold": 39}, "SubjectAgeThreshold should be between 40 and 65, or 0"),
        ({"subjectAgeThreshold": 66}, "SubjectAgeThreshold should be between 40 and 65, or 0"),
        ({"yearsSinceConvictionThreshold": 16}, "YearsSinceConvictionThreshold should be between 1 and 15, or 0"),
        ({"yearsCrimeFreeThreshold": -1}, "YearsCrimeFreeThreshold should be between 1 and 15, or 0"),
    ],
)
def test_a_threshold_out_of_range_is_refused(relief: dict[str, Any], message: str) -> None:
    with pytest.raises(GogenError) as refused:
        run(b"", "KERN", {"additionalRelief": relief}, AS_OF)
    assert str(refused.value) == message


def test_no_prop64_conviction_of_the_county_gives_no_earliest_conviction() -> None:
    result = run(conviction(STP_ORI_CNTY_NAME=b"kern"), "KERN", {}, AS_OF)
    assert result.summary["earliestConviction"] is None
    assert result.summary["prop64ConvictionsCountInCountyByCodeSection"] == {}
    assert result.decisions == []


def test_a_conviction_that_no_rule_reaches_is_decided_with_empty_columns() -> None:
    result = run(conviction(), "KERN", {}, AS_OF)
    assert result.decisions == [(0, "", "")]
    assert result.prop64.count(b"\n") == 2
    assert result.summary["subjectsWithSomeReliefCount"] == 0


def test_a_date_of_year_0_is_no_latest_conviction() -> None:
    result = run(conviction(STP_EVENT_DATE=b"00000229"), "KERN", {}, AS_OF)
    assert b",02/29/0000,292.3,-1.0," in result.prop64
    assert result.summary["earliestConviction"] == "0000-02-29T00:00:00Z"


def test_a_short_count_order_is_refused_only_where_it_is_needed() -> None:
    idle = conviction(CNT_ORDER=b"", DISP_DESCR=b"DISMISSED", OFFENSE_DESCR=b"459 PC-BURGLARY")
    assert run(idle, "KERN", {}, AS_OF).summary["lineCount"] == 1
    with pytest.raises(GogenError, match="record 2: CNT_ORDER"):
        run(idle + conviction(CNT_ORDER=b"10100"), "KERN", {}, AS_OF)


def test_a_record_without_a_subject_is_refused() -> None:
    with pytest.raises(GogenError, match="record 1: SUBJECT_ID is empty"):
        run(conviction(SUBJECT_ID=b""), "KERN", {}, AS_OF)
