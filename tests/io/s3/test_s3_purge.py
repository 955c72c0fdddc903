"""Records are destroyed in a bucket as they are in a folder, whatever the storage refuses meanwhile."""

import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

import clearscale
from clearscale.api.made import destroyed, made_at
from clearscale.errors import RunError, StorageError
from clearscale.store import open_store
from clearscale.store.logged import logged
from clearscale.store.manifest import UnderWayError
from tests.support.canary import NUMBER, found_in
from tests.support.charged_canary import KEY, found_among, own, stored
from tests.support.examples import at_length
from tests.support.s3_bucket import Bucket
from tests.support.s3_server import Faults, Request
from tests.support.samples import Interrupted, decide
from tests.support.stopping import Steps
from tests.support.void_results import RESULTS

pytestmark = pytest.mark.slow


@pytest.fixture
def store(bucket: Bucket, build_once: Callable[[str], Path]) -> str:
    """A store in the bucket that holds a person everywhere, beside other things."""
    folder = build_once("canary_everywhere") / "store"
    for path in folder.rglob("*"):
        if path.is_file():
            bucket.put(f"state/store/{path.relative_to(folder)}", path.read_bytes())
    bucket.put("state/other.txt", b"mine")
    bucket.put("state/store-of-another/manifest.json", b"mine")
    return bucket.url("state/store")


def finished(store: str, bucket: Bucket) -> None:
    clearscale.purge(store, cii=NUMBER)
    assert found_in(bucket.contents("state")) == {}
    assert not bucket.contents("state/store/purging")
    assert not bucket.contents("state/store/staging")
    assert clearscale.verify(store).damaged == ()
    assert bucket.contents("state")["other.txt"] == b"mine"
    assert bucket.contents("state")["store-of-another/manifest.json"] == b"mine"


@pytest.mark.long
def test_nothing_of_a_person_is_left(store: str, bucket: Bucket, tmp_path: Path) -> None:
    decide(store, bucket.url("run"))
    assert found_in(bucket.contents("run")) != {}
    told = clearscale.purge(store, cii=NUMBER, made=bucket.url("run"))
    assert (told.records, told.quarantined, told.histories) == (6, 10, 2)
    assert bucket.contents("run") == {}
    finished(store, bucket)
    decide(store, bucket.url("again"))
    clearscale.export(bucket.url("again"), "YOLO", tmp_path / "out")
    clearscale.purge(store, extract="kern.csv")
    with pytest.raises(RunError, match="is void: it was made from snapshot"):
        clearscale.tables(bucket.url("again"), tmp_path / "tables")


@pytest.mark.long
def test_earlier_snapshots_leave(store: str, bucket: Bucket) -> None:
    told = clearscale.prune(store, keep=1, save=True)
    assert sum(new is None for new in told.snapshots.values()) == 2
    kept = open_store(store).manifest
    # What the kept one has of earlier ones lies in their folders.
    folders = {path.partition("/")[0] for path in bucket.contents("state/store/snapshots")}
    assert folders == {kept.snapshot, *(held_bucket.snapshot for held_bucket in kept.held)}
    assert clearscale.verify(store).damaged == ()
    assert clearscale.prune(store).nothing
    assert clearscale.prune(store, quarantine_days=1).nothing
    assert clearscale.prune(store, quarantine_days=0).quarantined == 6


@pytest.mark.long
def test_the_log_is_an_object_an_entry(store: str, bucket: Bucket) -> None:
    clearscale.check(store)
    threads = [threading.Thread(target=logged, args=(store, "export"), kwargs={"records": k}) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = clearscale.log(store)
    assert found.problems == ()
    assert sorted(entry.get("records", -1) for entry in found.entries) == [-1, *range(6)]
    assert list(bucket.contents("state/store/log")) == [f"{number:08d}.json" for number in range(1, 8)]
    bucket.remove("state/store/log/00000003.json")
    assert clearscale.log(store).problems[0] == "entry 3 has number 4 where 3 belongs: one was removed or moved"


@pytest.mark.long
def test_it_may_stop_before_any_step(store: str, bucket: Bucket) -> None:
    before = bucket.contents("state/store")
    with pytest.MonkeyPatch.context() as patch:
        steps = Steps(patch)
        finished(store, bucket)
    met = set()
    for stop in at_length(range(1, steps.done - 10, steps.done // 8), least=3):
        for path in bucket.contents("state/store"):
            bucket.remove(f"state/store/{path}")
        for path, content in before.items():
            bucket.put(f"state/store/{path}", content)
        with pytest.MonkeyPatch.context() as patch:
            Steps(patch, stop)
            with pytest.raises(Interrupted):
                clearscale.purge(store, cii=NUMBER)
        met.add(_state(store))
        finished(store, bucket)
    assert "under way" in met


def _state(store: str) -> str:
    try:
        open_store(store)
    except UnderWayError:
        return "under way"
    assert clearscale.verify(store).damaged == ()
    return "whole"


@pytest.mark.long
@pytest.mark.parametrize("kind", RESULTS)
def test_a_result_is_gone_whichever_removals_were_refused(kind: str, void_results: Path, bucket: Bucket) -> None:
    def removes(request: Request) -> bool:
        return request.method == "DELETE" or (request.method == "POST" and "delete" in request.query)

    def there() -> str:
        return bucket.put_folder(void_results / kind / "result", "made")

    made = there()
    bucket.server.clear()
    assert destroyed(made_at([made])) == (made,)
    removals = sum(map(removes, bucket.server.requests))
    assert removals > 2
    for number in at_length(range(removals), least=2):
        there()
        so_far = count()
        bucket.fail(
            Faults(
                "AccessDenied", lambda request, so_far=so_far, of=number: removes(request) and next(so_far) >= of
            )
        )
        with pytest.raises(RunError, match="cannot be removed"):
            destroyed(made_at([made]))
        assert bucket.heal()
        assert destroyed(made_at([made])) == (made,)
        assert bucket.contents("made") == {}, f"refused from removal {number} on"


@pytest.mark.long
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_storage_that_refuses_is_told_and_the_same_command_ends_it(
    method: str, store: str, bucket: Bucket
) -> None:
    def late(request: object) -> bool:
        path = getattr(request, "path", "")
        begun = method == "POST" or ("/snapshots/" in path and "/purging/" not in path)
        return getattr(request, "method", "") == method and begun

    bucket.fail(Faults("AccessDenied", late))
    with pytest.raises(StorageError, match=r"access is refused|cannot be removed"):
        clearscale.purge(store, cii=NUMBER)
    assert bucket.heal()
    finished(store, bucket)


@pytest.mark.long
def test_nothing_of_a_person_is_left_in_charges(bucket: Bucket, tmp_path: Path) -> None:
    stored(tmp_path, own(1, 2), tmp_path / "store")
    for path in (tmp_path / "store").rglob("*"):
        if path.is_file():
            bucket.put(f"state/store/{path.relative_to(tmp_path / 'store')}", path.read_bytes())
    store = bucket.url("state/store")
    assert found_among(bucket.contents("state")) != {}
    with pytest.MonkeyPatch.context() as patch:
        Steps(patch, 40)
        with pytest.raises(Interrupted):
            clearscale.purge(store, person=KEY)
    clearscale.purge(store, person=KEY)
    assert found_among(bucket.contents("state")) == {}
    assert not bucket.contents("state/store/purging")
    assert clearscale.verify(store).damaged == ()
