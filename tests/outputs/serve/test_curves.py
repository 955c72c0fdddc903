"""Curves over thresholds and choices side by side have the figures of the settings that they name."""

import csv
import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from clearscale.errors import PolicyError
from clearscale.outputs.serve.curves import curves
from clearscale.outputs.serve.session import Session, open_session
from clearscale.outputs.serve.settings import THRESHOLDS, address
from clearscale.outputs.serve.site import Site
from clearscale.runs import Run
from clearscale.whatif.sweep.option_family import EVERYTHING

BELOW = 11
DISMISSED, SOME_RELIEF = 1, 5


@pytest.fixture(scope="module")
def session(large: Run) -> Session:
    return open_session(large)


@pytest.fixture(scope="module")
def shown(large: Run) -> Session:
    return open_session(large, published=True)


def asked(session: Session, path: str, **given: str) -> Any:
    reply = Site(session).respond(path, given)
    assert reply is not None
    return json.loads(reply.content)


def rows(session: Session, path: str, **given: str) -> list[list[str]]:
    reply = Site(session).respond(path, given)
    assert reply is not None
    assert reply.file.endswith("-not-for-publication.csv") != session.published
    return list(csv.reader(io.StringIO(reply.content.decode())))


@pytest.mark.parametrize("county", ["", "LOS ANGELES"])
def test_a_curve_has_the_figures_of_each_setting(session: Session, county: str) -> None:
    setting = {**address(session.own), "age": "50", "reduce": "11358", "county": county}
    found = asked(session, "curves", **setting)
    assert found["words"] == [words for words, _, _ in asked(session, "figures", **setting)["key"]]
    assert {*found["curves"]} == {*THRESHOLDS}
    for name, curve in found["curves"].items():
        assert sorted(curve["settings"]) == sorted(EVERYTHING.axes[name])
        assert curve["settings"][-1] == 0
        for place in (0, 3, -1):
            one = {**setting, name: str(curve["settings"][place])}
            assert curve["figures"][place] == [figure for _, figure, _ in asked(session, "figures", **one)["key"]]
        for figure in (DISMISSED, SOME_RELIEF):  # every step gives relief to no more
            values = [figures[figure] for figures in curve["figures"]]
            assert values == sorted(values, reverse=True)
    assert len({tuple(curve["figures"][0]) for curve in found["curves"].values()}) > 1
    written = {(row[0], row[1], row[2]): row[4] for row in rows(session, "curves.csv", **setting)[1:]}
    assert written["age", "off", found["words"][1]] == str(found["curves"]["age"]["figures"][-1][1])
    assert written["age", "40", found["words"][1]] == str(found["curves"]["age"]["figures"][0][1])


def test_two_choices_stand_beside_each_other(session: Session) -> None:
    now = {"county": "LOS ANGELES", "age": "45", "dismiss": "11358", "reduce": ""}
    kept = urlencode({"age": "0", "dismiss": "", "reduce": "11357,11359"})
    found = asked(session, "compared", **now, kept=kept)["rows"]
    before = asked(session, "figures", county="LOS ANGELES", age="0", dismiss="", reduce="11357,11359")
    after = asked(session, "figures", **now)
    for place, (_, figure, _) in enumerate(after["key"]):
        assert found[place][1:] == [before["key"][place][1], figure, figure - before["key"][place][1]]
    by_section = {row[0]: row[1:] for row in found if row[0].startswith("Dismissed: ")}
    for name, dismissed, *_ in after["listings"]["sections"]["rows"][:-1]:
        assert by_section[f"Dismissed: {name}"][1] == dismissed
    of_race = [row for row in found if row[0].startswith("People with some relief: ")]
    assert sum(row[2] for row in of_race) == after["key"][SOME_RELIEF][1]
    assert any(row[3] for row in found)
    written = rows(session, "compared.csv", **now, kept=kept)
    # What begins with a sign would be run by a spreadsheet, and is made a text.
    assert [row[:3] for row in written[2:]] == [[str(cell) for cell in row[:3]] for row in found]
    with pytest.raises(PolicyError, match="no option of this name"):
        asked(session, "compared", kept="nothing=1")


@pytest.mark.parametrize("county", ["", "LOS ANGELES"])
def test_in_groups_they_are_figures_of_groups(shown: Session, session: Session, county: str) -> None:
    """Every figure and every difference is a multiple of eleven, as all follow from one table of groups."""
    kept = urlencode({"age": "41", "years_since": "3"})
    figures = [
        *(
            value
            for curve in curves(shown, shown.own, county or None)
            for point in curve.figures
            for value in point
        ),
        *(value for row in asked(shown, "compared", county=county, kept=kept)["rows"] for value in row[1:]),
    ]
    assert all(figure % BELOW == 0 for figure in figures)
    exact = [value for curve in curves(session, session.own, county or None) for value in curve.figures[0]]
    assert any(figure % BELOW for figure in exact)
    assert not any(
        "Not for publication" in cell for row in rows(shown, "curves.csv", county=county) for cell in row
    )
    assert any("Not for publication" in cell for row in rows(session, "curves.csv", county=county) for cell in row)


def test_there_is_no_other_address(session: Session) -> None:
    site = Site(session)
    for path in ("curves.json", "curves.", "compared.csv.csv", "curve", ".csv", "figures.html"):
        assert site.respond(path, {}) is None, path
