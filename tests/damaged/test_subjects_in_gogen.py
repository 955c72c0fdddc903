"""Subjects that are several people in `gogen run`: files and exit codes stay, standard error tells them."""

import datetime
from pathlib import Path

import pytest

from clearscale.dates import as_of_day
from clearscale.io.source import Source
from clearscale.outputs.export.from_extract import decide_extract
from tests.support import reference
from tests.support.damaged import Row, as_csv
from tests.support.samples import AS_OF_DATE, OPTIONS, POLICY, policy_file

from .test_form_in_gogen import decided
from .test_subjects import BIRTHS, KEYS, NAMES, found, two_records

SPLIT = "split-subjects"

CHANGES = {
    KEYS: {"CII_NUMBER": "A7654321"},
    NAMES: {"PRI_NAME": "SOMEBODY,ELSE"},
    BIRTHS: {"PRI_DOB": "19640203"},
    SPLIT: {"SUBJECT_ID": "0S1-2"},
}


def changed(name: str) -> list[Row]:
    return two_records(**CHANGES[name])


@pytest.mark.parametrize("block_bytes", [2**13, 2**22], ids=["blocks", "block"])
@pytest.mark.parametrize("name", CHANGES)
def test_the_same_is_noticed_as_at_ingest(tmp_path: Path, name: str, block_bytes: int) -> None:
    rows = changed(name)
    at_ingest = found(tmp_path, rows)
    read = decide_extract(Source(str(tmp_path / "x.csv")), "ALAMEDA", POLICY, as_of_day(AS_OF_DATE), block_bytes)
    noticed = {finding.name: finding for finding in read.noticed.findings()}
    assert name in noticed
    for contradiction in CHANGES:
        assert noticed.get(contradiction) == at_ingest.get(contradiction)


def test_it_is_said_on_standard_error_and_changes_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in CHANGES:
        content = as_csv(changed(name))
        (tmp_path / "x.csv").write_bytes(content)
        assert decided(tmp_path / "x.csv", tmp_path / name, Path(policy_file(tmp_path))) == 0
        (said,) = capsys.readouterr().err.splitlines()
        assert said.startswith(f"warning: {tmp_path / 'x.csv'}: ")
        assert said.endswith(f"[{name}]")
        assert "SOMEBODY" not in said
        assert "7654321" not in said
        wanted = reference.run(content, "ALAMEDA", OPTIONS, datetime.date(2020, 7, 1))
        assert (tmp_path / name / "All_Results.csv").read_bytes() == wanted.all_results
