"""What no rule can know: decided as before, and told at ingest, as facts, as flags on decisions, and by county."""

import json
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.law import state
from tests.support import reference
from tests.support.damaged import BASE, CASES, POLICY, Row, as_csv, rows_of, taken
from tests.support.samples import AS_OF_DATE

from .test_form_in_gogen import decided

AS_OF = AS_OF_DATE.isoformat()


def decisions_of(run: clearscale.Run) -> list[dict[str, Any]]:
    """The decisions on the run's only extract."""
    (extract,) = run.info["decisions"]
    return list(run.decisions(extract).to_pylist())


def flags(store: Path, out: Path) -> dict[int, str]:
    """The flags of each decision, by row."""
    run = clearscale.run(store, POLICY, AS_OF, out)
    return {row["row"]: row["flags"] for row in decisions_of(run)}


def stored(tmp_path: Path, case: str) -> tuple[dict[str, int], dict[int, str]]:
    outcome = taken(CASES / case / "x.csv", tmp_path / "store", county="ALAMEDA")
    assert outcome.refused is None
    return dict(outcome.findings), flags(tmp_path / "store", tmp_path / "run")


def test_court_actions_without_disposition_other_offenses_and_what_was_cleared(tmp_path: Path) -> None:
    findings, flagged = stored(tmp_path, "no-disposition")
    assert findings["prop64-without-disposition"] == 1
    assert findings["another-offense-charged"] == 2  # one of them charged with burglary, so it is no candidate
    assert flagged[8] == "another-offense-charged"
    assert {row for row, text in flagged.items() if text == "cleared-earlier"} == {9, 10, 12, 14}
    assert 0 not in flagged
    assert 7 not in flagged


def test_charges_that_nearly_match_are_listed(tmp_path: Path) -> None:
    refused = taken(CASES / "sections" / "x.csv", tmp_path / "store", county="ALAMEDA")
    assert refused.findings["near-prop64"] == 11
    entry = clearscale.open_store(tmp_path / "store").manifest.extracts[0]
    (near,) = (finding for finding in entry.findings if finding.name == "near-prop64")
    # The most frequent first.
    assert near.detail.split(", ")[:4] == ["11359", "11 357", "11530 HS-POSS", "11530.1 HS-CULTIVATE"]


def test_what_was_found_is_told_where_the_county_is_asked_for(tmp_path: Path) -> None:
    for case, finding in (
        ("sections", "near-prop64: 11 of 34"),
        ("no-disposition", "prop64-without-disposition: 1"),
    ):
        refused = taken(CASES / case / "x.csv", tmp_path / "store").refused
        assert refused is not None
        assert "name it with --county" in refused
        assert f"x.csv: {finding}" in refused


def test_gogen_run_says_it_on_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its files stay those of gogen, which knew nothing of it."""
    for case, words in (
        ("sections", ["11 of 34 records are convictions of what nearly names a Prop 64 section: 11359, 11 357"]),
        (
            "no-disposition",
            [
                "1 of 16 records are court actions on a Prop 64 charge without a DISP_DESCR (line 2)",
                "2 of 16 records are convictions of another offense than charged",
                "4 of the county's convictions were vacated, dismissed, or cleared by an earlier proceeding",
            ],
        ),
    ):
        extract = CASES / case / "x.csv"
        assert decided(extract, tmp_path / case) == 0
        said = capsys.readouterr().err
        for word in words:
            assert f"warning: {extract}: {word}" in said
        wanted = reference.run(extract.read_bytes(), "ALAMEDA", json.loads(POLICY.read_text()), AS_OF_DATE)
        assert (tmp_path / case / "All_Results.csv").read_bytes() == wanted.all_results


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b"664-11360(A) HS-ATT SELL", b"664-11360(A)"),
        (b"HS-11357(A) POSSESS", b"HS-11357(A)"),
        (b"MARIJUANA-11359 HS", b"MARIJUANA-11359"),
        (b"11 357 HS-POSSESS", b"11 357"),
        (b"I1357 HS-OCR", b"I1357"),
        (b"11530 HS-POSS MARIJUANA", b"11530 HS-POSS"),
        (b"11530.1 HS-CULTIVATE", b"11530.1 HS-CULTIVATE"),
        (b"11531 HS-SELL MARIJUANA", b"11531 HS-SELL"),
        (b"11362.3 HS-X", b""),
        (b"11500 HS-NARC", b""),
        (b"23222(B) VC-POSS MJ IN VEH", b""),
        (b"459 PC-BURGLARY 113570", b""),
        (b"1.11357 PC", b""),
        (b"11530 PC-X", b""),
    ],
)
def test_what_nearly_names_a_section(text: bytes, word: bytes) -> None:
    assert state().charges.near(text) == word
    assert state().charges.near_as_told(text).encode() == word


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"SOLD BY DOE-11360(A) HS", "...11360(A)"),
        (b"19770313-11359", "...11359"),
        (b"A77002-11359/770-04-7700", "...11359..."),
        (b"11530 HS-DOE,PAT", "11530 HS..."),
        (b"11530 (DOEPAT) HS-POSS", "11530 (...) HS-POSS"),
        (b"11530 HS-\xd1\xff", "11530 HS..."),
        (b"664-11360(DOE) HS", "664-11360(DOE)"),
    ],
)
def test_of_words_around_it_those_of_charges_are_told(text: bytes, told: str) -> None:
    """A comment is free text, and a shifted record has a name anywhere."""
    assert state().charges.near_as_told(text) == told


def changed(row: int, **values: str) -> list[Row]:
    rows = rows_of(BASE)
    rows[row].update(values)
    return rows


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (changed(3, STP_EVENT_DATE="18991231"), {3: "implausible-date"}),
        (changed(3, PRI_DOB="18500101"), {3: "implausible-date"}),
        (changed(3, PRI_DOB="19990101"), {3: "implausible-date"}),
        (changed(3, STP_EVENT_DATE="20200702"), {3: "implausible-date"}),
        (changed(3, STP_EVENT_DATE="20200701"), {}),
        (changed(3, DISP_DESCR="CONVICTED-VACATED"), {3: "cleared-earlier"}),
        (changed(3, CONV_OFFENSE_DESCR="11358 HS-CULTIVATE"), {}),
        (changed(3, CONV_OFFENSE_DESCR="11358 HS -OTHER WORDS"), {}),
        (changed(3, CONV_OFFENSE_DESCR="148 PC-OBSTRUCT"), {3: "another-offense-charged"}),
        (changed(3, DISP_OFFENSE_DESCR="11357(A) HS-POSSESS"), {3: "another-offense-charged"}),
        (changed(2, OFFENSE_DESCR="HS-11359"), {0: "unclear-record", 1: "unclear-record"}),
        (changed(5, DISP_DESCR=""), {4: "unclear-record"}),
    ],
)
def test_flags_stand_on_the_decisions_that_the_doubt_concerns(
    tmp_path: Path, rows: list[Row], expected: dict[int, str]
) -> None:
    (tmp_path / "x.csv").write_bytes(as_csv(rows))
    every = tuple(state().findings.listed)
    assert taken(tmp_path / "x.csv", tmp_path / "store", accept=every, county="ALAMEDA").refused is None
    found = flags(tmp_path / "store", tmp_path / "run")
    assert {row: text for row, text in found.items() if text} == expected


def test_policies_may_ask_and_a_table_counts_by_county(tmp_path: Path) -> None:
    rows = changed(5, DISP_DESCR="")
    rows[3]["DISP_DESCR"] = "CONVICTED-VACATED"
    (tmp_path / "x.csv").write_bytes(as_csv(rows))
    taken(tmp_path / "x.csv", tmp_path / "store", county="ALAMEDA")
    policy = tmp_path / "policy.toml"
    policy.write_text(
        'id = "asks"\ntitle = "Asks"\n'
        '[[rule]]\nif = ["cleared_earlier"]\nthen = "hand-review"\nbecause = "Cleared earlier"\n'
        '[[rule]]\nif = ["undecided_prop64"]\nthen = "hand-review"\nbecause = "Undecided"\n'
        '[[rule]]\nif = []\nthen = "dismiss"\nbecause = "Others"\n'
    )
    run = clearscale.run(tmp_path / "store", policy, AS_OF, tmp_path / "run")
    reasons = {row["row"]: row["reason"] for row in decisions_of(run)}
    assert reasons == {0: "Others", 1: "Others", 3: "Cleared earlier", 4: "Undecided", 6: "Others"}
    counted = {
        (row["scope"], row["county"], row["flag"]): row["convictions"] for row in run.table("flags").to_pylist()
    }
    assert counted == {
        ("county", "ALAMEDA", ""): 5,
        ("county", "ALAMEDA", "cleared-earlier"): 1,
        ("county", "ALAMEDA", "unclear-record"): 1,
        ("state", "", ""): 5,
        ("state", "", "cleared-earlier"): 1,
        ("state", "", "unclear-record"): 1,
    }
