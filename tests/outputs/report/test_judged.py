"""Nothing can be known of small counts by whoever reads all pages of a publication.

`test_judged_many.py` judges 300 policies on each of three stores.
"""

from pathlib import Path

import pytest

import clearscale
from clearscale.outputs.disclosure import publication
from clearscale.whatif.sweep.option_family import EVERYTHING
from tests.support.judged import ReadReport, Stores, judged, numbers
from tests.support.published import (
    DECIDED,
    IN_COUNTY,
    MISDEMEANOR,
    REASONS,
    Reader,
    pages_of,
    parts_of,
)
from tests.support.samples import AS_OF


def test_nothing_is_found(read_report: ReadReport) -> None:
    assert Reader(read_report.shown, read_report.exact, read_report.options).findings() == []


@pytest.mark.long
def test_nothing_is_found_in_another_state(stores: Stores, tmp_path: Path) -> None:
    assert judged(stores["five"], tmp_path, numbers()[1]) == []


def test_the_judge_finds_what_is_hidden_by_sums_alone(
    stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages that were not judged give counts away: so the judge that reads them sees it."""
    monkeypatch.setattr(publication, "_judged", lambda published, below: published)
    assert judged(stores["six"], tmp_path, numbers()[0])


def test_two_tables_that_are_one_by_the_policy_hide_the_same(read_report: ReadReport) -> None:
    """What is no felony is dismissed by the policy's first rule: a section's others are a reason's convictions."""
    hidden = 0
    for page in read_report.shown.values():
        if IN_COUNTY not in page.tables or DECIDED not in page.tables:
            continue
        titles, *rows = page.tables[REASONS]
        reason = next((row for row in rows if row[1] == MISDEMEANOR), None)
        for row in page.tables[IN_COUNTY][1:-1]:
            other = reason[titles.index(row[0][:5])] if reason else "0"
            assert row[2] == other
            hidden += other == "hidden"
    assert hidden


@pytest.mark.long
def test_small_groups_are_counted_with_a_neighbor(stores: Stores, tmp_path: Path) -> None:
    """A few of unknown sex do not hide how many women there are."""
    run = clearscale.run(str(stores["five"]), EVERYTHING.at(numbers()[0]).options(), AS_OF, str(tmp_path / "run"))
    together, pages = 0, pages_of(run, 11)
    for name, exact in pages_of(run, None).items():
        page = pages[name]
        counted = {row[0]: int(row[1].replace(",", "")) for row in exact.tables["People by sex"][1:-1]}
        for row in page.tables.get("People by sex", [[""]])[1:-1]:
            parts = parts_of(row[0])
            number = sum(counted[part] for part in parts if part in counted)
            assert number > 10 or len(parts) == 1
            together += len(parts) > 1
            if row[0] == "Female":
                assert row[1] == f"{number:,}"
    assert together
    assert "Counted together: Male and " in pages["Los Angeles"].text
