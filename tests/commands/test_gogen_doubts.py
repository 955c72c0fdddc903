"""What `gogen run` says beside what gogen said, while files and exit codes stay gogen's."""

import csv
import datetime
import gzip
import io
import json
from pathlib import Path

import pytest

from clearscale.commands.main import main
from clearscale.law import state
from tests.support import reference
from tests.support.samples import AS_OF, AS_OF_DATE, HEADER, OPTIONS, conviction, policy_file, put, rendered

PLAIN = rendered([conviction(str(number), "ALAMEDA", CNT_ORDER="001001001000") for number in range(11, 14)])
FILES = ("All_Results", "All_Results_Condensed", "Prop64_Results")


def call(capsys: pytest.CaptureFixture[str], folder: Path, *words: str, odd: bool = False) -> tuple[int, list[str]]:
    """(exit code, lines on standard error). odd: with what is odd in the records, which ingests tell, too."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as left:
        main(["gogen", "run", f"--outputs={folder}/out", *words])
    said = capsys.readouterr()
    assert said.out == ""
    assert isinstance(left.value.code, int)
    found = tuple(f"[{name}]" for name in state().findings.listed)
    return left.value.code, [line for line in said.err.splitlines() if odd or not line.endswith(found)]


@pytest.fixture
def extract(tmp_path: Path) -> str:
    return put(tmp_path, "a.csv", PLAIN)


@pytest.fixture
def given(tmp_path: Path) -> list[str]:
    return [f"--eligibility-options={policy_file(tmp_path)}", f"--compute-at={AS_OF}"]


def test_of_a_sound_call_nothing_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, extract: str, given: list[str]
) -> None:
    assert call(capsys, tmp_path, f"--input-doj={extract}", "-c=ALAMEDA", *given) == (0, [])
    wanted = reference.run(PLAIN, "ALAMEDA", OPTIONS, AS_OF_DATE)
    assert (tmp_path / "out/All_Results.csv").read_bytes() == wanted.all_results


@pytest.mark.parametrize(
    ("county", "near"),
    [
        ("ALMEDA", "did you mean 'ALAMEDA'?"),
        ("Alameda", "did you mean 'ALAMEDA'?"),
        (" ALAMEDA", "did you mean 'ALAMEDA'?"),
        ("=ALAMEDA", "did you mean 'ALAMEDA'?"),
        ("LOS ANGELES COUNTY", "did you mean 'LOS ANGELES'?"),
        ("ZZ", "see the list of counties"),
    ],
)
def test_a_county_that_there_is_not(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, extract: str, given: list[str], county: str, near: str
) -> None:
    code, said = call(capsys, tmp_path, f"--input-doj={extract}", f"--county={county}", *given)
    assert code == 0
    undecided = f"no conviction in 3 records is one of county '{county}' under the law"
    assert said == [
        f"warning: --county: '{county}' is no county of California as records write it; {near}",
        f"warning: {extract}: nothing is decided: {undecided}",
    ]
    assert json.loads((tmp_path / "out/gogen.json").read_text())["county"] == county


def test_a_county_without_a_conviction(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, extract: str, given: list[str]
) -> None:
    code, said = call(capsys, tmp_path, f"--input-doj={extract}", "--county=KERN", *given)
    assert code == 0
    assert len(said) == 1
    assert "nothing is decided" in said[0]


def test_a_file_given_twice(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    extract: str,
    given: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    put(tmp_path, "other.csv", PLAIN)
    put(tmp_path, "a.csv.gz", gzip.compress(PLAIN))
    put(tmp_path, "like.csv", PLAIN.replace(b"001001001000", b"001001002000"))
    (tmp_path / "link.csv").symlink_to("a.csv")
    twice = "all in it counts twice"
    for other, words in (
        ("a.csv", f"a.csv: is given twice; {twice}"),
        ("./a.csv", f"./a.csv: is given twice as a.csv; {twice}"),
        (extract, f"{extract}: is given twice as a.csv; {twice}"),
        ("link.csv", f"link.csv: is given twice as a.csv; {twice}"),
        ("other.csv", f"other.csv: holds the same as a.csv; {twice}"),
        ("a.csv.gz", f"a.csv.gz: holds the same as a.csv; {twice}"),
    ):
        code, said = call(capsys, tmp_path, f"--input-doj=a.csv,{other}", "--county=ALAMEDA", *given)
        assert code == 0
        assert f"warning: {words}" in said
        assert json.loads((tmp_path / "out/gogen.json").read_text())["lineCount"] == 6
    assert call(capsys, tmp_path, "--input-doj=a.csv,like.csv", "--county=ALAMEDA", *given) == (0, [])


def test_without_a_date_it_says_which_it_took(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, extract: str, given: list[str]
) -> None:
    code, said = call(capsys, tmp_path, f"--input-doj={extract}", "--county=ALAMEDA", given[0])
    assert code == 0
    today = datetime.date.today()
    assert said in [
        [f"warning: no --compute-at is given: decided as of {date.isoformat()}, today"]
        for date in (today, today - datetime.timedelta(1))
    ]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (b'{"baselineEligibility": {"dismiss": ["11357"]}, "additionalReleif": {}}', ["unknown-option"]),
        (b'{"baselineEligibility": {"dismiss": ["11357"], "reduce": ["11357"]}}', ["dismissed-and-reduced"]),
        (b'{"baselineEligibility": {"dismiss": ["11357"], "dismiss": ["11357"]}}', ["duplicate-key"]),
        (b'{"baselineEligibility": {"dismiss": ["11357"]}, "M\xfcll": 1}', ["encoding", "unknown-option"]),
        (b"null", ["null", "nothing-chosen"]),
    ],
)
def test_doubtful_options(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, extract: str, options: bytes, names: list[str]
) -> None:
    path = put(tmp_path, "options.json", options)
    words = [f"--input-doj={extract}", "--county=ALAMEDA", f"--eligibility-options={path}", f"--compute-at={AS_OF}"]
    code, said = call(capsys, tmp_path, *words)
    assert code == 0
    found = [line for line in said if line.startswith("warning: --eligibility-options: ")]
    assert [line.rpartition("[")[2].removesuffix("]") for line in found] == names


def test_of_unusable_options_the_first_is_the_error(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, extract: str
) -> None:
    path = put(
        tmp_path, "o.json", b'{"additionalRelief": {"subjectAgeThreshold": 39, "yearsCrimeFreeThreshold": 16}}'
    )
    words = [f"--input-doj={extract}", "--county=ALAMEDA", f"--eligibility-options={path}", f"--compute-at={AS_OF}"]
    code, said = call(capsys, tmp_path, *words)
    assert code == 1
    assert said == [
        "warning: --eligibility-options: YearsCrimeFreeThreshold should be between 1 and 15, or 0",
        ": SubjectAgeThreshold should be between 40 and 65, or 0",
    ]
    message = "SubjectAgeThreshold should be between 40 and 65, or 0"
    written = json.loads((tmp_path / "out/gogen.err").read_text())
    assert written == {"": {"errorType": "OTHER", "errorMessage": message}}


def test_records_that_look_shifted(capsys: pytest.CaptureFixture[str], tmp_path: Path, given: list[str]) -> None:
    records = list(csv.reader(io.StringIO(PLAIN.decode())))
    moved = io.StringIO()
    csv.writer(moved, lineterminator="\n").writerows([[*record[:3], "x", *record[3:-1]] for record in records[1:]])
    shifted = put(tmp_path, "b.csv", HEADER + moved.getvalue().encode())
    code, said = call(capsys, tmp_path, f"--input-doj={shifted}", "--county=ALAMEDA", *given, odd=True)
    assert code == 0
    assert any("CNT_ORDER that is not twelve digits" in line for line in said)
    assert f"warning: {shifted}: none of its 3 records is a conviction; its columns may be shifted" in said


def test_a_file_under_128_bytes_fails_as_it_did(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, extract: str, given: list[str]
) -> None:
    for content in (b"", b"x" * 127, b"\xef\xbb\xbf"):
        path = put(tmp_path, "short.csv", content)
        code, said = call(capsys, tmp_path, f"--input-doj={path},{extract}", "--county=ALAMEDA", *given)
        assert code == 1
        assert said == [f"warning: {path}: has fewer than 128 bytes; it is no extract", f"{path}: EOF"]
        written = json.loads((tmp_path / "out/gogen.err").read_text())
        assert written == {path: {"errorType": "OTHER", "errorMessage": "EOF"}}
        assert (tmp_path / "out/All_Results_2.csv").exists()
    code, said = call(capsys, tmp_path, f"--input-doj={put(tmp_path, 'head.csv', HEADER)}", "-c=ALAMEDA", *given)
    assert code == 0
    assert json.loads((tmp_path / "out/gogen.json").read_text())["lineCount"] == 0


def test_files_are_for_their_owner_and_its_group(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, extract: str, given: list[str]
) -> None:
    assert call(capsys, tmp_path, f"--input-doj={extract}", "-c=ALAMEDA", *given)[0] == 0
    assert call(capsys, tmp_path, f"--input-doj={tmp_path}/none.csv", "-c=ALAMEDA", *given)[0] == 1
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()}
    assert modes == dict.fromkeys([*(f"{name}.csv" for name in FILES), "gogen.json", "gogen.err"], 0o640)


def test_a_byte_order_mark_is_no_data(capsys: pytest.CaptureFixture[str], tmp_path: Path, given: list[str]) -> None:
    path = put(tmp_path, "mark.csv", b"\xef\xbb\xbf" + PLAIN)
    assert call(capsys, tmp_path, f"--input-doj={path}", "-c=ALAMEDA", *given) == (0, [])
    assert json.loads((tmp_path / "out/gogen.json").read_text())["lineCount"] == 3
