"""The form of an extract in `gogen run`: gogen's files and exit codes, and the doubt on standard error."""

import json
from pathlib import Path

import pytest

from clearscale.outputs.export.gogen import Options, run
from tests.support.damaged import BASE, CASES, POLICY, as_csv, rows_of

GOOD = as_csv(rows_of(BASE))


def decided(extract: Path, out: Path, policy: Path = POLICY, county: str = "ALAMEDA") -> int:
    return run(Options(str(extract), str(out), county, str(policy), "2020-07-01"))


def results(out: Path) -> dict[str, bytes]:
    """The files of a call, without the seconds that it took."""
    found = {path.name: path.read_bytes() for path in out.iterdir()}
    summary = json.loads(found.pop("gogen.json"))
    return found | {"summary": json.dumps({**summary, "processingTimeInSeconds": 0}).encode()}


def test_a_record_of_96_fields_fails_as_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = CASES / "stray-comma-wrong-relief"
    code = decided(case / "extract.csv", tmp_path, case / "options.json", "KERN")
    assert code == 1
    message = "record on line 1: wrong number of fields"
    assert json.loads((tmp_path / "gogen.err").read_text()) == {
        str(case / "extract.csv"): {"errorType": "PARSING", "errorMessage": message}
    }
    assert f"extract.csv: {message}" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["gogen.err"]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda lines: lines, None),
        (lambda lines: [lines[0][:-2] + b"\n", *lines[1:]], 1),
        (lambda lines: [*lines[:5], lines[5][:-2] + b"\n", *lines[6:]], 1),
        (lambda lines: [lines[0], lines[1][:-2] + b"\n", *lines[2:]], 2),
        (lambda lines: [lines[0], *(line[:-2] + b"\n" for line in lines[1:])], None),
        (lambda lines: lines[1:], 1),
    ],
)
def test_an_empty_96th_field_is_on_every_line_or_fails_the_first_that_has_it(
    change: object, line: int | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = GOOD.replace(b"\n", b",\n").splitlines(keepends=True)
    (tmp_path / "x.csv").write_bytes(b"".join(change(lines)))  # type: ignore[operator]
    code = decided(tmp_path / "x.csv", tmp_path / "out")
    assert code == (line is not None)
    if line is None:
        decided(BASE, tmp_path / "base")
        assert results(tmp_path / "out") == results(tmp_path / "base")
    else:
        assert f"record on line {line}: wrong number of fields" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("path", "records", "words"),
    [
        (
            "quoted-header/x.csv",
            8,
            "has a header that is not written as the format's, so that it counts",
        ),
        ("dup-header/x.csv", 9, "1 of 9 lines are headers, which joined files have in their midst (line 9)"),
        ("cat-two-subject-collide/x.csv", 15, "1 of 15 lines are headers"),
        ("reordered-columns/x.csv", 7, "has a header with the columns in another order"),
        ("lone-cr/x.csv", 0, "has line ends that are CR alone"),
    ],
)
def test_what_gogen_answers_is_answered_and_doubted(
    path: str, records: int, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert decided(CASES / path, tmp_path) == 0
    assert f"{CASES / path}: {words}" in capsys.readouterr().err
    assert json.loads((tmp_path / "gogen.json").read_text())["lineCount"] == records


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("utf16le/x.csv", "is encoded as UTF-16, not as UTF-8 or Latin-1"),
        ("semicolon/x.csv", "is separated by semicolons, not by commas"),
    ],
)
def test_what_gogen_refuses_is_refused_in_its_words_and_named(
    path: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert decided(CASES / path, tmp_path) == 1
    assert words in capsys.readouterr().err
    (failure,) = json.loads((tmp_path / "gogen.err").read_text()).values()
    assert failure["errorType"] == "PARSING"


def test_a_file_as_it_should_be_is_not_doubted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert decided(BASE, tmp_path) == 0
    assert "header" not in capsys.readouterr().err
