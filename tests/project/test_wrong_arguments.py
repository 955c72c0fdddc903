"""What a notebook gives by mistake is refused in words; numbers are taken from whatever library counted them."""

import datetime
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import clearscale
from clearscale.commands.demo import AS_OF
from clearscale.synth import fabricate
from clearscale_cluster import Cluster, open_cluster

OWN = {
    "id": "own",
    "title": "Own",
    "parameters": {"age": {"default": 40, "min": 18, "max": 99, "meaning": "from this age on"}},
    "rule": [
        {"if": ["age >= {age}"], "then": "dismiss", "because": "{age} or older"},
        {"if": [], "then": "hand-review", "because": "Younger"},
    ],
}
PACK = "ca-dismiss-all"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with open_cluster("threads:1") as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Path:
    root = tmp_path_factory.mktemp("wrong")
    fabricate(str(root / "extracts"), counties=2, people=20, seed=1)
    clearscale.ingest(root / "extracts", root / "store", buckets=2, cluster=cluster)
    clearscale.run(root / "store", PACK, AS_OF, root / "run", cluster=cluster)
    clearscale.sweep(root / "store", "ca-los-angeles-2019", AS_OF, ["age=40,50"], root / "sweep", cluster=cluster)
    return root


WRONG: list[tuple[Callable[[Path], Any], str]] = [
    (lambda at: clearscale.open_store(at / "run"), "there is no store, it is a run; name the store"),
    (lambda at: clearscale.open_run(at / "store"), "there is no finished run, it is a store; name the run"),
    (lambda at: clearscale.open_sweep(at / "run"), "there is no finished sweep, it is a run; name the sweep"),
    (lambda at: clearscale.open_charges(at / "sweep"), "there is no store, it is a sweep; name the store"),
    (lambda at: clearscale.open_store(at / "run" / "run.json"), "run.json: is a file, not a folder; name a folder"),
    (lambda at: clearscale.run(at / "store", PACK, AS_OF, at / "run" / "run.json"), "run.json: is a file, not a"),
    (lambda at: clearscale.tables(at / "run", at / "run" / "run.json" / "x"), "run.json: is a file, not a folder"),
    (lambda at: store(at).table("people", ["race", "sexx"]), "'sexx' is no column of people; did you mean 'sex'?"),
    (lambda at: store(at).table("people", "race"), r"columns is 'race'; give a list of names, such as \['race'\]"),
    (lambda at: store(at).bucket("peple", 0), "'peple' is no dataset; there are histories, convictions and people"),
    (lambda at: store(at).bucket("people", 2), "there is no bucket 2; it has 2 buckets, numbered from 0"),
    (lambda at: store(at).candidates(-1), "there is no bucket -1; it has 2 buckets, numbered from 0"),
    (lambda at: store(at).block(store(at).manifest.extracts[0], 0, 9), "no block 9; it has one block, number 0"),
    (lambda at: store(at).block(store(at).manifest.extracts[0], 1, 0), "there is no part 1; it has one part"),
    (lambda at: store(at).block(store(at).manifest.extracts[0], 0, 0, ["X"]), "'X' is no column of records"),
    (lambda at: clearscale.run(at / "store", PACK, 2020, at / "x"), "'2020' is no date; write it as YYYY-MM-DD"),  # type: ignore[arg-type]
    (lambda at: clearscale.run(at / "store", None, AS_OF, at / "x"), "the policy is none: give the name of a pack"),  # type: ignore[arg-type]
    (
        lambda at: clearscale.run(at / "store", {**OWN, "rules": 1}, AS_OF, at / "x"),
        "'rules' is no key of a policy",
    ),
    (lambda at: clearscale.make_policy("policy.toml"), "the policy is no dict of the keys of a policy file"),  # type: ignore[arg-type]
    (
        lambda at: clearscale.sweep(at / "store", clearscale.make_policy(OWN), AS_OF, {"age": [40]}, at / "x"),
        "the parameters of policy 'own' have their values already; give the pack, the file, or what",
    ),
    (
        lambda at: clearscale.ingest(at / "extracts", at / "store", accept="bad-records"),
        r"accept is 'bad-records'; give a list of names, such as \['bad-records'\]",
    ),
    (lambda at: clearscale.ingest(at / "extracts", at / "new", buckets=0), "buckets is 0; .* from 1 to 4,096"),
    (lambda at: clearscale.explain(at / "run", "los-angeles.csv", "12"), "row is '12'; give a whole number"),  # type: ignore[arg-type]
    (
        lambda at: clearscale.report(at / "run", at / "x", suppress_below="11"),
        "suppress_below is '11'; give a whole",
    ),  # type: ignore[arg-type]
    (lambda at: clearscale.open_store(None), "url is None; give a path or URL"),  # type: ignore[arg-type]
    (lambda at: clearscale.open_run(5), "url is an object of class int; give a path or URL"),  # type: ignore[arg-type]
    (lambda at: clearscale.open_store(""), "url is an empty text; give a path or URL"),
    (lambda at: clearscale.ingest(None, at / "x"), "extracts is None; give a path or URL"),  # type: ignore[arg-type]
    (lambda at: clearscale.ingest([None], at / "x"), "one of extracts is None; give a path"),  # type: ignore[list-item]
    (lambda at: clearscale.ingest(at / "extracts", None), "store is None; give a path or URL"),  # type: ignore[arg-type]
    (lambda at: clearscale.ingest(at / "extracts", at / "x", county=5), "county is 5; give a county's name"),  # type: ignore[arg-type]
    (lambda at: clearscale.report(None, at / "x"), "run is None; give a path or URL"),  # type: ignore[arg-type]
    (lambda at: clearscale.tables(at / "run", None), "out is None; give a path or URL"),  # type: ignore[arg-type]
    (
        lambda at: clearscale.open_store("memory://state/store", storage_options={"listing_expirytimes": 1}),
        "there is no store",  # a storage that takes any option
    ),
    (
        lambda at: clearscale.open_store("s3://state/store", storage_options={"profil": "research"}),
        "'profil' of storage_options is no option of this kind of storage",
    ),
    (
        lambda at: clearscale.open_store("s3://state/store", storage_options={"client_kwargs": {"regin": "x"}}),
        "'regin' of storage_options is no option",
    ),
    (lambda at: clearscale.purge(at / "store"), "people by subject or cii, an extract, a snapshot, or quarantine"),
    (lambda at: clearscale.run(at / "store", PACK, AS_OF, at / "extracts"), "choose a new folder for out"),
    (lambda at: clearscale.verify(), "say what to verify: a store, or a run"),
    (lambda at: clearscale.diff(at / "run", at / "run").by("age"), "'age' divides no changes; there are county"),
    (
        lambda at: clearscale.open_store("s3://state/store", storage_options="research"),  # type: ignore[arg-type]
        "storage_options are options by their names",
    ),
]


def store(at: Path) -> clearscale.Store:
    return clearscale.open_store(at / "store")


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_what_cannot_be_meant_is_refused_in_words(folder: Path, number: int) -> None:
    call, said = WRONG[number]
    with pytest.raises(clearscale.ClearscaleError, match=said):
        call(folder)
    assert not (folder / "x").exists()


def test_names_of_packs_are_near_to_those_of_either_kind(cook: Path, folder: Path) -> None:
    for call in (clearscale.run, clearscale.run_charges):
        with pytest.raises(clearscale.PolicyError, match=r"did you mean 'il-minor-cannabis-2020'\?"):
            call(cook / "store", "il-minor-canabis-2020", AS_OF, folder / "x")
    with pytest.raises(clearscale.PolicyError, match=r"did you mean 'il-minor-cannabis-2020'\?"):
        clearscale.sweep(cook / "store", "il-minor-canabis-2020", AS_OF, ["limit=30"], folder / "x")
    with pytest.raises(clearscale.PolicyError, match="'ca-dismiss-all' is a policy over convictions"):
        clearscale.run_charges(cook / "store", PACK, AS_OF, folder / "x")
    with pytest.raises(clearscale.PolicyError, match=r"neither a file nor one of .*, il-minor-cannabis-2020, "):
        clearscale.run_charges(cook / "store", "xyz", AS_OF, folder / "x")


def test_what_is_wrong_over_charges_is_refused_in_words(cook: Path, folder: Path) -> None:
    charges, policy = clearscale.open_charges(cook / "store"), "il-minor-cannabis-2020"
    for call in (charges.tables, charges.numbers, charges.of_cases):
        with pytest.raises(clearscale.StoreError, match="there is no bucket 99; it has"):
            call(99)
    with pytest.raises(clearscale.ClearscaleError, match="months is '12'; give a whole number"):
        clearscale.forecast(cook / "store", policy, AS_OF, months="12")  # type: ignore[arg-type]
    with pytest.raises(clearscale.ClearscaleError, match="line is '2'; give a whole number"):
        clearscale.explain_charge(cook / "run", "il-cook-clerk.csv", "2")  # type: ignore[arg-type]
    with pytest.raises(clearscale.PolicyError, match="save its rules as a TOML file"):
        clearscale.run_charges(cook / "store", OWN, AS_OF, folder / "x")  # type: ignore[arg-type]
    with pytest.raises(clearscale.RunError, match="is over charges, and this is about runs over convictions"):
        clearscale.export(cook / "run", "COOK", folder / "x")


def test_people_can_be_joined_to_their_convictions(folder: Path) -> None:
    opened = store(folder)
    people, convictions = opened.table("people", decoded=True), opened.table("convictions", decoded=True)
    assert people.column_names[:2] == ["bucket", "history"]
    named = opened.table("people", ["convictions", "history"])
    assert named.column_names == ["bucket", "history", "convictions"]
    assert opened.table("people", ["history"]).equals(named.select(["bucket", "history"]))
    counts = convictions.group_by(["bucket", "history"]).aggregate([([], "count_all")]).to_pylist()
    counted = {(row["bucket"], row["history"]): row["count_all"] for row in counts}
    stated = {(row["bucket"], row["history"]): row["convictions"] for row in named.to_pylist()}
    assert counted == {key: count for key, count in stated.items() if count}
    assert counted


def test_the_keys_of_a_policy_file_are_a_policy_with_parameters(
    folder: Path, tmp_path: Path, cluster: Cluster
) -> None:
    runs = [
        clearscale.run(
            folder / "store", OWN, AS_OF, tmp_path / "a", parameters={"age": np.int64(50)}, cluster=cluster
        ),
        clearscale.run(
            folder / "store", clearscale.make_policy(OWN, {"age": 50}), AS_OF, tmp_path / "b", cluster=cluster
        ),
    ]
    assert runs[0].info["key"] == runs[1].info["key"]
    ages = clearscale.sweep(
        folder / "store", OWN, AS_OF, {"age": np.arange(40, 52, 5)}, tmp_path / "ages", cluster=cluster
    ).table()
    assert ages.column("age").to_pylist() == [40, 45, 50]
    counted = runs[0].table("convictions").column("convictions_once").to_numpy()
    dismissed = runs[0].table("convictions").column("determination").to_pylist()
    own = sum(
        int(count) for count, text in zip(counted, dismissed, strict=True) if text == "Eligible for Dismissal"
    )
    assert ages.column("convictions_dismissed").to_pylist()[2] == own


def test_what_is_open_and_what_other_libraries_count_is_taken(folder: Path, cluster: Cluster) -> None:
    run, sweep = clearscale.open_run(folder / "run"), clearscale.open_sweep(folder / "sweep")
    assert clearscale.verify(run=run).files == clearscale.verify(run=folder / "run").files > 0
    assert clearscale.verify(run=sweep).files == clearscale.verify(run=folder / "sweep").files > 0
    assert clearscale.work(run=run) == clearscale.work(run=folder / "run")
    decided = run.decisions().slice(0, 1).to_pylist()[0]
    assert clearscale.explain(run, decided["extract"], np.int32(decided["row"])).row == decided["row"]
    day = datetime.date.fromisoformat(AS_OF)
    assert clearscale.run(folder / "store", PACK, day, folder / "run", cluster=cluster).found  # type: ignore[arg-type]


def test_a_notebook_shows_sweeps_and_differences(folder: Path, cook: Path) -> None:
    shown = clearscale.open_sweep(folder / "sweep")._repr_html_()
    assert ": 2 policies</caption>" in shown
    assert "<th>convictions dismissed</th>" in shown
    assert clearscale.diff(folder / "run", folder / "run")._repr_html_().count("<tr>") == 6
    assert ">same</td>" in clearscale.diff(cook / "run", cook / "run")._repr_html_()
    assert "people</caption>" in clearscale.open_charges(cook / "store")._repr_html_()
