"""Claims and commits on an object store: by conditional puts, with no lost update and no lock of the dead."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from moto.s3.models import S3Backend

import clearscale
from clearscale.errors import StorageError, StoreError
from clearscale.io import leases
from clearscale.io.claims import Claims, claim
from clearscale.io.files import Folder
from clearscale.io.leases import TakenError
from clearscale.io.object_store import put_if
from clearscale.store import open_store
from clearscale.store.ingest import committing
from tests.support.s3_bucket import ALAMEDA, YOLO, Bucket
from tests.support.samples import decide, extract, ingest, put
from tests.support.waiting import PATIENCE, wait_until


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Claims give signs of life, and are given up, in seconds and not in a minute."""
    monkeypatch.setattr(leases, "BEAT", 0.1)
    monkeypatch.setattr(leases, "SILENCE", 3.0)


def test_of_many_writes_on_a_condition_one_is_taken(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server of the tests does it in one step, as S3: it might look for all of them before it writes."""
    put = S3Backend.put_object

    def late(*arguments: Any, **options: Any) -> Any:
        sleep(0.05)
        return put(*arguments, **options)

    monkeypatch.setattr(S3Backend, "put_object", late)
    with ThreadPoolExecutor(6) as threads:
        taken = list(threads.map(lambda number: put_if(bucket.url("one"), b"%d" % number, None), range(6)))
    assert sorted(taken) == [False] * 5 + [True]


def of_another_host(bucket: Bucket) -> None:
    bucket.put("work/lock", json.dumps({"process": 1, "host": "elsewhere", "token": "aa", "beat": 0}).encode())


@pytest.mark.usefixtures("soon")
def test_a_claim_is_held_by_one(bucket: Bucket) -> None:
    folder = Folder(bucket.url("work"))
    held = claim(folder, "lock")
    for patient in (True, False):
        with pytest.raises(TakenError, match=r"process \d+ on "):
            claim(folder, "lock", patient=patient)
    held.assert_held()
    held.release()
    assert bucket.contents("work") == {}


@pytest.mark.usefixtures("soon")
def test_a_silent_claim_is_taken_over(bucket: Bucket) -> None:
    of_another_host(bucket)
    folder = Folder(bucket.url("work"))
    with pytest.raises(TakenError, match="process 1 on elsewhere"):
        claim(folder, "lock", patient=False)
    held = claim(folder, "lock")
    held.assert_held()
    of_another_host(bucket)
    with pytest.raises(StorageError, match="another command took over"):
        held.assert_held()
    held.release()
    assert b"elsewhere" in bucket.contents("work")["lock"], "what is another's is not removed"


def test_what_ended_on_this_host_is_taken_over_at_once(bucket: Bucket) -> None:
    folder = Folder(bucket.url("work"))
    claim(folder, "lock").release(keep=True)
    held = claim(folder, "lock")
    document = json.loads(bucket.contents("work")["lock"])
    held.release()
    bucket.put("work/lock", json.dumps(document | {"process": 2**22 + 1}).encode())
    claim(folder, "lock").release()
    bucket.put("work/lock", json.dumps(document).encode())  # of this process, but of no claim that it has
    claim(folder, "lock").release()


@pytest.mark.long
@pytest.mark.usefixtures("soon")
def test_of_many_claims_one_gives_the_signs_of_life(bucket: Bucket) -> None:
    names = [f"{number}.lock" for number in range(5)]
    with Claims(Folder(bucket.url("work"))) as ours:
        assert ours.take_each(names) == {}
        first = bucket.contents("work")
        wait_until(lambda: bucket.contents("work")["0.lock"] != first["0.lock"])
        assert {name for name, content in bucket.contents("work").items() if content != first[name]} == {"0.lock"}
        theirs = Claims(Folder(bucket.url("work")))
        assert set(theirs.take_each(["6.lock", *names])) == set(names)
        for patient in (True, False):
            with pytest.raises(TakenError, match=r"process \d+ on "):
                claim(Folder(bucket.url("work")), "3.lock", patient=patient)
        ours.assert_held()
        bucket.server.clear()
    asked = [
        request for request in bucket.server.requests if ".lock" not in request.path or "6" not in request.path
    ]
    assert len(asked) < 2 * len(names), "they are let go of together"
    assert set(bucket.contents("work")) == {"6.lock"}
    theirs.assert_held()


@pytest.mark.long
def test_who_takes_over_one_of_many_claims_ends_the_first(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "SILENCE", 1.0)  # and none gives a sign of life
    folder = Folder(bucket.url("work"))
    ours = Claims(folder)
    assert ours.take_each(["a", "b", "c"]) == {}
    ours.assert_held()
    with Claims(folder) as theirs:
        theirs.take("c")
        theirs.assert_held()
        with pytest.raises(StorageError, match="another command took over"):
            ours.assert_held()
        monkeypatch.setattr(leases, "SILENCE", 1000.0)
        theirs.take("b", patient=False)  # whose first is at an end
        kept = bucket.contents("work")
        ours.__exit__(None, None, None)
        assert kept == bucket.contents("work"), "what is another's is not removed"
    assert bucket.contents("work") == {"a": b"{}\n"}, "as of an interrupted ingest"


def test_two_past_the_check(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ingests have compared the manifest with their parent before either replaces it."""
    store = bucket.url("store")
    ingest(bucket.put("in/solano.csv", extract("SOLANO", 3, 10)), store, buckets=1)
    paths = [bucket.put("in/alameda.csv", ALAMEDA), bucket.put("in/yolo.csv", YOLO)]
    both = threading.Barrier(2)
    check = committing._require_parent

    def wait(*given: Any) -> None:
        check(*given)
        both.wait(PATIENCE)

    monkeypatch.setattr(committing, "_require_parent", wait)
    told: list[StoreError] = []

    def take_in(path: str) -> None:
        try:
            ingest(path, store)
        except StoreError as error:
            told.append(error)

    threads = [threading.Thread(target=take_in, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    monkeypatch.undo()
    assert [str(error) for error in told] == [
        f"{store}: another ingest finished meanwhile; run the same command again to add to its result"
    ]
    names = {entry.name for entry in open_store(store).manifest.extracts}
    assert len(names) == 2
    assert "solano.csv" in names


@pytest.mark.long
def test_damage_is_told(bucket: Bucket, tmp_path: Path) -> None:
    store = bucket.url("store")
    ingest([put(tmp_path, "alameda.csv", ALAMEDA)], store, buckets=1)
    decide(store, bucket.url("run"))
    [name] = [name for name in bucket.contents("store") if "/subjects/" in name]
    bucket.put(f"store/{name}", bucket.contents("store")[name][:-1])
    with pytest.raises(StoreError, match=rf"{name}: is damaged \(.* bytes where .* were written\); put the file"):
        open_store(store).candidates(0)
    bucket.put("run/summary.json", b"{}")
    assert [damage.file for damage in clearscale.verify(store, bucket.url("run")).damaged] == [
        bucket.url(f"store/{name}"),
        bucket.url("run/summary.json"),
    ]
