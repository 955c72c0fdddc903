"""One SUBJECT_ID that is several people: within a block, over blocks and over block groups."""

from collections.abc import Sequence
from pathlib import Path

import pytest

import clearscale
from clearscale.errors import ExtractError
from clearscale.law.findings import Finding
from clearscale.store.ingest.ingest import ingest
from clearscale.store.ingest.settings import Settings
from clearscale_cluster import open_cluster
from tests.support.damaged import CASES, Row, as_csv, taken

from .test_dates import many

KEYS, NAMES, BIRTHS = "contradictory-subjects", "contradictory-names", "contradictory-births"


def two_records(**changes: str) -> list[Row]:
    """An extract of some 600 records in which the records of a subject lie far apart, the last one with changes."""
    rows = many(80)
    return [*rows, {**rows[2], "CNT_ORDER": "105001001000", **changes}]


def found(folder: Path, rows: Sequence[Row], **options: int) -> dict[str, Finding]:
    """What is found in an extract, read in blocks of such sizes."""
    (folder / "x.csv").write_bytes(as_csv(rows))
    with open_cluster("threads:1") as cluster:
        settings = Settings(county="ALAMEDA", accept=[KEYS, NAMES, BIRTHS], **options)
        report = ingest([str(folder / "x.csv")], str(folder / "store"), cluster, settings)
    return {finding.name: finding for finding in report.findings["x.csv"]}


BLOCKS = [{}, {"block_bytes": 2**13, "group_blocks": 32}, {"block_bytes": 2**13, "group_blocks": 1}]
"""One block; several in one group; a group each."""


@pytest.mark.parametrize("options", BLOCKS, ids=["block", "group", "groups"])
@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"CII_NUMBER": "A7654321"}, KEYS),
        ({"PRI_NAME": "SOMEBODY,ELSE"}, NAMES),
        ({"PRI_DOB": "19640203"}, BIRTHS),
        ({"GENDER": "F"}, BIRTHS),
    ],
)
def test_a_subject_that_is_two_people_is_found_wherever_its_records_lie(
    tmp_path: Path, options: dict[str, int], changes: dict[str, str], finding: str
) -> None:
    told = found(tmp_path, two_records(**changes), **options)
    assert [*told] == [finding]
    assert (told[finding].count, told[finding].of) == (1, 320)


@pytest.mark.parametrize("options", BLOCKS, ids=["block", "group", "groups"])
@pytest.mark.parametrize(
    "changes",
    [
        dict.fromkeys(["CII_NUMBER", "PRI_NAME", "PRI_DOB", "GENDER"], ""),
        {"PRI_NAME": "test,  s1", "GENDER": "MALE"},
        {"PRI_NAME": "UNKNOWN", "GENDER": "U", "PRI_DOB": "19700000"},
        {"CII_NUMBER": "0000010"},
    ],
)
def test_what_is_blank_or_written_otherwise_contradicts_nothing(
    tmp_path: Path, options: dict[str, int], changes: dict[str, str]
) -> None:
    told = found(tmp_path, two_records(**changes), **options)
    assert not {KEYS, NAMES, BIRTHS} & told.keys()


def test_two_extracts_joined_into_one_file_are_refused(tmp_path: Path) -> None:
    refused = taken(CASES / "cat-two-subject-collide" / "x.csv", tmp_path / "store").refused
    assert refused is not None
    assert KEYS in refused


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    rows = two_records(CII_NUMBER="A7654321")
    others = [{**rows[-1], "SUBJECT_ID": f"S1-{k}"} for k in range(1, 80)]
    (tmp_path / "x.csv").write_bytes(as_csv([*rows, *others]))
    told = rf"{KEYS}: 80 of 320 subjects .*\(lines 562, 563, 564, 565, 566, \.\.\.\)"
    with pytest.raises(ExtractError, match=told):
        clearscale.ingest(tmp_path / "x.csv", tmp_path / "store", county="ALAMEDA")
