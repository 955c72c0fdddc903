"""Keys that say that nobody knew them: they join nobody."""

from pathlib import Path

import pytest

from tests.support.damaged import BASE, CASES, as_csv, rows_of, taken

WORDS = ["NULL", "null", " NULL ", "N/A", "UNKNOWN", "0", "00000000", "99999999", "--", "#N/A", "NONE", "XXXXXXXX"]


def test_people_without_a_number_stay_apart(tmp_path: Path) -> None:
    outcome = taken(CASES / "null-cii" / "x.csv", tmp_path / "store")
    assert outcome.findings == {"placeholder-numbers": 7}
    assert outcome.counts["people"] == 4
    assert outcome.counts["convictions_once"] == 7


@pytest.mark.parametrize("word", WORDS)
def test_every_word_that_means_missing_joins_nobody(tmp_path: Path, word: str) -> None:
    rows = [{**row, "CII_NUMBER": word} for row in rows_of(BASE)]
    (tmp_path / "x.csv").write_bytes(as_csv(rows))
    outcome = taken(tmp_path / "x.csv", tmp_path / "store")
    assert outcome.findings == {"placeholder-numbers": 7}
    assert outcome.counts["people"] == 4


def test_subjects_that_cannot_be_told_apart_are_refused(tmp_path: Path) -> None:
    refused = taken(CASES / "null-subject" / "x.csv", tmp_path / "store").refused
    assert refused is not None
    assert "placeholder-subjects: 7 of 7 records" in refused


@pytest.mark.parametrize("word", WORDS)
def test_every_word_that_means_missing_is_no_subject(tmp_path: Path, word: str) -> None:
    rows = rows_of(BASE)
    rows[3]["SUBJECT_ID"] = word
    (tmp_path / "x.csv").write_bytes(as_csv(rows))
    refused = taken(tmp_path / "x.csv", tmp_path / "store").refused
    assert refused is not None
    assert "placeholder-subjects: 1 of 7 records" in refused
    assert "(line 5)" in refused


@pytest.mark.parametrize(("written", "told"), [("S1 ", {"padded-subjects": 1}), ("s1", {}), ("00S1", {})])
def test_a_subject_whose_key_is_written_in_two_forms_is_told(
    tmp_path: Path, written: str, told: dict[str, int]
) -> None:
    rows = rows_of(BASE)
    rows[1]["SUBJECT_ID"] = written
    (tmp_path / "x.csv").write_bytes(as_csv(rows))
    assert taken(tmp_path / "x.csv", tmp_path / "store").findings == {**told, "split-subjects": 2}
