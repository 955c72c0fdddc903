"""Files in columns that nobody has seen, brought from a draft to figures as the how-to tells."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

import clearscale
from clearscale.formats import load_map
from clearscale.formats.checking import check_files
from clearscale.formats.drafts import draft
from clearscale.formats.reading import Reading
from tests.commands.test_policy_commands import call
from tests.formats.strangers import AS_OF, SHAPES, Fact, Stranger
from tests.support.examples import long

POLICY = """
id = "first"
title = "Sealed after a year"
state = "example"
scope = ["level is misdemeanor or violation"]
[groups.felony-convictions]
if = ["convicted", "level is felony"]
[[rule]]
if = ["person some felony-convictions"]
then = "not-eligible"
because = "Felony on record"
unknown = "no"
[[rule]]
if = ["disposition is dismissed or acquitted"]
wait = "1 year since disposition_date"
then = "seal"
because = "A year ago"
"""


def mapped(shape: Stranger, folder: Path) -> tuple[list[str], str, str]:
    """(the files, the map that its draft becomes by the edits, the draft)."""
    files = []
    for place, content in enumerate(shape.files):
        (folder / f"part-{place}.csv").write_bytes(content)
        files.append(str(folder / f"part-{place}.csv"))
    drafted = "\n".join(draft(files, show_values=True)) + "\n"
    text = drafted
    for old, new in shape.edits:
        # Meanings have their own table; the first is that of dispositions.
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / "mine.toml").write_text(text, "utf-8")
    return files, str(folder / "mine.toml"), drafted


@pytest.mark.parametrize("name", ["semicolons", "dispositions", *map(long, ("backslashes", "chunks"))])
def test_what_a_draft_says_after_its_doubts_were_answered_is_right(tmp_path: Path, name: str) -> None:
    shape = SHAPES[name]()
    files, stated, _ = mapped(shape, tmp_path)
    reading = Reading(files, load_map(stated))
    found = [row for piece in reading for row in piece.charges.to_pylist()]
    assert [{key: row[key] for key in fact.read()} for row, fact in zip(found, shape.facts, strict=True)] == [
        fact.read() for fact in shape.facts
    ]
    if name == "semicolons":
        assert [row["revoked"] for row in found] == [fact.revoked for fact in shape.facts]
        assert [row["sentence_end_date"] for row in found] == [fact.end for fact in shape.facts]
        assert found[0]["description"] == f"Under \u201c{shape.facts[0].section}\u201d"
    if name == "backslashes":
        assert found[0]["description"] == f'Called "{shape.facts[0].section}", so'
    assert not any(row["doubtful_date"] for row in found)
    assert reading.noticed.read == len(found) + shape.aside
    checked = check_files(files, load_map(stated))
    assert not checked.refuses
    assert {finding.name for finding in checked.findings} <= {"no-dispositions", "repeated-keys"}


def outcomes(told: list[Fact]) -> Counter[str]:
    """What the policy gives, by plain Python."""
    felons = {charge.person for charge in told if charge.level == "felony" and charge.disposition == "convicted"}
    found: Counter[str] = Counter()
    for charge in told:
        if charge.level == "felony":
            continue
        if charge.person in felons:
            found["not-eligible"] += 1
        elif charge.disposition == "none":
            found["undecided"] += 1
        elif charge.disposition in ("dismissed", "acquitted"):
            assert charge.disposed
            due = date(charge.disposed.year + 1, charge.disposed.month, min(charge.disposed.day, 28))
            found["seal" if due <= AS_OF else "not-yet"] += 1
        else:
            found["not-eligible"] += 1
    return found


@pytest.mark.parametrize("name", ["semicolons", *map(long, [*SHAPES][1:])])
def test_its_figures_are_those_of_the_truth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    shape = SHAPES[name]()
    files, stated, _ = mapped(shape, tmp_path)
    Path("first.toml").write_text(POLICY, "utf-8")
    for command in (
        f"formats check {' '.join(files)} --format {stated}",
        "policies check first.toml",
        f"ingest {' '.join(files)} --format {stated} --store store",
        f"run --store store --policy first.toml --as-of {AS_OF} --out run",
    ):
        code, _, err = call(capsys, *command.split())
        assert code == 0, err
    found = clearscale.open_charge_run("run").summary["outcomes"]
    assert {name: counts["charges"] for name, counts in found.items() if counts["charges"]} == outcomes(shape.facts)


def test_nothing_is_guessed_in_silence(tmp_path: Path) -> None:
    """Whatever is not told by a name or by texts is a doubt in the draft."""
    said = {}
    for name, make in SHAPES.items():
        (tmp_path / name).mkdir()
        _, _, text = mapped(make(), tmp_path / name)
        said[name] = re.findall(r"# doubt: ([^\n]*)", text)
    assert any("windows-1252 fits" in doubt for doubt in said["semicolons"])
    assert any(
        doubt.startswith("skip: lines above the table that are passed over: 2") for doubt in said["semicolons"]
    )
    assert any("level and class: both stand in GRD" in doubt for doubt in said["semicolons"])
    assert any('"ACQ", "GLTY", "NP", "OPN", "PTI"' in doubt for doubt in said["semicolons"])
    assert any(
        'may say two things, and say nothing yet: ["NOT GUILTY PLEA ENTERED"]' in doubt
        for doubt in said["backslashes"]
    )
    assert any("two-digit years" in doubt for doubt in said["backslashes"])
    assert any("only the first file has names" in doubt for doubt in said["chunks"])
    assert any("told by place: Desc_9, column_12" in doubt for doubt in said["chunks"])
    assert any("keys in DefNo have several birth dates" in doubt for doubt in said["dispositions"])
    assert any("CCHKey may be the key of people" in doubt for doubt in said["dispositions"])
    assert any('[rows] with column = "LastRow" and is = ["Y"]' in doubt for doubt in said["dispositions"])
    assert any("these days stand where none is known" in doubt for doubt in said["dispositions"])
