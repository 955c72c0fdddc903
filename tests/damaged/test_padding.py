"""White space around values: few are told, a padded column refuses."""

from pathlib import Path

import pytest

from tests.support.damaged import BASE, CASES, as_csv, rows_of, stored, taken

PADDED = "padded-values"


def test_a_padded_column_refuses(tmp_path: Path) -> None:
    refused = str(taken(CASES / "leading-space" / "x.csv", tmp_path / "store", county="ALAMEDA").refused)
    assert (
        "padded-values: 7 of 7 values of a column have white space around them: DISP_DESCR (lines 2, 3," in refused
    )
    assert "--accept padded-values" in refused


MANY = [{**row, "SUBJECT_ID": f"{row['SUBJECT_ID']}-{k}"} for k in range(20) for row in rows_of(BASE)]


@pytest.mark.parametrize(
    ("column", "finding"),
    [
        ("STP_TYPE_DESCR", "unusual-event-types"),
        ("STP_ORI_CNTY_NAME", "unusual-counties"),
        ("CONV_STAT_DESCR", "unusual-severities"),
        ("DISP_DESCR", "unusual-dispositions"),
    ],
)
@pytest.mark.parametrize("pad", [" {}", "{} ", "\t{}"])
def test_a_few_padded_values_are_told_as_what_nobody_knows(
    column: str, finding: str, pad: str, tmp_path: Path
) -> None:
    rows = [{**row, column: pad.format(row[column])} if k in (30, 99) else row for k, row in enumerate(MANY)]
    findings = stored(tmp_path, as_csv(rows)).findings
    assert PADDED not in findings
    assert findings.get(finding, 0) == 2 or (column, pad) == ("DISP_DESCR", "{} ")


def test_blanks_do_not_count(tmp_path: Path) -> None:
    """A column that is padded wherever it says something refuses, though it is blank nearly everywhere."""
    rows = [{**row, "SENT_TIME_CODE": " M" if k < 5 else ""} for k, row in enumerate(MANY)]
    assert "padded-values: 5 of 5 values" in str(stored(tmp_path, as_csv(rows)).refused)
    rows = [{**row, "SENT_TIME_CODE": " "} for row in MANY]
    assert PADDED not in stored(tmp_path, as_csv(rows)).findings
