"""A report and the page of a sweep that are published together: nothing can be known of small counts."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import clearscale
from clearscale.commands.main import main
from clearscale.errors import RunError
from clearscale.outputs.report import charts, maps, sweeps, writing
from clearscale.whatif.sweep import Sweep
from clearscale.whatif.sweep import lines as sweep_lines
from clearscale.whatif.sweep.option_family import EVERYTHING
from clearscale.whatif.sweep.page import chart
from tests.support.examples import at_length
from tests.support.judged import ReadReport, Stores, numbers
from tests.support.published_beside import ReaderOfBoth
from tests.support.reading_pages import Read, read, titles_only
from tests.support.samples import AS_OF

SWEPT: dict[str, tuple[str, list[Any]]] = {
    "age": ("subjectAgeThreshold", [0, 40, 45, 50, 55, 57, 60]),
    "years_since": ("yearsSinceConvictionThreshold", [0, 2, 5, 10, 15]),
    "years_crime_free": ("yearsCrimeFreeThreshold", [0, 1, 5, 8, 12]),
    "dismiss": ("dismiss", [[], ["11357"], ["11359"], ["11357", "11359"], ["11358"], ["11358", "11359"]]),
}


@pytest.fixture(autouse=True)
def _without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_lines, "draw", titles_only)


def parsed(text: str) -> Read:
    page = Read()
    page.feed(text)
    page.check()
    return page


def findings(report: ReadReport, swept: Sweep, text: str, base: dict[str, Any], name: str) -> list[Any]:
    """What somebody finds who reads the report and a page of the sweep, which varies a setting of the base."""
    published = sweeps.PublishedSweep(swept, 0)
    every = {figure: np.ones(len(values), np.bool_) for figure, values in published.statewide.items()}
    exact = parsed(chart(published.charted, published.statewide, every))
    key, settings = SWEPT[name]
    part = "baselineEligibility" if name == "dismiss" else "additionalRelief"
    policies = [{**base, part: {**base[part], key: setting}} for setting in settings]
    both = ReaderOfBoth(report.shown, report.exact, report.options, parsed(text), exact, policies)
    return both.findings()


def swept_from(store: Path, base: dict[str, Any], name: str, out: Path) -> tuple[Sweep, str]:
    """A sweep, and its own page."""
    settings = SWEPT[name][1]
    if name == "dismiss":
        settings = ["+".join(sections) or "none" for sections in settings]
    made = clearscale.sweep(str(store), base, AS_OF, {name: settings}, str(out))
    return made, (out / "chart.html").read_text("utf-8")


@pytest.mark.long
def test_what_a_report_and_a_sweep_give_away_is_hidden(
    read_report: ReadReport, stores: Stores, tmp_path: Path
) -> None:
    """Each gives nothing away by itself. Both do together, until the sweep's page is judged with the report."""
    swept, alone = swept_from(stores["six"], read_report.options, "years_since", tmp_path / "sweep")
    assert findings(read_report, swept, alone, read_report.options, "years_since")
    [together] = sweeps.pages(read_report.source, [swept])
    assert findings(read_report, swept, together, read_report.options, "years_since") == []
    assert alone.count(">hidden<") < together.count(">hidden<") < together.count("<td>")


def drawn(numbers_of: Sequence[int]) -> list[tuple[int, int, str]]:
    """Policies of reports, each with that of a sweep, the same or another, and what the sweep varies."""
    chance = random.Random(7)
    return [
        (number, chance.choice([number, chance.randrange(EVERYTHING.size)]), chance.choice([*SWEPT]))
        for number in numbers_of
    ]


@pytest.mark.long
@pytest.mark.parametrize("store", ["six", "five", "small"])
@pytest.mark.parametrize(("number", "base", "name"), at_length(drawn(numbers()[1:13])))
def test_nothing_is_found_under_many_policies(
    store: str, number: int, base: int, name: str, stores: Stores, tmp_path: Path
) -> None:
    report = ReadReport.of(stores[store], tmp_path, EVERYTHING.at(number).options())
    options = EVERYTHING.at(base).options()
    swept, _ = swept_from(stores[store], options, name, tmp_path / "sweep")
    [together] = sweeps.pages(report.source, [swept])
    assert findings(report, swept, together, options, name) == []


def test_sweeps_of_other_records_and_policies_of_other_kinds_are_refused(
    read_report: ReadReport, stores: Stores, tmp_path: Path
) -> None:
    store = str(stores["six"])
    later = clearscale.sweep(store, read_report.options, "2020-07-02", {"age": [0, 50]}, str(tmp_path / "later"))
    with pytest.raises(RunError, match="is of as-of date 2020-07-02, and the run of 2020-07-01"):
        sweeps.pages(read_report.source, [later])
    packs = {"policy": ["ca-dismiss-all", "ca-dismiss-all-and-related"]}
    related = clearscale.sweep(store, "ca-dismiss-all", AS_OF, packs, str(tmp_path / "related"))
    with pytest.raises(RunError, match="related charges cannot be judged with a sweep"):
        sweeps.pages(read_report.source, [related])


def test_the_page_lies_beside_those_of_the_report(
    read_report: ReadReport, stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "pdf", lambda page: b"")
    for drawing in (charts, maps):
        monkeypatch.setattr(drawing, "draw", titles_only)
    swept_from(stores["six"], read_report.options, "age", tmp_path / "sweep")
    made = str(tmp_path / "sweep")
    words = ["report", "--run", read_report.run.folder.url, "--out", str(tmp_path / "out"), "--no-suppress"]
    with pytest.raises(SystemExit) as ended:
        main([*words, "--with-sweep", made, "--with-sweep", made, "--quiet"])
    assert ended.value.code == 0
    names = {"index.html", "statewide.html", "statewide.pdf", "sweep.html", "sweep-2.html"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    index = (tmp_path / "out/index.html").read_text("utf-8")
    for name in ("sweep", "sweep-2"):
        assert f'<a href="{name}.html">What if: age</a>' in index
    page = read(tmp_path / "out/sweep.html")
    page.check()
    assert "Not for publication" in page.text
    [table] = page.tables.values()
    assert [row[0] for row in table[1:]] == ["0", "40", "45", "50", "55", "57", "60"]
    assert "hidden" not in {text for row in table for text in row}
