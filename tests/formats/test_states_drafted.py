"""Files of states' shapes, read by what their drafts become, say what they say by the states' own maps."""

from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.formats import load_map
from clearscale.formats.checking import check_files
from clearscale.formats.drafts import draft
from clearscale.formats.reading import Reading
from clearscale.synth import fabricate_charges
from tests.commands.test_policy_commands import call
from tests.formats.test_strangers import POLICY
from tests.support.examples import long

SAME = (
    *("person", "case", "sequence", "birth_date", "offense_date", "arrest_date", "filing_date", "disposition_date"),
    *(
        "sentence_date",
        "sentence_end_date",
        "supervision_end_date",
        "county",
        "court",
        "amended",
        "code",
        "section",
    ),
    *("subsection", "inchoate", "description", "level", "disposition", "sex", "registered", "deceased"),
)
"""What both maps must read alike; a draft leaves classes and races in words of the file."""


def filled(meaning: str, *words: str) -> tuple[str, str]:
    """Words put into the list of a meaning that has some already, or none."""
    return f"\n{meaning} = [", f"\n{meaning} = [" + "".join(f'"{word}", ' for word in words)


EDITS: dict[str, tuple[tuple[str, str], ...]] = {
    "ny-court-dispositions": (
        filled("convicted", "FOUND GUILTY", "PG", "VERDICT GUILTY"),
        filled("dismissed", "ACD", "DECLINED PROSECUTION", "DISM", "NO TRUE BILL"),
        filled("diverted", "ACD-PENDING", "DRUG COURT"),
        filled("vacated", "CONVICTION REVERSED"),
        filled("pending", "WARRANT", "ADJOURNED"),
        filled("other", "COVERED BY", "CONSOLIDATED", "TRANSFERRED", "ABATED"),
    ),
    "mi-court-charges": (
        ("\n[charge]\n", '\n[charge]\ndescription = "PaccText"\n'),
        ("\n[amended]\n", '\n[amended]\ndescription = "AmdPaccText"\n'),
        filled("convicted", "FOUND GUILTY BY COURT", "FOUND GUILTY BY JURY", "PLEA OF NOLO CONTENDERE"),
        filled("acquitted", "FOUND NOT GUILTY"),
        filled("dismissed", "WARRANT DENIED"),
        filled("diverted", "HYTA DISCHARGED", "DEFERRED AND DISMISSED"),
        filled("pending", "BENCH WARRANT"),
        filled("other", "BOUND OVER", "TRANSFERRED", "CONSOLIDATED"),
        filled("felony", "HIGH COURT FELONY"),
        filled("misdemeanor", "HIGH COURT MISDEMEANOR"),
        filled("infraction", "CI", "CIVIL INFRACTION"),
        filled("ordinance", "ORD", "ORDINANCE"),
    ),
}
"""What a person changes in a draft: words whose meaning only the office knows, and columns that no name tells."""


def charges(path: str, stated: str) -> list[dict[str, Any]]:
    return [row for piece in Reading([path], load_map(stated)) for row in piece.charges.to_pylist()]


def drafted(folder: Path, name: str) -> tuple[str, str]:
    """(a fabricated file of a state's shape, its draft)."""
    stated = load_map(name)
    path = fabricate_charges(str(folder), stated, people=150, seed=2).path
    names = stated.columns if stated.form.header == "none" else ()
    return path, "\n".join(draft(path, show_values=True, columns=names)) + "\n"


def own_map(folder: Path, name: str, text: str) -> str:
    for old, new in EDITS[name]:
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / "own.toml").write_text(text, "utf-8")
    return str(folder / "own.toml")


@pytest.mark.parametrize("name", ["ny-court-dispositions", long("mi-court-charges")])
def test_a_state_s_file_is_read_by_a_draft_as_by_its_map(tmp_path: Path, name: str) -> None:
    path, text = drafted(tmp_path, name)
    own = own_map(tmp_path, name, text)
    assert load_map(own).document["state"] == load_map(name).document["state"]
    by_map, by_draft = charges(path, name), charges(path, own)
    for role in SAME:
        assert [row[role] for row in by_draft] == [row[role] for row in by_map], role
    assert not check_files([path], load_map(own)).refuses


@pytest.mark.long
@pytest.mark.parametrize("name", EDITS)
def test_its_figures_are_those_of_its_map(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    path, text = drafted(tmp_path, name)
    own = own_map(tmp_path, name, text)
    monkeypatch.chdir(tmp_path)
    Path("first.toml").write_text(POLICY, "utf-8")
    found = []
    for form in (name, own):
        store, run = f"store-{len(found)}", f"run-{len(found)}"
        for command in (
            f"ingest {path} --format {form} --store {store}",
            f"run --store {store} --policy first.toml --as-of 2026-07-01 --out {run}",
        ):
            code, _, err = call(capsys, *command.split())
            assert code == 0, err
        found.append(clearscale.open_charge_run(run).summary["outcomes"])
    assert found[0] == found[1]
    assert found[0]["seal"]["charges"]
