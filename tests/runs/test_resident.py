"""What a process keeps of a store that it has decided: same answers, within bounds, and nothing written over."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import clearscale
from clearscale.policy.caseload import Caseload
from clearscale.runs.resident import CACHE, Cache
from clearscale.store.opened import Store
from tests.support.samples import AS_OF, answers, decide, extract, ingest, put

PACKS = ("ca-bear-default", "ca-prop64-statute", "ca-los-angeles-2019", "ca-san-joaquin-2019", "ca-dismiss-all")


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    CACHE.clear()
    yield
    CACHE.clear()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two counties in five buckets."""
    folder = tmp_path_factory.mktemp("kept")
    extracts = [put(folder, f"{county}.csv", extract(county, seed=3)) for county in ("ALAMEDA", "YOLO")]
    ingest(extracts, folder / "store", buckets=5)
    return folder / "store"


def kept() -> list[Caseload]:
    return [caseload for caseload, _ in CACHE._kept.values()]


def arrays(caseload: Caseload) -> dict[str, np.ndarray]:
    """All arrays that a caseload holds by now."""
    found = {name: array for name, array in vars(caseload).items() if isinstance(array, np.ndarray)}
    for name in ("candidates", "subjects"):
        found |= {f"{name}.{column}": array for column, array in getattr(caseload, name)._columns.items()}
    return found


def digests() -> dict[str, str]:
    return {
        f"{number} {name}": hashlib.sha256(array.tobytes()).hexdigest()
        for number, caseload in enumerate(kept())
        for name, array in arrays(caseload).items()
    }


def test_the_second_run_reads_no_candidates(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = answers(Path(decide(store, tmp_path / "first").folder.url))

    def refuse(self: Store, number: int) -> Any:
        raise AssertionError("read again")

    monkeypatch.setattr(Store, "candidates", refuse)
    assert answers(Path(decide(store, tmp_path / "second").folder.url)) == first
    CACHE.clear()
    with pytest.raises(AssertionError, match="read again"):
        decide(store, tmp_path / "third")


def test_no_policy_writes_into_what_is_kept(store: Path, tmp_path: Path) -> None:
    decide(store, tmp_path / "first")
    seen = digests()
    assert len(seen) > 20
    for as_of in (AS_OF, "2031-01-01"):
        for pack in PACKS:
            clearscale.run(str(store), pack, as_of, str(tmp_path / f"{pack} {as_of}"))
            now = digests()
            assert {name: now[name] for name in seen} == seen
            seen = now
    CACHE.clear()
    for pack in PACKS:
        anew = clearscale.run(str(store), pack, "2031-01-01", str(tmp_path / f"{pack} anew"))
        assert answers(Path(anew.folder.url)) == answers(tmp_path / f"{pack} 2031-01-01")


def test_a_new_snapshot_is_read(store: Path, tmp_path: Path) -> None:
    decide(store, tmp_path / "before")
    ingest(put(tmp_path, "napa.csv", extract("NAPA", seed=9)), store)
    after = decide(store, tmp_path / "after")
    assert "NAPA" in after.counties
    CACHE.clear()
    assert answers(Path(decide(store, tmp_path / "anew").folder.url)) == answers(Path(after.folder.url))


def test_there_is_a_bound(store: Path, tmp_path: Path) -> None:
    decide(store, tmp_path / "run")
    [one] = kept()
    assert one.nbytes >= sum(array.nbytes for array in arrays(one).values())
    cache = Cache(2 * one.nbytes)
    for key in "abc":
        cache.put(key, one)
    assert len(cache) == 2
    fresh = Caseload(one.candidates, one.subjects, one.charge_flags, one.sections, one.extracts)
    assert cache.get("b", lambda: fresh) is one
    assert cache.get("c", lambda: fresh) is fresh
    cache.put("a", one)
    assert len(cache) == 2
