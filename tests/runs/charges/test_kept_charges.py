"""What a process keeps of a store of charges: same answers, nothing written over, nothing that is out of date."""

import hashlib
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import clearscale
from clearscale.errors import StorageError
from clearscale.runs.charges.resident import ChargeBucket
from clearscale.runs.resident import CACHE, Cache, forget
from clearscale.store.charge_store import ChargeStore, open_charges
from clearscale.synth import fabricate_charges
from tests.formats.made import COOK
from tests.store.test_encrypted import forget_keys
from tests.support.samples import contents

PACKS = ("il-minor-cannabis-2020", "mi-clean-slate-2021", "ca-1203-425")
AS_OF = "2026-01-01"


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    forget()
    yield
    forget()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two fabricated files of Cook's, and a store of the first, in three buckets."""
    folder = tmp_path_factory.mktemp("kept")
    for name, seed in (("first", 3), ("second", 4)):
        fabricate_charges(str(folder / name), COOK, people=40, seed=seed)
        (folder / name / "il-cook-clerk.csv").rename(folder / f"{name}.csv")
    clearscale.ingest_charges(folder / "first.csv", folder / "store", "il-cook-clerk", buckets=3)
    return folder


def kept() -> list[ChargeBucket]:
    return [bucket for bucket, _ in CACHE._kept.values() if isinstance(bucket, ChargeBucket)]


def arrays(bucket: ChargeBucket) -> dict[str, np.ndarray]:
    parts = (bucket.tables.charges, bucket.tables.cases, bucket.tables.people)
    return {
        f"{type(part).__name__}.{field.name}": getattr(part, field.name) for part in parts for field in fields(part)
    }


def digests() -> list[dict[str, str]]:
    return [
        {name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in arrays(bucket).items()}
        for bucket in kept()
    ]


def run(store: Path, out: Path, pack: str = PACKS[0], as_of: str = AS_OF) -> dict[str, bytes]:
    """What a run answers."""
    clearscale.run_charges(store, pack, as_of, out, cluster="threads:2")
    return {name: content for name, content in contents(out).items() if name != "run.json"}


def test_a_second_run_and_a_forecast_read_nothing(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(made / "store", tmp_path / "first")
    forecast = clearscale.forecast(made / "store", PACKS[0], AS_OF, months=12)
    assert len(kept()) == 3

    def refuse(self: ChargeStore, bucket: int) -> Any:
        raise AssertionError("read again")

    monkeypatch.setattr(ChargeStore, "tables", refuse)
    monkeypatch.setattr(ChargeStore, "of_cases", refuse)
    assert run(made / "store", tmp_path / "second") == first
    assert clearscale.forecast(made / "store", PACKS[0], AS_OF, months=12).equals(forecast)
    forget()
    with pytest.raises(AssertionError, match="read again"):
        run(made / "store", tmp_path / "third")


def test_nothing_kept_is_or_can_be_changed(made: Path, tmp_path: Path) -> None:
    run(made / "store", tmp_path / "first")
    seen = digests()
    for bucket in kept():
        for name, array in arrays(bucket).items():
            assert not array.flags.writeable, name
            with pytest.raises(ValueError, match="read-only"):
                array[:1] = 0
    found = {pack: run(made / "store", tmp_path / pack, pack, "2031-01-01") for pack in PACKS}
    clearscale.forecast(made / "store", PACKS[1], AS_OF, months=24)
    assert digests() == seen
    forget()
    for pack in PACKS:
        assert run(made / "store", tmp_path / f"{pack}-anew", pack, "2031-01-01") == found[pack]


def test_a_new_snapshot_is_read(made: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    clearscale.ingest_charges(made / "first.csv", store, "il-cook-clerk", buckets=3)
    before = run(store, tmp_path / "before")
    clearscale.ingest_charges(made / "second.csv", store, "il-cook-clerk", accept=["contradictory-births"])
    after = run(store, tmp_path / "after")
    assert after != before
    forget()
    assert run(store, tmp_path / "anew") == after


def test_a_purge_is_noticed_and_leaves_nothing_kept(made: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    clearscale.ingest_charges(made / "first.csv", store, "il-cook-clerk", buckets=3)
    run(store, tmp_path / "before")
    key = open_charges(store).numbers(0).column("identity")[0].as_py()
    rows = sum(bucket.tables.rows for bucket in kept())
    assert clearscale.purge(store, person=key).records
    assert kept() == []
    after = run(store, tmp_path / "after")
    assert 0 < sum(bucket.tables.rows for bucket in kept()) < rows
    forget()
    assert run(store, tmp_path / "anew") == after


def test_nothing_is_told_without_the_key(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "store"
    clearscale.make_key(tmp_path / "key")
    clearscale.start_encryption(store, f"file:{tmp_path / 'key'}")
    clearscale.ingest_charges(made / "first.csv", store, "il-cook-clerk", buckets=3)
    first = run(store, tmp_path / "first")
    clearscale.make_key(tmp_path / "newer")
    clearscale.change_key(store, f"file:{tmp_path / 'newer'}")
    assert run(store, tmp_path / "second").keys() == first.keys()
    clearscale.make_key(tmp_path / "wrong")
    monkeypatch.setenv("CLEARSCALE_KEY", f"file:{tmp_path / 'wrong'}")
    forget_keys()
    assert kept()
    with pytest.raises(StorageError, match="another key"):
        run(store, tmp_path / "third")


def test_there_is_a_bound(made: Path, tmp_path: Path) -> None:
    run(made / "store", tmp_path / "run")
    [one, *_] = kept()
    assert one.nbytes >= sum(array.nbytes for array in arrays(one).values())
    cache = Cache(2 * one.nbytes)
    for key in "abc":
        cache.put(key, one)
    assert len(cache) == 2
    other = replace(one)
    assert cache.get("b", lambda: other) is one
    assert cache.get("c", lambda: other) is other


def test_the_arrays_of_a_store_cannot_be_written_to(made: Path) -> None:
    store = open_charges(made / "store")
    tables = store.tables(0)
    for part in (tables.charges, tables.cases, tables.people):
        assert not any(getattr(part, field.name).flags.writeable for field in fields(part))
