"""A policy map: each conviction is decided by the policy of its own county, in one run over the whole state."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import clearscale
from clearscale.dates import as_of_day
from clearscale.errors import PolicyError
from clearscale.io.source import Source
from clearscale.law.offense_texts import OTHER_SECTION
from clearscale.outputs.export.from_extract import decide_extract
from clearscale.policy import PolicyMap, load_policy
from tests.support.fabricate import edge_extract
from tests.support.policy_texts import check_policy
from tests.support.samples import ACCEPTING, AS_OF, AS_OF_DATE, answers, put

PILOTS = {
    "CONTRA COSTA": "ca-contra-costa-2019",
    "LOS ANGELES": "ca-los-angeles-2019",
    "SACRAMENTO": "ca-sacramento-2019",
    "SAN JOAQUIN": "ca-san-joaquin-2019",
}
DEFAULT = "ca-prop64-statute"
COUNTIES = [*PILOTS, "KERN", "ALPINE"]
MAP = f"""
id = "pilots-in-force"
title = "The four pilots, and the statute elsewhere"

[default]
policy = "{DEFAULT}"
""" + "".join(f'[counties."{county}"]\npolicy = "{name}"\n' for county, name in PILOTS.items())
PLAIN = '[default]\npolicy = "ca-bear-default"\n'


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Extracts of six counties in one store, with convictions of each other's; and the map."""
    folder = tmp_path_factory.mktemp("state")
    extracts = []
    for seed, county in enumerate(COUNTIES):
        neighbour = COUNTIES[seed - 1]
        content = edge_extract(seed, 60, county, AS_OF_DATE)
        # Every third record is of the county before it in the list.
        lines = content.split(b"\n")
        lines[2::3] = [line.replace(county.encode(), neighbour.encode()) for line in lines[2::3]]
        extracts.append(put(folder, f"{county}.csv", b"\n".join(lines)))
    counties = {f"{county}.csv": county for county in COUNTIES}
    clearscale.ingest(extracts, str(folder / "store"), county=counties, accept=ACCEPTING[1::2], buckets=3)
    put(folder, "map.toml", MAP.encode())
    return folder


@pytest.fixture(scope="module")
def mapped(state: Path) -> clearscale.Run:
    return clearscale.run(str(state / "store"), str(state / "map.toml"), AS_OF, str(state / "mapped"))


def rows(run: clearscale.Run, county: str) -> Iterator[dict[str, Any]]:
    return (row for row in run.decisions().to_pylist() if row["county"].strip() == county)


@pytest.mark.parametrize("county", COUNTIES)
def test_each_county_is_decided_as_by_its_policy_alone(state: Path, mapped: clearscale.Run, county: str) -> None:
    alone = clearscale.run(str(state / "store"), PILOTS.get(county, DEFAULT), AS_OF, str(state / f"alone-{county}"))
    wanted = list(rows(alone, county))
    assert len(wanted) > 30
    assert list(rows(mapped, county)) == wanted
    assert mapped.counties[county] == alone.counties[county]
    clearscale.export(mapped, county, str(state / "files" / county))
    clearscale.export(alone, county, str(state / "files-alone" / county))
    for name in ("All_Results.csv", "All_Results_Condensed.csv", "Prop64_Results.csv"):
        ours, theirs = (state / folder / county / name for folder in ("files", "files-alone"))
        assert ours.read_bytes() == theirs.read_bytes()


def test_the_tables_count_what_the_decisions_say(mapped: clearscale.Run) -> None:
    counted: dict[tuple[str, str, str], int] = {}
    for row in mapped.table("convictions").to_pylist():
        key = (row["county"], row["determination"], row["reason"])
        counted[key] = counted.get(key, 0) + row["convictions"]
    listed: dict[tuple[str, str, str], int] = {}
    for row in mapped.decisions().to_pylist():
        if row["county_figure"]:
            # Of the fabricated code sections, those with bytes of no text look like none.
            reason = OTHER_SECTION if "\\x" in row["reason"] else row["reason"]
            key = (row["county"], row["determination"], reason)
            listed[key] = listed.get(key, 0) + 1
    assert {key: count for key, count in counted.items() if count} == listed


def test_a_run_records_the_map_in_full(mapped: clearscale.Run) -> None:
    recorded = mapped.info["policy"]
    assert (recorded["id"], recorded["title"]) == ("pilots-in-force", "The four pilots, and the statute elsewhere")
    names = [policy["id"] for policy in recorded["policies"]]
    assert names[recorded["default"]] == DEFAULT
    assert {county: names[place] for county, place in recorded["counties"].items()} == PILOTS
    assert all(policy["rules"] for policy in recorded["policies"])
    assert json.dumps(mapped.summary["policy"]) == '"pilots-in-force"'


def test_the_same_answers_with_other_workers(state: Path, mapped: clearscale.Run) -> None:
    arguments = (str(state / "store"), str(state / "map.toml"), AS_OF, str(state / "again"))
    clearscale.run(*arguments, cluster="threads:3")
    assert answers(state / "again") == answers(state / "mapped")


def test_of_one_extract_the_county_s_policy_decides(state: Path) -> None:
    source = Source(str(state / "SACRAMENTO.csv"))
    found, alone = (
        decide_extract(source, "SACRAMENTO", load_policy(name), as_of_day(AS_OF)).decided
        for name in (str(state / "map.toml"), "ca-sacramento-2019")
    )
    assert (found.before, found.after) == (alone.before, alone.after)


def test_parameters_and_files_beside_the_map(tmp_path: Path) -> None:
    own = 'id = "own"\ntitle = "Own"\n[[rule]]\nif = ["felony"]\nthen = "dismiss"\nbecause = "all"\n'
    put(tmp_path, "policies/own.toml", own.encode())
    text = """
    [default]
    policy = "ca-los-angeles-2019"
    [counties.KERN]
    policy = "ca-los-angeles-2019"
    parameters = { age = 60, two_priors_last = true }
    [counties.yolo]
    policy = "own.toml"
    """
    chosen = load_policy(put(tmp_path, "policies/map.toml", text.encode()))
    assert isinstance(chosen, PolicyMap)
    assert chosen.id == "map"
    assert dict(chosen.of_county("KERN").parameters)["age"] == 60
    assert dict(chosen.of_county("ALPINE").parameters)["age"] == 50
    assert chosen.of_county(" yolo ").id == "own"
    assert len(chosen.policies) == 3
    assert chosen.firsts == (0, 17, 34)
    assert chosen.places([b"YOLO", b"KERN ", b"ALPINE", b"\xff"]).tolist() == [2, 1, 0, 0]
    assert chosen.places([]).dtype == np.int16


def test_a_map_of_many_policies_has_more_rules_than_one_policy_may(tmp_path: Path) -> None:
    counties = load_policy_map_of(58, tmp_path)
    assert len(counties.policies) == 59
    assert len(counties.rules) > 500


def load_policy_map_of(number: int, folder: Path) -> PolicyMap:
    from clearscale.law import state

    text = '[default]\npolicy = "ca-los-angeles-2019"\n' + "".join(
        f'[counties."{county}"]\npolicy = "ca-los-angeles-2019"\nparameters = {{ age = {51 + place} }}\n'
        for place, county in enumerate(state().counties.names[:number])
    )
    chosen = load_policy(put(folder, "many.toml", text.encode()))
    assert isinstance(chosen, PolicyMap)
    return chosen


def test_rules_are_numbered_beyond_127(state: Path, tmp_path: Path) -> None:
    load_policy_map_of(58, tmp_path)
    many = clearscale.run(str(state / "store"), str(tmp_path / "many.toml"), AS_OF, str(tmp_path / "run"))
    for county in ("KERN", "ALPINE"):
        age = dict(load_policy_map_of(58, tmp_path).of_county(county).parameters)["age"]
        alone = clearscale.run(
            str(state / "store"),
            "ca-los-angeles-2019",
            AS_OF,
            str(tmp_path / county),
            parameters={"age": age},
        )
        assert list(rows(many, county)) == list(rows(alone, county))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[counties.KERN]\npolicy = "ca-dismiss-all"\n', "default: name its policy, such as"),
        ("[default]\n", 'default: name its policy, such as policy = "ca-bear-default"'),
        ('[default]\npolicy = "ca-bear"\n', "default: there is no policy"),
        (
            '[default]\npolicy = "ca-bear-default"\nparameter = 3\n',
            "'parameter' is no key here; did you mean 'parameters'?",
        ),
        ('[default]\npolicy = "ca-bear-default"\nparameters = { age = 39 }\n', "parameter 'age' is 39"),
        ('[default]\npolicy = "ca-bear-default"\nparameters = 3\n', "'parameters' should be a table"),
        ('[default]\npolicy = "inner.toml"\n', "default: 'inner.toml' is a policy map; name a policy"),
        ('[default]\npolicy = "bad.toml"\n', "default: 'bad.toml' is a policy map; name a policy"),
        (
            '[default]\npolicy = "ca-bear-default"\n[counties."LOS ANGELS"]\npolicy = "ca-dismiss-all"\n',
            "did you mean 'LOS ANGELES'?",
        ),
        (
            'countys = 3\n[default]\npolicy = "ca-bear-default"\n',
            "'countys' is no key of a policy map; did you mean 'counties'?",
        ),
        ('counties = 3\n[default]\npolicy = "ca-bear-default"\n', "'counties' should be tables"),
        (
            PLAIN + '[counties.KERN]\npolicy = "ca-dismiss-all"\n[counties.kern]\npolicy = "ca-dismiss-all"\n',
            "county 'kern' stands twice",
        ),
        (
            '[default]\npolicy = "ca-bear-default"\n[counties.KERN]\npolicy = "ca-dismis-all"\n',
            "county 'KERN': there is no",
        ),
    ],
)
def test_maps_that_are_refused(tmp_path: Path, text: str, message: str) -> None:
    put(tmp_path, "inner.toml", b'[default]\npolicy = "ca-dismiss-all"\n')
    path = put(tmp_path, "bad.toml", text.encode())
    with pytest.raises(PolicyError) as refused:
        load_policy(path)
    lines = str(refused.value).splitlines()
    assert all(line.startswith(f"{path}: ") for line in lines)
    assert any(message in line for line in lines), lines
    assert check_policy(path) == lines


def test_a_map_takes_no_parameters_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="gives each of its policies parameters of its own"):
        load_policy(put(tmp_path, "map.toml", MAP.encode()), {"age": 50})
    assert check_policy(str(tmp_path / "map.toml")) == []
