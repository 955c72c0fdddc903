"""Figures of any policy over charges at a setting are those of a run with it, and of its report, everywhere."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.errors import PolicyError, RunError
from clearscale.formats import load_map
from clearscale.outputs.disclosure.charges import STATE
from clearscale.outputs.report import charts
from clearscale.outputs.report.charges.counting import NO_COUNTY, NO_COURT
from clearscale.outputs.report.charges.page import page
from clearscale.outputs.report.charges.view import Place, ReportedRun, View
from clearscale.outputs.report.model import Chart, KeyFigures, Table
from clearscale.outputs.serve.charges.answers import answer
from clearscale.outputs.serve.charges.choices import DatedSetting, saved
from clearscale.outputs.serve.charges.keys import figures_at
from clearscale.outputs.serve.charges.session import ChargeSession, open_charge_session
from clearscale.outputs.serve.charges.site import ChargeSite
from clearscale.outputs.serve.choosing import RUN
from clearscale.outputs.serve.pages import RunPages
from clearscale.relief import OUTCOMES
from clearscale.runs.charges import ChargeRun
from clearscale.synth import fabricate, fabricate_charges
from tests.support.examples import long
from tests.support.many_courts import POLICY
from tests.support.samples import AS_OF, OPTIONS

FORMATS = {
    "michigan": ("mi-court-charges", "mi-clean-slate-2021", "2024-06-30"),
    "new-york": ("ny-court-dispositions", "ny-cpl-160-57", "2026-01-01"),
    "new-jersey": ("nj-court-complaints", "nj-2c-52-6-1", "2025-01-01"),
}
PARAMETERS = """[parameters]
# How long.
years = { default = 3, min = 0, max = 40, meaning = "years [since] it" }

[parameters.vacates]
default = true

[lists.small]"""
VACATES = '[[rule]]\nif = ["convicted", "statute in small"]'
MOVED = (
    POLICY.replace("test-courts", "test-moved")
    .replace("3 years since", "{years} years since")
    .replace("[lists.small]", PARAMETERS)
    .replace(VACATES, f'{VACATES}\nwhen = ["{{vacates}}"]')
)
"""The policy of many courts, with parameters in both forms."""

SETTINGS: dict[str, tuple[str, dict[str, str]]] = {
    "cook-own": ("cook", {}),
    "cook-limit": ("cook", {"p.limit": "9", "p.last": "2015-06-01"}),
    "cook-later": ("cook", {"p.effective": "2021-01-01", "as_of": "2023-02-28"}),
    "courts-own": ("courts", {}),
    "courts-moved": ("courts", {"policy": "moved.toml", "p.years": "12", "p.vacates": "false"}),
    "courts-pack": ("courts", {"policy": "il-minor-cannabis-2020", "p.limit": "100", "as_of": "2021-03-04"}),
    "michigan": ("michigan", {"p.misdemeanor_years": "3", "p.felonies": "0", "p.misdemeanors": "1"}),
    "new-york": ("new-york", {"p.felony_years": "20", "p.effective": "2020-01-01"}),
    "new-york-other": ("new-york", {"policy": "ny-mrta-2021", "as_of": "2022-05-05"}),
    "new-jersey": ("new-jersey", {"p.as_ordered": "true"}),
    "california": (
        "california",
        {"p.felony_years": "7", "p.misdemeanor_years": "0", "p.felonies_since": "1985-01-01"},
    ),
    "california-other": ("california", {"policy": "ca-851-93"}),
}
AT_LENGTH = ("new-york-other", "new-jersey", "california", "california-other")


def _run(folder: Path, name: str, cook: Path, many_courts: Path) -> ChargeRun:
    if name in ("cook", "courts"):
        return clearscale.open_charge_run((cook if name == "cook" else many_courts) / "run")
    if name == "california":
        made = fabricate(str(folder / "extracts"), counties=4, people=80, seed=11)
        clearscale.ingest([extract.path for extract in made], folder / "of-extracts", cluster="threads:1")
        clearscale.ingest_charges(folder / "of-extracts", folder / "store", "ca-doj", cluster="threads:1")
        return clearscale.run_charges(
            folder / "store", "ca-1203-425", "2025-01-01", folder / "run", cluster="threads:1"
        )
    form, pack, as_of = FORMATS[name]
    file = fabricate_charges(str(folder / "in"), load_map(form), people=200, seed=3)
    clearscale.ingest_charges(file.path, folder / "store", form, cluster="threads:1", buckets=3)
    return clearscale.run_charges(folder / "store", pack, as_of, folder / "run", cluster="threads:1")


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("policies") / "moved.toml"
    path.write_text(MOVED, "utf-8")
    return path


@pytest.fixture(scope="module")
def opened(
    cook: Path, many_courts: Path, moved: Path, tmp_path_factory: pytest.TempPathFactory
) -> "dict[str, ChargeSession]":
    """Sessions by name, each opened when it is first asked for."""

    class Opened(dict[str, ChargeSession]):
        def __missing__(self, name: str) -> ChargeSession:
            run = _run(tmp_path_factory.mktemp(name), name, cook, many_courts)
            self[name] = open_charge_session(run, [str(moved)] if name == "courts" else [])
            return self[name]

    return Opened()


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts take longest, and say what the tables beside them do."""
    monkeypatch.setattr(charts, "stacked", lambda *_: "<svg></svg>")


def decided(session: ChargeSession, chosen: DatedSetting, out: Path) -> ChargeRun:
    """A run of its own, made with the setting."""
    store = session.run.info["store"]
    return clearscale.run_charges(store, chosen.policy, chosen.as_of, out, cluster="threads:1")


def places(session: ChargeSession) -> list[Place]:
    return [STATE, *session.counties, *session.courts]


@pytest.mark.parametrize("name", [long(name) if name in AT_LENGTH else name for name in SETTINGS])
def test_a_setting_counts_what_a_run_counts(name: str, opened: dict[str, ChargeSession], tmp_path: Path) -> None:
    store, given = SETTINGS[name]
    session = opened[store]
    chosen = session.choices.read(given)
    run = decided(session, chosen, tmp_path / "run")
    source = ReportedRun(run, None)
    assert {*source.counties} - {NO_COUNTY} <= {*session.counties}
    named = {place for place in source.courts if NO_COUNTY not in place and NO_COURT not in place}
    assert named <= {*session.courts}
    for place in places(session):
        found = answer(session, chosen, place)
        _is_the_page_of(found, View(source, place))
        _is_what_the_crosstab_says(dict(_by_outcome(found)), run, place)


def _is_the_page_of(found: Any, view: View) -> None:
    """Every figure of the report's page stands on the answer, and no other."""
    wanted = page(view, footer="", warning="", note="", command="", version="")
    assert found.lead == wanted.lead
    blocks = [block for section in wanted.sections for block in section.blocks]
    told = [item for block in blocks if isinstance(block, KeyFigures) for item in block.items]
    counted = {words: value for words, value, _ in found.key}
    assert {words: f"{counted[words]:,}" for _, words, _ in told} == {words: value for value, words, _ in told}
    tables = {
        table.caption: [*table.rows]
        for block in blocks
        if isinstance(table := block.table if isinstance(block, Chart) else block, Table) and len(table.numbers)
        if not table.caption.startswith("Rules")
    }
    listed = {listing.caption: [_texts(row) for row in listing.rows] for listing in found.listings}
    outcomes = listed.pop("Charges by outcome, and their people")
    if view.is_court:
        assert outcomes == tables.pop("Charges by outcome")
    else:
        assert [(row[0], row[2]) for row in outcomes[:-1]] == tables.pop("People by outcome of their charges")
    assert listed == tables


def _texts(row: tuple[str | int, ...]) -> tuple[str, ...]:
    return tuple(f"{cell:,}" if isinstance(cell, int) else cell for cell in row)


def _by_outcome(found: Any) -> list[tuple[str, int]]:
    [listing] = [table for table in found.listings if table.id == "by-outcome"]
    return [(row[0], row[1]) for row in listing.rows[:-1]]


def _is_what_the_crosstab_says(found: dict[str, int], run: ChargeRun, place: Place) -> None:
    county, court = (place, None) if isinstance(place, str) else place
    wanted: Counter[str] = Counter()
    for row in run.table("crosstab").to_pylist():
        if county in ("", row["county"]) and court in (None, row.get("court")):
            wanted[OUTCOMES[row["outcome"]].text] += row["charges"]
    assert found == wanted


@pytest.mark.parametrize("name", ["cook-limit", "courts-moved", "michigan", long("california")])
def test_curves_go_through_figures_of_their_settings(name: str, opened: dict[str, ChargeSession]) -> None:
    store, given = SETTINGS[name]
    session = opened[store]
    chosen, site = session.choices.read(given), ChargeSite(opened[store])
    for place in (STATE, session.counties[0], *session.courts[:1]):
        curves = site.curves(chosen, place)
        assert curves.curves
        assert curves.words[curves.picked].startswith("charges that" if isinstance(place, tuple) else "people with")
        for curve in curves.curves:
            own = chosen.setting.values[curve.name.removeprefix("p.")]
            assert own in curve.settings
            for setting in {curve.settings[0], own, curve.settings[-1]}:
                there = session.settled(chosen.with_value(curve.name.removeprefix("p."), setting))
                figures = curve.figures[curve.settings.index(int(setting))]
                wanted = [figure for figure in figures_at(place, OUTCOMES) if figure.alone in curves.words]
                assert figures == tuple(figure.value(there, place) for figure in wanted)


def test_two_choices_stand_side_by_side(opened: dict[str, ChargeSession]) -> None:
    site = ChargeSite(opened["courts"])
    for where in ({}, {"county": "Cook"}, {"county": "Cook", "court": "District 3"}):
        given = {"policy": "moved.toml", "p.years": "12", **where}
        now, own = asked(site, "figures", **given), asked(site, "figures", **where)
        rows = asked(site, "compared", kept="policy=run", **given)["rows"]
        for row, (_, this, before) in zip(rows, now["key"], strict=False):
            assert row[1:] == [before, this, this - before]
        assert any(row[3] for row in rows)
        assert len(rows) == len(now["key"]) if where else len(rows) > len(now["key"])
        assert {words: value for words, _, value in now["key"] if value}.items() <= {
            words: value for words, value, _ in own["key"]
        }.items()


@pytest.mark.parametrize("name", ["cook-limit", "cook-later", "courts-moved", "courts-pack", "michigan"])
def test_a_saved_setting_decides_the_same(name: str, opened: dict[str, ChargeSession], tmp_path: Path) -> None:
    store, given = SETTINGS[name]
    session = opened[store]
    chosen = session.choices.read(given)
    file = saved(chosen)
    (tmp_path / file.name).write_text(file.text, "utf-8")
    run = clearscale.run_charges(
        session.run.info["store"], tmp_path / file.name, chosen.as_of, tmp_path / "run", cluster="threads:1"
    )
    assert run.info["policy"]["id"].endswith("-as-set")
    assert ReportedRun(run, None).counts == session.settled(chosen).reported.counts
    assert f"clearscale run --policy policy.toml --as-of {chosen.as_of}" in file.words
    if name == "cook-limit":
        assert (
            "--policy il-minor-cannabis-2020 --set limit=9 --set last=2015-06-01 --as-of 2020-12-31" in file.words
        )
        assert 'title = "Illinois' in file.text
        assert ', with limit 9 and last 2015-06-01"' in file.text


def test_a_run_begins_with_its_own_policy(opened: dict[str, ChargeSession], cook: Path, tmp_path: Path) -> None:
    assert opened["courts"].own.setting.choice.key == RUN
    assert not saved(opened["courts"].own).text
    policy, as_of = "il-minor-cannabis-2020", "2021-01-31"
    run = clearscale.run_charges(
        cook / "store", policy, as_of, tmp_path / "run", parameters={"limit": 12}, cluster="threads:1"
    )
    session = open_charge_session(run)
    assert session.own.address == {
        "policy": policy,
        "p.limit": "12",
        "p.effective": "2020-01-01",
        "p.last": "2019-06-25",
        "as_of": as_of,
    }
    assert session.choices.read({}) == session.choices.read(session.own.address) == session.own


def test_what_a_state_does_not_have_is_not_there(opened: dict[str, ChargeSession]) -> None:
    for name in ("cook", "michigan"):
        session = opened[name]
        found = {listing.id for listing in answer(session, session.own, STATE).listings}
        assert "race" not in found
        assert {"sex", "age"} <= found
    page_ = ChargeSite(opened["cook"]).respond("", {})
    assert page_ is not None
    assert b'id="map"' not in page_.content
    assert b'id="court"' not in page_.content
    assert b'id="courts"' not in page_.content
    assert b'id="race"' not in page_.content
    assert b"in Illinois" in page_.content
    assert b"1203.425" not in page_.content  # packs are those of the state
    courts = ChargeSite(opened["courts"]).respond("", {})
    assert courts is not None
    assert b'id="court"' in courts.content
    assert b'id="race"' in courts.content


@pytest.mark.long
def test_california_has_its_map_and_races(opened: dict[str, ChargeSession]) -> None:
    session = opened["california"]
    assert "race" in {listing.id for listing in answer(session, session.own, STATE).listings}
    found = ChargeSite(session).respond("", {})
    assert found is not None
    assert b'id="map"' in found.content


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"policy": "il-minor"}, "this page has no policy 'il-minor'; "),
        ({"policy": "mi-clean-slate-2021"}, "this page has no policy 'mi-clean-slate-2021'"),
        ({"p.limit": "0"}, "parameter 'limit' is 0; it should be between 1 and 500"),
        ({"p.limits": "9"}, "'limits' is no parameter; did you mean 'limit'?"),
        ({"as_of": "2020-02-30"}, "as_of: "),
        ({"day": "2020-02-28"}, "there is no option 'day'; parameters begin with p."),
    ],
)
def test_settings_that_are_none_are_told(
    given: dict[str, str], told: str, opened: dict[str, ChargeSession]
) -> None:
    with pytest.raises(PolicyError) as raised:
        opened["cook"].choices.read(given)
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"county": "Cool"}, "the run has no county 'Cool'; did you mean 'Cook'?"),
        ({"court": "District 3"}, "choose the county of the court, too"),
        ({"county": "Will", "court": "Doe, Bob"}, "the county has no such court"),
    ],
)
def test_places_that_are_none_are_told(given: dict[str, str], told: str, opened: dict[str, ChargeSession]) -> None:
    with pytest.raises(RunError) as raised:
        ChargeSite(opened["courts"]).respond("figures", given)
    assert str(raised.value) == told


def asked(site: ChargeSite | RunPages, path: str, **given: str) -> Any:
    reply = site.respond(path, given)
    assert reply is not None
    return json.loads(reply.content)


def test_figures_can_be_saved(opened: dict[str, ChargeSession]) -> None:
    site = ChargeSite(opened["courts"])
    place = {"county": "Cook", "court": "District 3"}
    for path in ("figures", "curves", "compared"):
        reply = site.respond(f"{path}.csv", {**place, "policy": "moved.toml", "kept": "policy=run"})
        assert reply is not None
        assert reply.file == f"charges-cook-district-3-{path}-not-for-publication.csv"
        assert b"District 3, Cook County" in reply.content
    reply = site.respond("figures.csv", {})
    assert reply is not None
    assert b'"setting","Illinois","as_of","2026-01-01"' in reply.content
    reply = site.respond("policy.file", {**place, "policy": "moved.toml", "p.years": "4"})
    assert reply is not None
    assert reply.file == "policy.toml"
    assert b"years = { default = 4, " in reply.content
    assert site.respond("policy.file", {}) is None


def test_what_it_cannot_serve_is_told(cook: Path, moved: Path, tmp_path: Path) -> None:
    run = clearscale.open_charge_run(cook / "run")
    with pytest.raises(RunError, match=r"published counts in groups.*`clearscale report --run"):
        RunPages(run, published=True)
    (tmp_path / "options.json").write_text(json.dumps(OPTIONS), "utf-8")
    (tmp_path / "bear.toml").write_text('id = "b"\ntitle = "B"\nextends = "ca-bear-default"\n', "utf-8")
    for file in ("options.json", "bear.toml"):
        with pytest.raises(PolicyError, match="is no policy over charges, as the run's is"):
            RunPages(run, policies=[str(tmp_path / file)])
    with pytest.raises(PolicyError, match=r"nor one of ca-1203-425, .*nj-2c-52-6-1"):
        RunPages(run, policies=[str(tmp_path / "absent.toml")])
    (tmp_path / "doubtful.toml").write_text(MOVED.replace("statute in small", "convicted"), "utf-8")
    with pytest.raises(PolicyError, match="list 'small' is used by no rule"):
        RunPages(run, policies=[str(tmp_path / "doubtful.toml")])
    with pytest.raises(RunError, match="the run has no county 'Lake'"):
        RunPages(run, "Lake")
    other = replace(run, info={**run.info, "as_of": AS_OF})
    with pytest.raises(RunError, match="its figures differ from its store's charges; the run was made by another"):
        RunPages(other)
