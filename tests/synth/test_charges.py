"""Fabricated files of charges are what their truth table says, in any form, and near what was published."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from clearscale.errors import ClearscaleError
from clearscale.formats import ColumnMap, load_map
from clearscale.formats.checking import check_files
from clearscale.formats.reading import Reading
from clearscale.synth import fabricate_charges
from tests.formats.made import formed

OTHERS = ("ny-court-dispositions", "mi-court-charges", "nj-court-complaints")
COOK, GENERIC = load_map("il-cook-clerk"), load_map("generic-charges")
SAME = ("case", "sequence", "inchoate", "disposition")
NULL = ("code", "section", "subsection", "level", "class")
YES_NO = ("revoked", "registered", "deceased")
ENDS = ("sentence_end_date", "supervision_end_date")
DAYS = (*ENDS, "birth_date", "arrest_date", "filing_date", "disposition_date")


def made(
    folder: Path, stated: ColumnMap, people: int, seed: int = 1
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """(charges as they are read, the truth) of a fabricated file."""
    file = fabricate_charges(str(folder), stated, people=people, seed=seed)
    pieces = list(Reading([file.path], stated))
    assert sum(piece.aside.num_rows for piece in pieces) == 0
    charges = [row for piece in pieces for row in piece.charges.to_pylist()]
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as truth:
        return charges, list(csv.DictReader(truth))


@pytest.mark.parametrize(
    "stated",
    [
        COOK,
        GENERIC,
        *(load_map(name) for name in OTHERS),
        formed(COOK, separator="|", header="none"),
        formed(COOK, separator="\u2021", quote=""),
        formed(GENERIC, separator="\t", encoding="iso-8859-1"),
    ],
    ids=["cook", "generic", *OTHERS, "positions", "several bytes", "tabs"],
)
def test_what_is_read_is_what_was_drawn(tmp_path: Path, stated: ColumnMap) -> None:
    charges, truth = made(tmp_path, stated, 120)
    assert len(charges) == len(truth) > 200
    for charge, true in zip(charges, truth, strict=True):
        assert str(charge["line"]) == true["line"]
        assert charge["person"] == true["key"]
        assert str(charge["amended"]).lower() == true["amended"]
        assert [charge[name] for name in SAME] == [true[name] for name in SAME]
        assert [charge[name] or "" for name in NULL] == [true[name] for name in NULL]
        told = [name for name in DAYS if name in stated.charge]
        assert [str(charge[name] or "") for name in told] == [true[name] for name in told]
        said = {"true": True, "false": False, "": None}
        told = [name for name in YES_NO if name in stated.charge]
        assert [charge[name] for name in told] == [said[true[name]] for name in told]
        if "column" in stated.county and stated.places is not None:
            place = stated.places.county(charge["county"])
            assert place is not None
            assert place.court is not None
            assert charge["court"] == place.court.name
        assert (charge["grams_above"] is not None) == (true["grams_told"] == "true")
        if charge["grams_above"] is not None:
            assert charge["grams_above"] < float(true["grams"]) <= charge["grams_to"]


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    names = ("il-cook-clerk.csv", "truth.csv", "truth.json")
    for folder, seed in (("a", 3), ("b", 3), ("c", 4)):
        fabricate_charges(str(tmp_path / folder), COOK, people=40, seed=seed)
    files = [[(tmp_path / folder / name).read_bytes() for name in names] for folder in "abc"]
    assert files[0] == files[1]
    assert files[0][:2] != files[2][:2]


def test_proportions_are_near_what_was_published(tmp_path: Path) -> None:
    _, truth = made(tmp_path, COOK, 2500)
    main = [row for row in truth if row["sequence"] == "001"]
    counts = json.loads((tmp_path / "truth.json").read_text("utf-8"))
    assert counts["cases"] == len(main)
    assert counts["rows"] == len(truth)
    assert len(main) / 2500 == pytest.approx(572 / 394, rel=0.05)  # cases a person
    without = [row for row in main if row["disposition"] in ("none", "pending", "other")]
    assert len(without) / len(main) == pytest.approx(174 / 865, rel=0.1)
    convicted = [row for row in main if row["disposition"] == "convicted"]
    assert len(convicted) / len(main) == pytest.approx(119 / 865, rel=0.12)
    untold = [row for row in convicted if row["grams_told"] == "false"]
    assert len(untold) / len(convicted) == pytest.approx(588 / 15_779, abs=0.02)
    assert {row["outcome"] for row in truth} == {
        *("", "undecided", "pardon list", "motion", "hand review", "not eligible"),
        *("expunged by 2021", "expunged by 2023", "expunged by 2025"),
    }
    assert {row["inchoate"] for row in main} == {"", "attempt"}


def test_a_fabricated_file_has_only_the_doubts_that_were_put_in(tmp_path: Path) -> None:
    file = fabricate_charges(str(tmp_path), COOK, people=600, seed=2)
    found = check_files([file.path], COOK)
    assert not found.refuses
    assert {finding.name for finding in found.findings} <= {
        "unknown-statutes",
        "unknown-amounts",
        "no-dispositions",
    }


def test_one_text_for_level_and_class_says_both(tmp_path: Path) -> None:
    stated = load_map(OTHERS[0])
    assert stated.charge["level"] == stated.charge["class"]
    charges, _ = made(tmp_path, stated, 150, seed=3)
    levels = {(charge["class"], charge["level"]) for charge in charges}
    # A class B is of a felony and of a misdemeanor.
    assert {("B", "felony"), ("B", "misdemeanor"), ("A", "misdemeanor"), ("V", "violation")} <= levels
    assert ("E", "misdemeanor") not in levels


def test_the_state_s_extract_is_made_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(ClearscaleError, match="without format_name"):
        fabricate_charges(str(tmp_path), load_map("ca-doj"), people=3, seed=1)
