"""Paths are taken as texts and as `os.PathLike`, and what comes back says in one line what it is."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import clearscale
from clearscale.commands.demo import AS_OF, options
from clearscale.synth import fabricate
from clearscale_cluster import Cluster, open_cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with open_cluster("threads:1") as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Path:
    """A folder with extracts, a store, a policy, and a run and a sweep under it, all made from `pathlib.Path`."""
    root = tmp_path_factory.mktemp("arguments")
    fabricate(str(root / "extracts"), counties=2, people=20, seed=1)
    (root / "policy.json").write_text(json.dumps(options()), "utf-8")
    clearscale.ingest(root / "extracts" / "*.csv", root / "store", buckets=1, cluster=cluster)
    clearscale.run(root / "store", root / "policy.json", AS_OF, root / "run", cluster=cluster)
    clearscale.sweep(root / "store", root / "policy.json", AS_OF, ["age=0,40"], root / "sweep", cluster=cluster)
    return root


def test_ingest_takes_one_path_or_pattern_or_several(folder: Path, tmp_path: Path, cluster: Cluster) -> None:
    pattern, paths = folder / "extracts" / "*.csv", sorted((folder / "extracts").glob("*.csv"))
    reports = [
        clearscale.ingest(extracts, tmp_path / str(number), cluster=cluster)
        for number, extracts in enumerate(
            (pattern, str(pattern), paths, [str(path) for path in paths], iter(paths))
        )
    ]
    assert {report.added for report in reports} == {tuple(path.name for path in paths)}
    one = clearscale.ingest(paths[0], tmp_path / "one", cluster=cluster)
    assert one.added == (paths[0].name,)


def test_every_path_may_be_a_path_or_a_text(folder: Path, tmp_path: Path, cluster: Cluster) -> None:
    run, sweep = clearscale.open_run(folder / "run"), clearscale.open_sweep(folder / "sweep")
    assert run == clearscale.open_run(str(folder / "run"))
    assert sweep == clearscale.open_sweep(str(folder / "sweep"))
    assert clearscale.open_store(folder / "store") == clearscale.open_store(str(folder / "store"))
    clearscale.check(folder / "store", out=tmp_path / "checks", cluster=cluster)
    assert (tmp_path / "checks" / "checks.csv").exists()
    assert clearscale.tables(folder / "run", tmp_path / "tables") == clearscale.tables(run, str(tmp_path / "same"))
    (county, *_) = run.counties
    names = {path.name for path in clearscale.export(folder / "run", county, tmp_path / "county", cluster=cluster)}
    assert names == {path.name for path in clearscale.export(str(folder / "run"), county, str(tmp_path / "same"))}
    clearscale.diff(folder / "run", run, out=tmp_path / "diff", cluster=cluster)
    assert (tmp_path / "diff" / "diff.json").exists()


def test_a_cluster_may_be_a_configuration_file(tmp_path: Path) -> None:
    (tmp_path / "cluster.yaml").write_text("clearscale: {cluster: 'threads:3'}\n", "utf-8")
    with open_cluster(tmp_path / "cluster.yaml") as opened:
        assert opened.workers == 3


def test_representations_are_a_line_without_anybodys_data(folder: Path, tmp_path: Path, cluster: Cluster) -> None:
    store, run = clearscale.open_store(folder / "store"), clearscale.open_run(folder / "run")
    snapshot = store.manifest.snapshot
    assert repr(store) == f"Store('{folder}/store', snapshot='{snapshot}', extracts=2, buckets=1)"
    assert repr(run) == f"Run('{folder}/run', policy='policy', as_of='2020-07-01', snapshot='{snapshot}')"
    sweep = clearscale.open_sweep(folder / "sweep")
    assert repr(sweep) == f"Sweep('{folder}/sweep', policies=2, as_of='2020-07-01', snapshot='{snapshot}')"
    difference = clearscale.diff(run, run, cluster=cluster)
    assert repr(difference) == f"Diff('{folder}/run', '{folder}/run', differ=[], records=0)"
    decided = run.decisions().slice(0, 1).to_pylist()[0]
    explanation = clearscale.explain(run, decided["extract"], decided["row"])
    assert repr(explanation) == (
        f"Explanation(run='{explanation.run}', extract='{decided['extract']}', row={decided['row']})"
    )
    report = clearscale.ingest(folder / "extracts" / "*.csv", folder / "store", cluster=cluster)
    assert repr(report) == (
        f"IngestReport(snapshot='{snapshot}', added=0, replaced=0, unchanged=2, records=0, stored=0, quarantined=0)"
    )
    assert repr(cluster) == "EmbeddedCluster(threads=1)"


def test_a_server_shows_where_it_listens_but_not_its_token(folder: Path) -> None:
    server = clearscale.serve(folder / "run")
    try:
        assert repr(server) == f"Server('http://127.0.0.1:{server.server_port}/')"
        assert server.token not in repr(server)
    finally:
        server.server_close()
