"""Texts of shifted records and of comments stand in no figure: a name may stand where a county should be."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import clearscale
from clearscale.law import state
from clearscale.law.counties import OTHER_COUNTY
from clearscale.law.offense_texts import OTHER_SECTION, Offenses
from clearscale.policy.outcomes import reason_for_figures
from tests.support.samples import AS_OF, conviction, ingest, put, rendered

NAMES = ("ZZYZX", "QQJUV", "XKCDQ", "VWXYZ")
POLICY = """
id = "test-sections"
title = "Sections"
charges = "prop64-and-related"
[[rule]]
if = ["felony"]
then = "dismiss"
because = "Dismiss {code_section} now"
[[rule]]
if = []
then = "maybe"
because = "Look at {code_section}"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with such records, and two runs on it."""
    folder = tmp_path_factory.mktemp("texts")
    comment = {"OFFENSE_DESCR": "SEE COMMENT FOR CHARGE"}
    rows = [
        conviction("1", "ALAMEDA", GENDER="M", RACE_DESCR="BLACK"),
        conviction("2", "ALAMEDA", GENDER="ZZYZX", RACE_DESCR="QQJUV"),
        conviction("3", "XKCDQ", GENDER="F", RACE_DESCR="WHITE"),
        conviction("4", "ALAMEDA", **comment, COMMENT_TEXT="VWXYZ SOLD 11359 HS-TO QQJUV"),
        conviction("5", "ALAMEDA", OFFENSE_DESCR="182(A)(1) PC/11359 HS-CONSPIRACY"),
    ]
    ingest(put(folder, "a.csv", rendered(rows)), folder / "store", county="ALAMEDA")
    (folder / "policy.toml").write_text(POLICY, "utf-8")
    for name, policy in (("one", folder / "policy.toml"), ("two", "ca-dismiss-all")):
        clearscale.run(folder / "store", policy, AS_OF, folder / name)
    return folder


def clean(content: bytes) -> bool:
    assert [name for name in NAMES if name.encode() in content] == []
    return bool(content)


def test_tables_of_a_run(folder: Path, tmp_path: Path) -> None:
    run = clearscale.open_run(folder / "one")
    convictions = run.table("convictions").to_pylist()
    assert sum(row["convictions"] for row in convictions) == 4
    assert {row["county"] for row in convictions} == {"ALAMEDA", OTHER_COUNTY}
    assert {row["sex"] for row in convictions} == {"M", "F", "UNKNOWN"}
    reasons = {row["reason"] for row in convictions}
    assert f"Dismiss {OTHER_SECTION} now" in reasons
    assert "Dismiss 182(A)(1) PC/11359 HS now" in reasons
    keys = [tuple(row[name] for name in row if not name.startswith("convictions")) for row in convictions]
    assert len(keys) == len(set(keys))
    clearscale.tables(run, tmp_path)
    for path in [*tmp_path.iterdir(), *(folder / "one" / "tables").iterdir(), folder / "one" / "run.json"]:
        content = repr(pq.read_table(path).to_pylist()).encode() if path.suffix == ".parquet" else path.read_bytes()
        assert clean(content), path


def test_decisions_have_what_the_record_has(folder: Path) -> None:
    decided = clearscale.open_run(folder / "one").decisions().to_pylist()
    assert "XKCDQ" in {row["county"] for row in decided}
    assert "Dismiss VWXYZ SOLD 11359 HS now" in {row["reason"] for row in decided}


def test_a_diff_counts_without_them(folder: Path, tmp_path: Path) -> None:
    found = clearscale.diff(folder / "one", folder / "two", out=tmp_path)
    assert clean(json.dumps([found.pairs(), found.info, found.by("county"), found.changes.to_pylist()]).encode())
    assert clean((tmp_path / "changes.csv").read_bytes())
    assert sum(found.by("county")[OTHER_COUNTY].values()) == 0  # no county's own
    assert b"VWXYZ" in (tmp_path / "records.csv").read_bytes()


def test_a_report_has_none(folder: Path, tmp_path: Path) -> None:
    paths = clearscale.report(folder / "one", tmp_path, suppress_below=None, all_counties=True)
    for path in paths:
        assert path.endswith(".pdf") or clean(Path(path).read_bytes())


@pytest.mark.parametrize(
    "text",
    [
        "11357",
        "11357(A) HS",
        "11360(A)(1)",
        "182(A)(1) PC/11359 HS",
        "664/11359 HS",
        "11357A HS",
        "11358/11357(C) HS",
    ],
)
def test_what_looks_like_a_code_section(text: str) -> None:
    assert Offenses([f" {text} ".encode()]).for_figures.shown == [text]
    assert state().format.looks_like_section(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "DOE PAT 11359",
        "11359 HS DOE",
        "11359 770047700",
        "SELL 11359 HS",
        "11359\x1b[2J",
        "11359 " * 9,
        "11359 HSX",
    ],
)
def test_what_does_not(text: str) -> None:
    assert Offenses([text.encode()]).for_figures.shown == [OTHER_SECTION]


def test_reasons_with_several_code_sections() -> None:
    forms = ["{code_section}, that is {code_section} (a.b)"]
    assert reason_for_figures("DOE, that is DOE (a.b)", forms) == f"{OTHER_SECTION}, that is {OTHER_SECTION} (a.b)"
    for reason in ("11359 HS, that is 11359 HS (a.b)", "DOE, that is PAT (a.b)", "DOE, that is DOE (aXb)", ""):
        assert reason_for_figures(reason, forms) == reason
