"""What a store need not keep any longer leaves it; what stays is not touched."""

import os
import time
from pathlib import Path

import pytest

import clearscale
from clearscale.errors import ClearscaleError, StoreError
from clearscale.runs import open_run
from clearscale.store import open_store
from tests.support.canary import canary, found_below, others
from tests.support.samples import decide, ingest, put, rendered

from .test_purge import conserved

DAY = 24 * 3600


@pytest.fixture
def moved_on(tmp_path: Path) -> Path:
    """A store whose first two snapshots hold a person whom the last one does not."""
    store = tmp_path / "store"
    yolo = others("YOLO", 8)
    for place, rows in enumerate(([*yolo, *canary("YOLO")], [*canary("YOLO"), *yolo[:9]], yolo)):
        ingest(put(tmp_path, f"yolo-{place}.csv", rendered(rows)), store, county="YOLO")
    return store


def snapshots(store: Path) -> list[str]:
    return sorted(path.name for path in (store / "snapshots").iterdir())


def test_earlier_snapshots_leave_with_what_only_they_have(moved_on: Path, tmp_path: Path) -> None:
    run = decide(moved_on, tmp_path / "run")
    names = snapshots(moved_on)
    assert found_below(moved_on) != {}
    assert any("dictionaries" in path for path in found_below(moved_on / "snapshots" / names[-1]))
    expected = clearscale.prune(moved_on, keep=1, dry_run=True)
    assert snapshots(moved_on) == names
    told = clearscale.prune(moved_on, keep=1)
    assert (
        (told.snapshots, told.texts)
        == (expected.snapshots, expected.texts)
        == ({names[0]: None, names[1]: None}, 6)
    )
    assert snapshots(moved_on) == names[2:]
    assert found_below(moved_on) == {}
    assert len(list((moved_on / "records").iterdir())) == 1
    assert clearscale.verify(moved_on).damaged == ()
    conserved(moved_on)
    assert open_run(str(tmp_path / "run")).info == run.info  # not void: its snapshot lost nothing
    assert decide(moved_on, tmp_path / "run").info == run.info
    clearscale.export(tmp_path / "run", "YOLO", tmp_path / "out")
    with pytest.raises(StoreError, match=r"no snapshot \S+; it was removed by a prune on"):
        open_store(str(moved_on), names[0])
    assert clearscale.prune(moved_on, keep=1).nothing


def test_the_next_ingest_goes_on_from_what_stays(moved_on: Path, tmp_path: Path) -> None:
    clearscale.prune(moved_on, keep=1)
    kern = put(tmp_path, "kern.csv", rendered([*others("KERN", 5), *canary("KERN")]))
    ingest(kern, moved_on, county="KERN")
    ingest(kern, tmp_path / "fresh", county="KERN")
    for store in (moved_on, tmp_path / "fresh"):
        decide(store, tmp_path / f"run-{store.name}")
    found, expected = (open_run(str(tmp_path / f"run-{name}")).counties["KERN"] for name in ("store", "fresh"))
    assert found == expected


def test_quarantine_leaves_after_its_days(tmp_path: Path) -> None:
    store = tmp_path / "store"
    for county in ("YOLO", "KERN"):
        content = rendered(others(county, 5)) + b"not,a,record\n"
        ingest(put(tmp_path, f"{county}.csv", content), store, county=county, quarantine=True)
    (old,) = store.glob("quarantine/yolo-*/*")
    long_ago = time.time() - 31 * DAY
    os.utime(old, (long_ago, long_ago))
    assert clearscale.prune(store, quarantine_days=32).nothing
    told = clearscale.prune(store, quarantine_days=30)
    assert (told.quarantined, told.void) == (1, ())
    assert [path.parent.name[:4] for path in store.glob("quarantine/*/*")] == ["kern"]
    conserved(store)
    assert clearscale.verify(store).damaged == ()
    assert clearscale.prune(store, quarantine_days=0).quarantined == 1
    assert not list(store.glob("quarantine/*/*"))


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("{", "settings.json: is no setting"),
        ('{"keep": 3}', "settings.json: is no setting"),
        ('{"snapshots": "3"}', "settings.json: snapshots is no whole number"),
        ('{"snapshots": 0}', "the snapshot in force always stays"),
        ('{"quarantine_days": -1}', "name 0 days or more"),
        ("{}", "nothing says how long anything is kept"),
    ],
)
def test_a_setting_that_is_none_is_named(setting: str, told: str, moved_on: Path) -> None:
    (moved_on / "settings.json").write_text(setting)
    before = snapshots(moved_on)
    with pytest.raises(ClearscaleError, match=told):
        clearscale.prune(moved_on)
    assert snapshots(moved_on) == before


def test_a_setting_is_followed_and_not_removed(moved_on: Path) -> None:
    (moved_on / "settings.json").write_text('{"snapshots": 2}')
    told = clearscale.prune(moved_on)
    assert len(told.snapshots) == 1
    assert len(snapshots(moved_on)) == 2
    assert (moved_on / "settings.json").exists()
