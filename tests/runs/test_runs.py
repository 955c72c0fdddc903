"""The run folder: what a run reads, how decisions are shared out, and the same bytes however tasks are cut."""

import importlib
import json
import pkgutil
import shutil
import subprocess
import sys
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clearscale
from clearscale.errors import RunError
from clearscale.io.files import Folder
from clearscale.runs import decisions as deciding
from clearscale.runs import run as running
from clearscale.runs.decisions import share_out
from clearscale.runs.resident import CACHE
from clearscale.runs.snapshots import shared_snapshot
from clearscale.store import open_store
from clearscale.store.ingest import refolding
from tests.support.samples import OPTIONS, answers, conviction, decide, extract, ingest, put, rendered

COUNTIES = ("ALAMEDA", "FRESNO", "LOS ANGELES", "YOLO")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four counties, two of them with the same people; one without any."""
    folder = tmp_path_factory.mktemp("store")
    for number, county in enumerate(COUNTIES):
        content = extract(county, seed=number % 3, subjects=40)
        ingest(put(folder, f"{county}.csv", content), folder / "store", county=county, buckets=8)
    ingest(put(folder, "none.csv", extract("NAPA", subjects=0)), folder / "store", county="NAPA")
    return folder / "store"


@pytest.fixture(scope="module")
def expected(store: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("expected") / "run"
    decide(store, folder, "threads:1")
    return answers(folder)


@pytest.mark.parametrize("candidates", [1, 60, 200, 2**30])
@pytest.mark.parametrize("cluster", ["threads:1", "threads:4"])
def test_the_same_files_however_the_tasks_are_cut(
    candidates: int,
    cluster: str,
    store: Path,
    expected: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "MOST_CANDIDATES", candidates)
    decide(store, tmp_path / "run", cluster)
    assert answers(tmp_path / "run") == expected


def test_a_run_leaves_these_files_and_no_others(expected: dict[str, bytes]) -> None:
    tables = ("tables/convictions.parquet", "tables/flags.parquet", "tables/people.parquet")
    assert sorted(expected) == sorted(
        ["counties.json", "decisions/part-00000.parquet", "run.json", "summary.json", *tables]
    )


def test_a_run_reads_candidates_and_dictionaries_only(
    store: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    shutil.copytree(store, tmp_path / "store")
    for folder in ("records", *(f"snapshots/*/{name}" for name in ("histories", "convictions", "people"))):
        for path in (tmp_path / "store").glob(folder):
            shutil.rmtree(path)
    assert not list((tmp_path / "store").rglob("bucket-*.parquet"))
    decide(tmp_path / "store", tmp_path / "run")
    assert answers(tmp_path / "run") == expected


NOT_NEEDED = ("numba", "dask", "distributed", "fsspec", "asyncio", "pydantic", "rich", "clearscale.commands.show")


def test_a_run_imports_only_what_it_uses(store: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    """Its kernels are on disk, since this process has called them."""
    (tmp_path / "policy.json").write_text(json.dumps(OPTIONS), "utf-8")
    code = (
        "import sys\nfrom clearscale.commands.main import main\n"
        "try:\n    main(['run', '--store', sys.argv[1], '--policy', sys.argv[2], '--as-of', '2020-07-01', "
        "'--out', sys.argv[3], '--quiet'])\nexcept SystemExit as leaving:\n    assert not leaving.code\n"
        f"print([name for name in {NOT_NEEDED!r} if name in sys.modules])"
    )
    arguments = [str(store), str(tmp_path / "policy.json"), str(tmp_path / "run")]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]"]
    assert sorted(answers(tmp_path / "run")) == sorted(expected)


def test_a_record_that_is_decided_twice_is_told(store: Path) -> None:
    about = shared_snapshot(Folder(str(store)), open_store(str(store)).manifest.snapshot)
    extracts = np.array([1, 0, 1, 1], np.int32)
    assert deciding._order(extracts, np.array([5, 9, 0, 4], np.int32), about).tolist() == [1, 2, 3, 0]
    with pytest.raises(RunError, match="decided twice"):
        deciding._order(extracts, np.array([5, 9, 0, 5], np.int32), about)


@pytest.mark.parametrize("most", [1, 70, 130])
def test_decisions_of_an_extract_are_found_in_whichever_file_they_lie(
    most: int, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = decide(store, tmp_path / "whole")
    monkeypatch.setattr(deciding, "MOST_DECISIONS", most)
    run = decide(store, tmp_path / "run")
    files = {place["file"] for place in run.info["decisions"].values()}
    assert len(files) == len(share_out([place["count"] for place in run.info["decisions"].values()])) > 1
    assert sorted(path.name for path in (tmp_path / "run/decisions").iterdir()) == sorted(
        name.removeprefix("decisions/") for name in files
    )
    entries = open_store(str(store)).manifest.extracts
    assert list(run.info["decisions"]) == [entry.id for entry in entries]
    by_extract = [run.decisions(entry.id).to_pylist() for entry in entries]
    for entry, rows in zip(entries, by_extract, strict=True):
        assert {row["extract"] for row in rows} <= {entry.id}
        assert len(rows) == run.info["decisions"][entry.id]["count"]
        assert [row["row"] for row in rows] == sorted(row["row"] for row in rows)
        assert rows == whole.decisions(entry.id).to_pylist()
    assert list(chain(*by_extract)) == run.decisions().to_pylist() == whole.decisions().to_pylist()
    assert [len(rows) > 0 for rows in by_extract] == [entry.county != "NAPA" for entry in entries]
    with pytest.raises(RunError, match="the run has no extract 'nobody'; it has: alameda-"):
        run.decisions("nobody")


@settings(derandomize=True, deadline=None, database=None)
@given(st.lists(st.integers(0, 9), max_size=12), st.integers(1, 12))
def test_neighboring_extracts_share_a_file_up_to_a_size(counts: list[int], most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deciding, "MOST_DECISIONS", most)
        shares = share_out(counts)
    assert list(chain(*shares)) == list(range(len(counts)))
    sizes = [[counts[place] for place in share] for share in shares]
    assert all(
        sum(counts_of_file) <= most or sum(counts_of_file) == max(counts_of_file) for counts_of_file in sizes
    )
    # No two neighbors that would fit into one file are in two.
    for one, two in pairwise(sizes):
        assert sum(one) + two[0] > most


def test_no_function_is_hidden_by_a_module_of_its_name() -> None:
    for module in pkgutil.iter_modules(clearscale.__path__):
        if module.name != "__main__":
            importlib.import_module(f"clearscale.{module.name}")
    for name in ("check", "export", "ingest", "run", "tables"):
        assert callable(getattr(clearscale, name)), name


def test_a_process_that_has_read_a_snapshot_reads_it_again_after_a_prune(tmp_path: Path) -> None:
    """A prune writes buckets that other snapshots had a part in without that part."""
    store = tmp_path / "store"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refolding, "FEWEST_ROWS", 0)
        for name, rows in (("kern", 40), ("yolo", 3)):
            content = rendered([conviction(f"{number}", name.upper()) for number in range(rows)])
            ingest(put(tmp_path, f"{name}.csv", content), store, county=name.upper())
    expected = decide(store, tmp_path / "before", "threads:1").counties
    assert any(held.without for held in open_store(str(store)).manifest.held)
    clearscale.prune(store, keep=1)
    assert not any(held.without for held in open_store(str(store)).manifest.held)
    CACHE.clear()
    assert decide(store, tmp_path / "after", "threads:1").counties == expected
    clearscale.export(tmp_path / "before", "KERN", tmp_path / "out")
