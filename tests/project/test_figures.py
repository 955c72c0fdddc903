"""Figures beside what was published: counted as a truth table says, and written down for every pack."""

import csv
import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from clearscale.law.published import PackFigures, published
from clearscale.relief.packs import names, pack

SOURCE = Path(__file__).parents[2] / "docs/policies/figures.py"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SOURCE))


def test_every_pack_has_figures_that_are_written_down(script: dict[str, Any]) -> None:
    written = json.loads(script["FILE"].read_text("utf-8"))
    assert set(published()) == set(names()) == set(written["packs"])
    for name, stated in published().items():
        found = written["packs"][name]
        assert found["people"] == stated.people, f"run python {SOURCE.name} in docs/policies"
        assert [*found["found"]] == [str(place) for place in range(len(stated.figures))]
        for figure, counts in zip(stated.figures, found["found"].values(), strict=True):
            assert len(counts) == bool(figure.found) + bool(figure.among), figure.what
            assert len(counts) < 2 or figure.unit != figure.of_unit or counts[0] <= counts[1], figure.what
        reasons = {rule.reason for rule in pack(name).policy().rules}
        assert {reason for figure in stated.figures for reason in figure.found.get("reasons", ())} <= reasons


def test_a_key_that_there_is_not_is_refused() -> None:
    figure = {"what": "people", "unit": "people", "found": {"outcome": ["seal"]}}
    stated = {"format": "generic-charges", "people": 1, "as_of": None, "note": "", "figure": [figure]}
    with pytest.raises(ValueError, match="'people' has outcome, which is unknown"):
        PackFigures.read(stated)
    with pytest.raises(ValueError, match="has heads, which is unknown"):
        PackFigures.read({**stated, "figure": [{"what": "people", "unit": "heads"}]})


@pytest.mark.long
def test_counts_are_those_of_the_truth_table(script: dict[str, Any], tmp_path: Path) -> None:
    """New Jersey's cases and New York's charges, counted by hand from what the files were made of."""
    sizes = dict.fromkeys(
        ("il-cook-clerk", "mi-court-charges", "ny-court-dispositions", "nj-court-complaints"), 900
    )
    found = script["figures"](sizes | {"ca-doj": 40})["packs"]
    truth = {}
    for form in ("ny-court-dispositions", "nj-court-complaints"):
        [*script["fabricated"](form, 900, tmp_path / form)]
        with (tmp_path / form / "truth.csv").open(encoding="utf-8", newline="") as rows:
            truth[form] = [*csv.DictReader(rows)]
    jersey = truth["nj-court-complaints"]
    cases = {row["case"] for row in jersey if row["outcome"] == "expunged"}
    assert found["nj-2c-52-6-1"]["found"]["0"] == [
        len(cases),
        len({row["case"] for row in jersey if row["outcome"]}),
    ]
    york = [row for row in truth["ny-court-dispositions"] if row["outcome"] == "expunged"]
    plain = [row["section"] for row in york if not row["inchoate"] and row["section"] in ("221.05", "221.10")]
    assert found["ny-mrta-2021"]["found"]["0"] == [plain.count("221.05"), len(plain)]
    assert found["ny-mrta-2021"]["found"]["3"] == [len(york)]
    people = {row["person"] for row in york}
    others = {row["person"] for row in truth["ny-court-dispositions"] if row["outcome"] != "expunged"}
    assert found["ny-mrta-2021"]["found"]["2"] == [len(people & others), len(people)]
    assert all(counts[0] > 0 for policy in found.values() for counts in policy["found"].values() if counts)
