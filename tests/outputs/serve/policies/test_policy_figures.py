"""Figures of any policy at a setting are those of a run with it, and of that run's report, everywhere."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.errors import PolicyError, RunError
from clearscale.law import state
from clearscale.outputs.report.words import county_words
from clearscale.outputs.serve.answers import key_figures
from clearscale.outputs.serve.choosing import RUN, Setting
from clearscale.outputs.serve.pages import RunPages
from clearscale.outputs.serve.policies.answers import answer, saved
from clearscale.outputs.serve.policies.deciding import RELATED
from clearscale.outputs.serve.policies.session import PolicySession, open_policy_session
from clearscale.outputs.serve.policies.site import PolicySite
from clearscale.outputs.serve.windows import MOST_POINTS, steps, window
from clearscale.policy import PACKS, load_policy
from clearscale.policy.parameters import Parameter
from clearscale.runs import Run
from clearscale.runs.demography import RACES
from clearscale.runs.tally import MEASURES
from tests.outputs.serve.policies.samples import KERN, MAP
from tests.support.examples import long
from tests.support.published import pages_of
from tests.support.reading_pages import figure
from tests.support.samples import AS_OF, OPTIONS

_SECTIONS = state().charges.sections


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("policies")
    (folder / "kern.toml").write_text(KERN, "utf-8")
    (folder / "map.toml").write_text(MAP, "utf-8")
    (folder / "options.json").write_text(json.dumps(OPTIONS), "utf-8")
    return {path.name: str(path) for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def sessions(runs: dict[str, Run], files: dict[str, str]) -> dict[str, PolicySession]:
    return {name: open_policy_session(run, [*files.values()]) for name, run in runs.items()}


SETTINGS: dict[str, dict[str, str]] = {
    "own": {},
    "los-angeles": {"policy": "ca-los-angeles-2019", "p.age": "57", "p.years": "7", "p.date_disqualifies": "false"},
    "statute": {"policy": "ca-prop64-statute", "p.effective": "2012-01-31", "p.adult": "25", "p.priors": "1"},
    "related": {"policy": "ca-dismiss-all-and-related"},
    "san-francisco": {"policy": "ca-san-francisco-2018", "p.cycles": "2"},
    "kern": {"policy": "kern.toml", "p.age": "0", "p.years": "12", "p.before": "2010-05-06"},
    "map": {"policy": "map.toml"},
    "options": {"policy": "options.json"},
    "contra-costa": {"policy": "ca-contra-costa-2019"},
    "bear": {"policy": "ca-bear-default", "p.dismiss_11359": "false", "p.reduce_11359": "true", "p.age": "44"},
}


def run_with(session: PolicySession, setting: Setting, out: Path) -> Run:
    """A run of its own, made with the setting."""
    return clearscale.run(session.run.info["store"], setting.policy, AS_OF, str(out))


@pytest.mark.parametrize("store", ["edges", long("state")])
@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_counts_what_a_run_counts(
    store: str, name: str, sessions: dict[str, PolicySession], tmp_path: Path
) -> None:
    session = sessions[store]
    setting = session.choices.read(SETTINGS[name])
    run = run_with(session, setting, tmp_path / "run")
    convictions, people = (run.table(table).to_pylist() for table in ("convictions", "people"))
    assert {*session.counties} == {*run.counties}
    for county in (None, *session.counties):
        found = session.figures(setting, county)
        column = "convictions_once" if county is None else "convictions"
        wanted: Counter[tuple[str, str]] = Counter()
        for row in convictions:
            if county in (None, row["county"]):
                wanted[row["section"], row["determination"]] += row[column]
        counted = {
            (section, determination): int(counts[place])
            for determination in {pair[0] for pair in found.by_reason}
            for place, section in enumerate((*_SECTIONS, "related"))
            if (counts := sum(many for pair, many in found.by_reason.items() if pair[0] == determination))
            is not None
        }
        assert {pair: value for pair, value in counted.items() if value} == +wanted
        assert sum(found.related.values()) == found.convictions[RELATED].sum()
        scope = ("state", "") if county is None else ("county", county)
        groups = (("race", RACES, found.people), ("sex", session.sexes, found.by_sex))
        for by, names, counts in groups:
            for place, group in enumerate(names):
                rows = [row for row in people if (row["scope"], row["county"], row[by]) == (*scope, group)]
                assert counts[place].tolist() == [sum(row[of] for row in rows) for of in ("with_prop64", *MEASURES)]
        assert found.by_age.sum(axis=0).tolist() == found.people.sum(axis=0).tolist()


@pytest.mark.parametrize("name", ["los-angeles", "kern", long("map"), long("statute"), long("own")])
def test_its_figures_are_the_report_s(name: str, sessions: dict[str, PolicySession], tmp_path: Path) -> None:
    session = sessions["state"]
    setting = session.choices.read(SETTINGS[name])
    pages = pages_of(run_with(session, setting, tmp_path / "run"), None)
    for county in (None, *session.counties):
        page, found = pages[county_words(county or "")], answer(session, setting, county)
        assert {words: value for words, value, _ in found.key} == {
            words: figure(text) for words, text in page.figures.items()
        }
        listings = {listing.id: listing for listing in found.listings}
        for groups in ("races", "sexes", "ages"):
            reported = {row[0]: row[1:] for row in page.tables[listings[groups].caption][1:]}
            assert {str(row[0]) for row in listings[groups].rows} == {*reported}
            for group, *cells in listings[groups].rows:
                assert [f"{cell:,}" if isinstance(cell, int) else cell for cell in cells] == reported[str(group)]
        head, *rows = page.tables["Prop 64 convictions by section and decision"]
        assert list(listings["sections"].columns) == list(head)
        by_section = {row[0]: row[1:] for row in rows}
        for words, *cells in listings["sections"].rows:
            shown = [f"{cell:,}" for cell in cells]
            assert shown == by_section.get(str(words), ["0"] * len(cells))
        reasons = page.tables["Prop 64 convictions by decision and reason"][1:]
        assert [(f"{row[0]}: {row[1]}", row[-1]) for row in reasons] == [
            (words, f"{count:,}") for words, count in listings["reasons"].rows
        ]


@pytest.mark.parametrize("store", ["state", "edges"])
@pytest.mark.parametrize("name", ["los-angeles", "kern", "san-francisco"])
def test_curves_have_the_figures_of_each_setting(store: str, name: str, sessions: dict[str, PolicySession]) -> None:
    session = sessions[store]
    setting = session.choices.read(SETTINGS[name])
    for county in (None, session.counties[0]):
        curves = session.curves(setting, county)
        numbers = [parameter for parameter, value in setting.values.items() if type(value) is int]
        assert [curve.name for curve in curves] == numbers
        for curve in curves:
            assert setting.values[curve.name] in curve.settings
            assert len(curve.settings) > 2
            for place in {0, 1, len(curve.settings) // 2, len(curve.settings) - 1}:
                at = setting.with_value(curve.name, curve.settings[place])
                assert list(curve.figures[place]) == key_figures(session.figures(at, county))


def test_the_run_s_own_policy_is_found_among_files_and_packs(
    sessions: dict[str, PolicySession], files: dict[str, str], tmp_path: Path
) -> None:
    session = sessions["edges"]
    assert [*session.choices.by_key] == ["options.json", "kern.toml", "map.toml", *PACKS]
    for policy, parameters, key in (
        ("ca-los-angeles-2019", {"age": 55}, "ca-los-angeles-2019"),
        (files["kern.toml"], {"before": "2000-01-01", "age": "0"}, "kern.toml"),
        (files["map.toml"], None, "map.toml"),
    ):
        out = tmp_path / key
        run = clearscale.run(session.run.info["store"], policy, AS_OF, str(out), parameters=parameters)
        opened = open_policy_session(run, [*files.values()])
        assert opened.own.choice.key == next(iter(opened.choices.by_key)) == key
        assert {name: str(opened.own.values[name]) for name in parameters or {}} == {
            name: str(value) for name, value in (parameters or {}).items()
        }
        assert opened.choices.read({}) is opened.choices.read(opened.own.address) is opened.own
        alone = open_policy_session(run)
        assert alone.own.choice.key == (key if key in PACKS else RUN)
        # What has no name here has no parameters, and its figures all the same.
        assert key_figures(alone.figures(alone.own, None)) == key_figures(opened.figures(opened.own, None))
        assert saved(alone.own).text or key not in PACKS


@pytest.mark.parametrize("name", ["los-angeles", "kern", "statute", "bear", "related", "options"])
def test_a_saved_setting_decides_the_same(
    name: str, sessions: dict[str, PolicySession], files: dict[str, str], tmp_path: Path
) -> None:
    session = sessions["edges"]
    setting = session.choices.read(SETTINGS[name])
    file = saved(setting)
    (tmp_path / file.name).write_text(file.text, "utf-8")
    (tmp_path / "kern.toml").write_text(KERN, "utf-8")
    found = load_policy(str(tmp_path / file.name))
    again = Setting(setting.choice, setting.values, found)
    for county in (None, *session.counties):
        assert key_figures(session.figures(again, county)) == key_figures(session.figures(setting, county))
    assert f"clearscale run --policy {file.name}" in file.words
    if name == "los-angeles":
        assert "--policy ca-los-angeles-2019 --set age=57 --set years=7 --set date_disqualifies=false" in file.words


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"policy": "ca-los-angeles"},
            "this page has no policy 'ca-los-angeles'; did you mean 'ca-los-angeles-2019'?",
        ),
        (
            {"policy": "ca-los-angeles-2019", "p.age": "17"},
            "parameter 'age' is 17; it should be between 18 and 120",
        ),
        ({"policy": "ca-los-angeles-2019", "p.agee": "50"}, "'agee' is no parameter; did you mean 'age'?"),
        ({"policy": "ca-los-angeles-2019", "age": "50"}, "there is no option 'age'; parameters begin with p."),
        ({"policy": "kern.toml", "p.before": "1990-01-01"}, "it should be a date, YYYY-MM-DD from 1996-01-01"),
        ({"policy": "kern.toml", "p.misdemeanors": "1"}, "it should be true or false"),
    ],
)
def test_settings_that_are_none_are_told(
    given: dict[str, str], told: str, sessions: dict[str, PolicySession]
) -> None:
    with pytest.raises(PolicyError) as raised:
        sessions["edges"].choices.read(given)
    assert told in str(raised.value)


def asked(site: PolicySite | RunPages, path: str, **given: str) -> Any:
    reply = site.respond(path, given)
    assert reply is not None
    return json.loads(reply.content)


def test_a_pack_stands_beside_the_run_s_own(sessions: dict[str, PolicySession]) -> None:
    site = PolicySite(sessions["state"])
    own = asked(site, "figures")
    pack = asked(site, "figures", policy="ca-los-angeles-2019")
    assert [row[2] for row in pack["key"]] == [row[1] for row in own["key"]]
    rows = asked(site, "compared", policy="ca-los-angeles-2019", kept="policy=options.json")["rows"]
    for place, (_, now, before) in enumerate(pack["key"]):
        assert rows[place][1:] == [before, now, now - before]
    assert any(row[3] for row in rows)
    reply = site.respond("figures.csv", {"policy": "ca-los-angeles-2019", "p.age": "60"})
    assert reply is not None
    assert b'"setting","California","p.age","60"' in reply.content
    assert reply.file == "statewide-figures-not-for-publication.csv"


def test_sliders_and_curves_have_sensible_ends() -> None:
    wide = Parameter("years", 10, 0, 100000)
    assert window(wide, 10) == (0, 200)
    assert window(wide, 5000) == (0, 5000)
    assert window(Parameter("n", 50000, 0, 100000), 50000) == (49900, 50100)
    off = Parameter("age", 50, 40, 65, 0)
    assert window(off, 0) == (40, 65)
    assert steps(off, 0) == (*range(40, 66), 0)
    for parameter, value in ((wide, 10), (wide, 199), (Parameter("age", 50, 18, 120), 51), (off, 47)):
        found = steps(parameter, value)
        assert len(found) <= MOST_POINTS + 4
        assert {value, parameter.default} <= {*found}
        assert {*window(parameter, value)} <= {*found}


def test_a_run_of_options_has_both_pages(runs: dict[str, Run], files: dict[str, str]) -> None:
    pages = RunPages(runs["edges"], policies=[files["kern.toml"]])
    first, others = (pages.respond(path, {}) for path in ("", "policies/"))
    assert first is not None
    assert others is not None
    assert b'href="policies/"' in first.content
    assert b"Kern County, as the memo has it" in others.content
    assert [row[1] for row in asked(pages, "policies/figures")["key"]] == [
        row[1] for row in asked(pages, "figures")["key"]
    ]
    shown = RunPages(runs["edges"], published=True)
    assert shown.respond("policies/", {}) is None
    first = shown.respond("", {})
    assert first is not None
    assert b"policies/" not in first.content


def test_files_that_are_no_policy_are_refused(runs: dict[str, Run], tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text('id = "wrong"', "utf-8")
    with pytest.raises(PolicyError, match=r"wrong\.toml"):
        RunPages(runs["edges"], policies=[str(tmp_path / "wrong.toml")], options=False)
    with pytest.raises(RunError, match="leave policy out"):
        RunPages(runs["edges"], policies=[str(tmp_path / "wrong.toml")], published=True)
