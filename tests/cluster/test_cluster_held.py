"""What people hold: Dask clients and clusters, files that name a class or that a scheduler wrote, settings."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import pytest
from distributed import Client, LocalCluster

import clearscale
from clearscale.commands.main import main
from clearscale_cluster import ClusterError, open_cluster
from clearscale_cluster.places.served import ServedCluster
from clearscale_cluster.setup.configuration import read_configuration
from clearscale_cluster.spec import Address, Named
from tests.support.dask_servers import Served
from tests.support.examples import long
from tests.support.samples import ACCEPTING, AS_OF, answers, decide, extract, ingest, put

SQUARES = [number * number for number in range(12)]
LOCAL: dict[str, Any] = {"threads_per_worker": 1, "dashboard_address": None, "n_workers": 0}


def _squares(place: Any, **options: Any) -> list[int]:
    with open_cluster(place, **options) as cluster:
        return cluster.gather(lambda number: number * number, range(12), label="square")


@pytest.fixture
def from_zero() -> Iterator[LocalCluster]:
    with LocalCluster(**LOCAL) as cluster:
        cluster.adapt(minimum=0, maximum=1)
        yield cluster


@pytest.mark.slow
def test_a_client_is_used_and_left_open(served: Served) -> None:
    with Client(served.address, set_as_default=False) as client:
        for _ in range(2):
            assert _squares(client) == SQUARES
        assert client.status == "running"
    with pytest.raises(ClusterError, match=r"Client at .*: is closed; give a client that is connected"):
        open_cluster(client)


@pytest.mark.long
@pytest.mark.slow
def test_a_cluster_that_starts_from_zero_is_used_and_left_open(from_zero: LocalCluster, tmp_path: Path) -> None:
    assert not from_zero.workers
    assert _squares(from_zero) == SQUARES
    file = put(tmp_path, "alameda.csv", extract("ALAMEDA"))
    for name, place in (("adapted", from_zero), ("threads", "threads:1")):
        with open_cluster(place) as cluster:
            ingest(file, tmp_path / name / "store", county="ALAMEDA", cluster=cluster)
            decide(tmp_path / name / "store", tmp_path / name / "run", cluster)
    assert answers(tmp_path / "adapted" / "run") == answers(tmp_path / "threads" / "run")
    assert from_zero.status.name == "running"


@pytest.mark.slow
@pytest.mark.long
def test_commands_take_a_file_of_a_cluster_that_adapts_from_zero(tmp_path: Path) -> None:
    spec = {
        "class": "distributed.LocalCluster",
        "kwargs": {**LOCAL, "host": "127.0.0.1"},
        "adapt": {"minimum": 0, "maximum": 2},
    }
    place = _file(tmp_path / "cluster.json", json.dumps(spec))
    file, policy = put(tmp_path, "alameda.csv", extract("ALAMEDA")), ["--policy", "ca-dismiss-all"]
    for name in ("adapted", "threads"):
        store, run = str(tmp_path / name / "store"), str(tmp_path / name / "run")
        more = ["--quiet", "--cluster", place if name == "adapted" else "threads:1"]
        for words in (
            ["ingest", file, "--store", store, "--county", "ALAMEDA", *ACCEPTING],
            ["run", "--store", store, *policy, "--as-of", AS_OF, "--out", run],
        ):
            with pytest.raises(SystemExit) as left:
                main([*words, *more])
            assert left.value.code == 0
    assert answers(tmp_path / "adapted" / "run") == answers(tmp_path / "threads" / "run")
    for told in (
        clearscale.work(tmp_path / "adapted" / "store"),
        clearscale.work(run=tmp_path / "adapted" / "run"),
    ):
        assert (told["cluster"], told["lost"], told["again"]) == ("distributed.LocalCluster", 0, 0)
        workers = [worker for worker in told["workers"] if worker["worker"] != "caller"]
        assert 1 <= len(workers) <= 2
        assert sum(worker["bytes_written"] for worker in workers) > 0


def test_anything_else_is_no_cluster() -> None:
    with pytest.raises(ClusterError, match="an object of class dict is no cluster; give a specification such as"):
        open_cluster({})  # type: ignore[arg-type]


@pytest.mark.slow
def test_the_file_that_a_scheduler_wrote(served: Served) -> None:
    assert read_configuration(str(served.file)).place == Address(served.address)
    assert _squares(str(served.file), wait=600) == SQUARES


YAML = """
class: tests.support.spec_cluster.OneProcess
kwargs: {threads: 1}
scale: 2
distributed: {scheduler: {allowed-failures: 2}}
"""
TOML = """
module = "tests.support.spec_cluster"
class = "OneProcess"
args = []
adapt = {minimum = 0, maximum = 2}
[options]
threads = 1
"""


def _file(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(
    ("name", "text", "named"),
    [
        ("c.yaml", YAML, Named("tests.support.spec_cluster.OneProcess", (), {"threads": 1}, {"n": 2})),
        (
            "c.toml",
            TOML,
            Named("tests.support.spec_cluster.OneProcess", (), {"threads": 1}, None, {"minimum": 0, "maximum": 2}),
        ),
        (
            "c.json",
            json.dumps({"class": "dask_jobqueue.SLURMCluster", "kwargs": {"cores": 1}, "scale": {"jobs": 3}}),
            Named("dask_jobqueue.SLURMCluster", (), {"cores": 1}, {"jobs": 3}),
        ),
        ("d.yaml", "version: 1\nclass: a.B\nargs: [1, x]", Named("a.B", (1, "x"))),
    ],
)
def test_files_that_name_a_class(tmp_path: Path, name: str, text: str, named: Named) -> None:
    assert read_configuration(_file(tmp_path / name, text)).place == named


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("class: Cluster", "`class` names a class with its module"),
        ("class: 'os;x.Y'", "`class` names a class with its module"),
        ("kwargs: {a: 1}", "`class` names a class with its module"),
        ("class: [a.B]", "`class` must be of type str"),
        ("class: a.B\nkwargs: [1]", "`kwargs` must be of type dict"),
        ("class: a.B\nscale: yes", "`scale` must be of type int or dict"),
        ("class: a.B\nscale: 1\nadapt: {minimum: 0}", "one of `scale` and `adapt`"),
        ("class: a.B\nkwargs: {}\noptions: {}", "one of `kwargs` and `options`"),
        ("class: a.B\nscheduler-address: tls://a:1", "names two places"),
        ("class: nowhere_at_all.Cluster", r"no such class \(No module .*install the package nowhere-at-all"),
        ("class: distributed.NoCluster", "there is no such class"),
        ("class: pathlib.Path", "is no class of Dask clusters"),
        ("class: os.system\nargs: [ls]", "is no class of Dask clusters"),
        long("class: distributed.LocalCluster\nkwargs: {nonsense: 1}", r"LocalCluster: did not start \("),
    ],
)
def test_what_is_wrong_with_a_class_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ClusterError, match=said):
        open_cluster(_file(tmp_path / "cluster.yaml", text))


def test_a_file_that_is_no_toml(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match=r"is not a configuration in TOML \(line 1, column \d+\)"):
        open_cluster(_file(tmp_path / "cluster.toml", "class =\nscale = 1"))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "text"), [("c.yaml", YAML), ("c.toml", TOML)])
def test_a_cluster_of_a_named_class(name: str, text: str, tmp_path: Path) -> None:
    path = _file(tmp_path / name, text)
    with open_cluster(path) as cluster:
        assert isinstance(cluster, ServedCluster)
        assert cluster.gather(lambda number: number * number, range(12), label="square") == SQUARES
        started = cluster.client.cluster
        assert started.scheduler.allowed_failures == (2 if name == "c.yaml" else 4)
    assert started.status.name == "closed"


@pytest.mark.slow
def test_waiting_for_workers_is_bounded(tmp_path: Path) -> None:
    path = _file(tmp_path / "c.yaml", YAML.replace("scale: 2", "scale: 0"))
    with pytest.raises(ClusterError, match=r"has no workers after 0\.5 s; .* or wait longer with --wait"):
        open_cluster(path, wait=0.5)


@pytest.mark.long
@pytest.mark.slow
def test_a_scheduler_that_others_reach_must_be_protected(tmp_path: Path) -> None:
    text = json.dumps({"class": "distributed.LocalCluster", "kwargs": {**LOCAL, "host": "0.0.0.0"}, "scale": 1})
    path = _file(tmp_path / "c.json", text)
    with pytest.raises(ClusterError, match=r"tcp://.*: is an address without TLS"):
        open_cluster(path)
    assert _squares(path, insecure=True) == SQUARES


@pytest.mark.long
@pytest.mark.slow
def test_a_batch_systems_cluster(tmp_path: Path) -> None:
    """What dask-jobqueue does with Slurm, with a shell in its place."""
    pytest.importorskip("dask_jobqueue", reason="the package dask-jobqueue is not installed")
    given = {
        "cores": 1,
        "processes": 1,
        "memory": "1GB",
        "log_directory": str(tmp_path),
        "local_directory": str(tmp_path),
        "scheduler_options": {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"},
    }
    text = json.dumps(
        {"class": "dask_jobqueue.local.LocalCluster", "kwargs": given, "adapt": {"minimum": 0, "maximum": 1}}
    )
    assert _squares(_file(tmp_path / "c.json", text)) == SQUARES


@pytest.mark.slow
@pytest.mark.parametrize("how", ["variable", "configuration"])
def test_the_scheduler_that_dask_is_told_of(
    how: str, served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if how == "variable":
        monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", served.address)
    else:
        monkeypatch.setitem(dask.config.config, "scheduler-address", served.address)
    with open_cluster() as cluster:
        assert cluster.gather(lambda _: os.getpid(), [1], label="pid") != [os.getpid()]
    said = capsys.readouterr().err
    assert f"works at {served.address}, which " in said
    assert ("DASK_SCHEDULER_ADDRESS" if how == "variable" else "scheduler-address") in said
    # A named place comes first, and says nothing.
    with open_cluster("threads:1") as cluster:
        assert cluster.gather(lambda _: os.getpid(), [1], label="pid") == [os.getpid()]
    assert capsys.readouterr().err == ""


def test_a_variable_sends_nothing_over_an_open_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", "tcp://192.0.2.1:8786")
    with pytest.raises(ClusterError, match=r"tcp://192\.0\.2\.1:8786: is an address without TLS"):
        open_cluster()


def test_files_of_dasks_configuration_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from clearscale_cluster import chosen

    monkeypatch.setenv("DASK_CONFIG", str(tmp_path))
    assert not any(map(chosen._mentions, chosen._files()))
    _file(tmp_path / "ours.yaml", "scheduler-address: tls://a:1")
    assert any(map(chosen._mentions, chosen._files()))


@pytest.mark.long
@pytest.mark.slow
def test_commands_take_the_file(served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["synth", "--out", str(tmp_path / "served"), "--people", "60", "--counties", "2", "--quiet"]
    for more in (["--scheduler-file", str(served.file), "--wait", "600"], ["--out", str(tmp_path / "threads")]):
        with pytest.raises(SystemExit) as left:
            main([*words, *more])
        assert left.value.code == 0, capsys.readouterr().err
    written = sorted(path.name for path in (tmp_path / "threads").iterdir())
    assert len(written) == 3
    for name in written:
        assert (tmp_path / "served" / name).read_bytes() == (tmp_path / "threads" / name).read_bytes()
