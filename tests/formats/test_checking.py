"""What a check tells of files, by counts and lines and never by values."""

import json
from pathlib import Path

import pytest

from clearscale.formats import ColumnMap
from clearscale.formats.checking import Checked, check_files, kinds
from tests.formats.made import COOK, ROW, rendered, variant


def checked(folder: Path, *rows: dict[str, str], stated: ColumnMap = COOK, content: bytes = b"") -> Checked:
    path = folder / "charges.csv"
    path.write_bytes(content or rendered(rows, stated))
    by_blocks = [check_files([str(path)], stated, size) for size in (1, 2**20)]
    assert by_blocks[0] == by_blocks[1]
    return by_blocks[0]


def named(found: Checked) -> dict[str, tuple[int, int, bool]]:
    return {finding.name: (finding.count, finding.of, finding.refuses) for finding in found.findings}


def test_nothing_is_doubtful_about_a_good_file(tmp_path: Path) -> None:
    found = checked(tmp_path, ROW, ROW | {"sequence_number": "2"})
    assert found.findings == ()
    assert (found.records, found.charges, found.known) == (2, 2, {"statute": 2, "disposition": 2})
    assert not found.refuses


@pytest.mark.parametrize(
    ("values", "finding"),
    [
        ({"statute": "ZZ"}, "unknown-statutes"),
        ({"statute": ""}, "no-statutes"),
        ({"statute": "720-5/8-4"}, "attempts-of-nothing-named"),
        ({"statute": "720-550/4", "chrgdesc": ""}, "unknown-amounts"),
        ({"statute": "720-550/4(A)", "chrgdesc": "30-500 GRAM"}, "contradictory-amounts"),
        ({"chrgdisp": "ZZ"}, "unusual-dispositions"),
        ({"chrgdisp": ""}, "no-dispositions"),
        ({"chrgtype": "ZZ"}, "unusual-severities"),
        ({"chrgclass": "ZZ"}, "unusual-classes"),
        ({"sex": "ZZ"}, "unusual-sex"),
        ({"case_number": ""}, "no-case-numbers"),
        ({"fgrprntno": ""}, "no-people"),
        ({"arrest_date": "31-Feb-84"}, "unreadable-dates"),
        ({"arrest_date": "30712"}, "dates-of-a-spreadsheet"),
        ({"arrest_date": "09-Feb-59"}, "implausible-dates"),
        ({"sequence_number": "0"}, "repeated-keys"),
        ({"dob": "10-Feb-60"}, "contradictory-births"),
    ],
)
def test_each_kind_is_found_in_one_of_four(tmp_path: Path, values: dict[str, str], finding: str) -> None:
    rows = [ROW | {"sequence_number": f"{place}"} for place in range(3)]
    found = named(checked(tmp_path, *rows, ROW | {"sequence_number": "3"} | values))
    assert list(found) == [finding]
    assert found[finding] == (1, 1 if finding == "contradictory-births" else 4, finding in REFUSED)


REFUSED = ("dates-of-a-spreadsheet", "contradictory-births")
"""Of one in four, or of the one person that there is."""


def test_required_columns_that_are_blank_or_unreadable_refuse(tmp_path: Path) -> None:
    found = checked(
        tmp_path, ROW | {"chrgdispdate": "soon"}, ROW | {"sequence_number": "2", "chrgdispdate": "later"}
    )
    assert named(found)["unreadable-columns"] == (1, 4, True)
    assert "chrgdispdate" in next(
        finding.detail for finding in found.findings if finding.name == "unreadable-columns"
    )
    found = checked(tmp_path, ROW | {"chrgdispdate": "NULL"})
    assert named(found)["blank-columns"] == (1, 4, True)


@pytest.mark.parametrize("content", [b"", b"\n\n", rendered([]), rendered([]) + b"a,b\n"])
def test_a_file_without_records_is_refused(tmp_path: Path, content: bytes) -> None:
    stated = variant(file={**COOK.document["file"], "header": "each" if content.startswith(b"case") else "none"})
    found = checked(tmp_path, stated=stated, content=content or b"\n")
    assert named(found)["nothing-usable"][2]


def test_values_are_told_only_if_they_are_asked_for(tmp_path: Path) -> None:
    found = checked(
        tmp_path, ROW | {"statute": "QZWORD", "chrgdisp": "QZWORD", "sex": "QZWORD", "case_number": "QZWORD"}
    )
    assert "QZWORD" not in json.dumps(found.document(False))
    assert "QZWORD" not in "".join(kinds().words(finding) for finding in found.findings)
    assert found.document(True)["unknown"]["statute"] == {"QZWORD": 1}


def test_every_kind_is_one_that_something_notices() -> None:
    """What the reader notes is listed, and nothing else is."""
    folder = Path(__file__).parents[2] / "clearscale/formats"
    code = "".join(file.read_text("utf-8") for file in folder.glob("*.py"))
    unnoticed = [name for name in kinds().listed if f'"{name}"' not in code and not name.startswith("unusual-")]
    assert unnoticed == []
