"""A fabricated state given as its own extract is the same state as in its counties' extracts, and as fabricated."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.runs import Run
from clearscale.runs import summary_keys as keys
from clearscale.synth import fabricate, fabricate_state
from tests.support.damaged import POLICY
from tests.support.examples import long
from tests.support.samples import AS_OF
from tests.support.statewide import State, as_one_database

FILES = ("All_Results.csv", "All_Results_Condensed.csv", "Prop64_Results.csv")
EVERY = 58


@pytest.fixture(scope="module", params=[8, long(EVERY)])
def state(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> State:
    """A state of some counties, or of all as populous as they are, one in eight people in several."""
    folder = tmp_path_factory.mktemp("state")
    if request.param == EVERY:
        made = fabricate_state(str(folder / "synth"), scale=0.001, seed=8)
    else:
        made = fabricate(str(folder / "synth"), counties=request.param, people=90, seed=8)
    assert len(made) == request.param
    return as_one_database(made, folder)


def answers(run: Run, folder: Path) -> dict[str, Any]:
    """All that a run says of each county and the state, but for where records stand; files without their order."""
    decided = Counter(
        tuple(value for name, value in decision.items() if name not in ("extract", "row"))
        for decision in run.decisions().to_pylist()
    )
    files = {}
    for county in run.counties:
        clearscale.export(run, county, folder / county)
        files |= {(county, name): Counter((folder / county / name).read_bytes().splitlines()) for name in FILES}
    tables = {name: Counter(map(str, run.table(name).to_pylist())) for name in ("convictions", "people", "flags")}
    return {
        "counties": run.counties,
        "state": run.summary,
        "decisions": decided,
        "tables": tables,
        "files": files,
        "counts": clearscale.open_store(run.info["store"]).manifest.counts,
    }


def taken(extracts: list[str], folder: Path, **options: Any) -> Run:
    report = clearscale.ingest(extracts, folder / "store", **options)
    assert report.quarantined == 0
    assert not clearscale.open_store(folder / "store").manifest.aside
    return clearscale.run(folder / "store", POLICY, AS_OF, folder / "run")


@pytest.fixture(scope="module")
def of_counties(state: State, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the counties' extracts give."""
    folder = tmp_path_factory.mktemp("counties")
    names = {Path(path).name: county for path, county in state.counties.items()}
    return answers(taken(list(state.counties), folder, county=names), folder)


def test_the_counties_are_as_they_were_fabricated(state: State, of_counties: dict[str, Any]) -> None:
    for county, truth in state.truth.items():
        found = of_counties["counties"][county]
        assert found[keys.LINES] == truth["rows"]
        assert found[keys.WITH_PROP64] == truth["people"]
        assert found[keys.FELONIES] == sum(truth["felonies"].values())
        assert found[keys.NOT_FELONIES] == sum(truth["others"].values())
        sections = {section: truth["felonies"][section] + truth["others"][section] for section in truth["felonies"]}
        assert found[keys.BY_SECTION] == {section: count for section, count in sections.items() if count}
    assert len(of_counties["counties"]) == len(state.truth) == (len(state.counties))


@pytest.mark.parametrize("split", [False, True], ids=["one file", "split by size"])
def test_the_states_own_extract_gives_every_county_the_same(
    split: bool, state: State, of_counties: dict[str, Any], tmp_path: Path
) -> None:
    run = taken(state.split if split else [state.whole], tmp_path, statewide=True)
    found = answers(run, tmp_path)
    assert found.keys() == of_counties.keys()
    for what, expected in of_counties.items():
        assert found[what] == expected, what
