"""How much an object store is asked: what is far costs by the request, and those that wait wait together."""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from clearscale import run as run_policy
from clearscale.commands.demo import AS_OF, options
from clearscale.commands.main import main
from clearscale.extract import regions
from clearscale.extract.reading import BLOCK_BYTES
from clearscale.io import kept
from clearscale.store import buckets, open_store
from clearscale.store.ingest import refolding
from clearscale.synth import fabricate, fabricate_state
from tests.support.s3_bucket import ALAMEDA, Bucket, answers
from tests.support.s3_server import Faults, Request
from tests.support.samples import contents, conviction, counties_of, decide, ingest, put, rendered
from tests.support.unscanned import read_in_one_pass

pytestmark = pytest.mark.slow

OF_A_STATE = 470
"""Requests for an ingest of all counties, a fiftieth as large as they are."""

OF_ANY, OF_A_FILE = 102, 6
"""Requests for an ingest of any size, and for each small extract, however many buckets there are."""

OF_A_BUCKET = 12
"""Requests for each bucket that is more than four."""

OF_A_RUN, ROUNDS_OF_A_RUN = 46, 14
"""Requests for a run, and how many of them wait for one before."""

ROUNDS_OF_AN_INGEST = 42
"""Requests of an ingest of small extracts that wait for one before, each bucket's task after the other."""

LATE = 0.25
"""Seconds by which answers are late where it counts who waits for whom: much, beside what a busy machine adds."""

PATIENCE = 20
"""Seconds after which requests that wait for each other are answered, where they do not come together."""


def put_extracts(bucket: Bucket, folder: Path) -> int:
    """Put fabricated extracts into the bucket; returns how many."""
    bucket.put_folder(folder, "in")
    bucket.server.clear()
    return len(list(folder.glob("*.csv")))


def kinds(requests: list[Request]) -> Counter[str]:
    """Requests by what they ask for, for who looks why there are too many."""
    return Counter(
        f"{request.method} {re.sub('[0-9a-f]{6,}', '', request.path)} {request.query}" for request in requests
    )


def test_an_ingest_asks_little(bucket: Bucket, tmp_path: Path) -> None:
    fabricate(str(tmp_path / "in"), counties=8, people=80, seed=3)
    extracts, buckets = put_extracts(bucket, tmp_path / "in"), 8
    assert extracts == 8
    ingest(bucket.url("in/*.csv"), bucket.url("store"), buckets=buckets, block_bytes=BLOCK_BYTES)
    asked = list(bucket.server.requests)
    of_buckets = (buckets - 4) * OF_A_BUCKET
    assert len(asked) <= OF_ANY + extracts * OF_A_FILE + of_buckets, kinds(asked)
    assert OF_ANY + 58 * OF_A_FILE < OF_A_STATE
    bucket.server.clear()
    decide(bucket.url("store"), bucket.url("run"))
    assert len(bucket.server.requests) <= OF_A_RUN, kinds(bucket.server.requests)


def together(bucket: Bucket, count: int, hits: Callable[[Request], bool]) -> None:
    """Have requests wait until so many are there at the same time."""
    bucket.fail(Faults("held", hits, PATIENCE, count))


def in_order(bucket: Bucket, earlier: str, later: str) -> bool:
    """Whether all requests of one kind came before those of another."""
    asked = [f"{request.method} {request.path}" for request in bucket.server.requests]
    places = [[place for place, what in enumerate(asked) if re.search(kind, what)] for kind in (earlier, later)]
    return max(places[0]) < min(places[1])


def test_what_a_block_leaves_is_written_at_once_and_its_marker_afterwards(bucket: Bucket) -> None:
    source = bucket.put("in/alameda.csv", ALAMEDA)
    put = re.compile(r"/(records/|staging/.*\.arrow$)")
    together(bucket, 2, lambda request: request.method == "PUT" and bool(put.search(request.path)))
    how = {"buckets": 1, "cluster": "threads:1", "block_bytes": BLOCK_BYTES, "county": "ALAMEDA"}
    ingest([source], bucket.url("store"), **how)
    assert bucket.server.most_at_once == 2, "records, and rows with texts"
    asked = [request.method for request in bucket.server.requests if request.path.endswith("in/alameda.csv")]
    assert sorted(asked) == ["GET", "HEAD"], "its version, and what is read of it is kept"
    assert in_order(bucket, r"PUT .*/(records/|staging/.*\.arrow$)", r"PUT .*/staging/.*/group-.*\.json$")


def test_a_bucket_is_folded_by_what_is_asked_at_once(bucket: Bucket) -> None:
    source = bucket.put("in/alameda.csv", ALAMEDA)
    read = re.compile(r"/(plan\.arrow|dictionaries/.*|bucket-.*\.json)$")
    together(bucket, 5, lambda request: request.method == "GET" and bool(read.search(request.path)))
    ingest([source], bucket.url("store"), buckets=1, cluster="threads:1", block_bytes=BLOCK_BYTES)
    assert bucket.server.most_at_once == 5, "the marker, the plan, and three dictionaries"


def test_results_of_a_run_are_written_at_once_and_what_finishes_it_last(bucket: Bucket, tmp_path: Path) -> None:
    store = tmp_path / "store"
    ingest([bucket.put("in/alameda.csv", ALAMEDA)], store, buckets=1)
    bucket.put_folder(store, "store")
    written = re.compile(r"/run/(decisions/|tables/(convictions|people)|counties|summary)")
    together(bucket, 5, lambda request: request.method == "PUT" and bool(written.search(request.path)))
    decide(bucket.url("store"), bucket.url("run"))
    assert bucket.server.most_at_once == 5, "decisions, two tables, figures of counties and of the state"
    assert in_order(bucket, r"PUT .*/run/(decisions|tables|counties|summary)", r"PUT .*/run/run\.json")


@pytest.mark.long
def test_a_run_waits_for_few_answers_one_after_the_other(bucket: Bucket, tmp_path: Path) -> None:
    store = tmp_path / "store"
    ingest([bucket.put("in/alameda.csv", ALAMEDA)], store, buckets=4)
    policy = put(tmp_path, "policy.json", json.dumps(options()).encode())
    bucket.put_folder(store, "store")
    bucket.fail(Faults("slow", lambda _: True, LATE))
    with pytest.raises(SystemExit):
        main(
            [
                "run",
                "--store",
                bucket.url("store"),
                "--policy",
                policy,
                "--as-of",
                AS_OF,
                "--out",
                bucket.url("run"),
            ]
        )
    assert bucket.server.rounds() <= ROUNDS_OF_A_RUN, kinds(bucket.server.requests)
    bucket.heal()
    found = answers(bucket.contents("run"))
    assert len(found) == 6
    run_policy(store, policy, AS_OF, tmp_path / "run")
    assert found == answers(contents(tmp_path / "run")), "answers that are late change no byte"


@pytest.mark.long
def test_an_ingest_waits_for_few_answers_one_after_the_other(bucket: Bucket, tmp_path: Path) -> None:
    fabricate(str(tmp_path / "in"), counties=8, people=80, seed=3)
    put_extracts(bucket, tmp_path / "in")
    bucket.fail(Faults("slow", lambda _: True, LATE))
    how = {"buckets": 4, "cluster": "threads:2", "block_bytes": BLOCK_BYTES}
    ingest(bucket.url("in/*.csv"), bucket.url("store"), county=counties_of([f"{tmp_path}/in/*.csv"]), **how)
    rounds, asked = bucket.server.rounds(), bucket.heal()
    ingest([f"{tmp_path}/in/*.csv"], tmp_path / "store", county=counties_of([f"{tmp_path}/in/*.csv"]), **how)
    assert bucket.contents("store") == contents(tmp_path / "store"), "answers that are late change no byte"
    assert rounds <= ROUNDS_OF_AN_INGEST, kinds(asked)


@pytest.mark.long
def test_a_bucket_asks_for_all_its_rows_at_once(bucket: Bucket, tmp_path: Path) -> None:
    fabricate(str(tmp_path / "in"), counties=8, people=40, seed=4)
    put_extracts(bucket, tmp_path / "in")
    staged = re.compile(r"staging/.*\.arrow$")
    bucket.fail(Faults("slow", lambda request: request.method == "GET" and bool(staged.search(request.path)), 0.2))
    ingest(bucket.url("in/*.csv"), bucket.url("store"), buckets=1, cluster="threads:1", block_bytes=BLOCK_BYTES)
    late, most = len(bucket.server.injected), bucket.server.most_at_once
    assert late == 8, "the rows of each, whose texts are known"
    assert most == 8, "those of all extracts at once"
    ingest([f"{tmp_path}/in/*.csv"], tmp_path / "store", buckets=1, block_bytes=BLOCK_BYTES)
    assert bucket.contents("store/snapshots") == contents(tmp_path / "store/snapshots")


@pytest.mark.long
def test_a_fiftieth_of_a_state(bucket: Bucket, tmp_path: Path) -> None:
    fabricate_state(str(tmp_path / "in"), scale=0.02, seed=1)
    assert put_extracts(bucket, tmp_path / "in") == 58
    ingest(bucket.url("in/*.csv"), bucket.url("store"), block_bytes=BLOCK_BYTES, buckets=4, county=None)
    assert len(bucket.server.requests) <= OF_A_STATE, kinds(bucket.server.requests)


@pytest.mark.long
def test_a_countys_new_extract_asks_little(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else the store holds: what says where people are is read once, and what they are not in is not."""
    monkeypatch.setattr(refolding, "FEWEST_ROWS", 0)
    fabricate(str(tmp_path / "in"), counties=8, people=80, seed=3)
    put_extracts(bucket, tmp_path / "in")
    how = {"buckets": 8, "block_bytes": BLOCK_BYTES}
    ingest(bucket.url("in/*.csv"), bucket.url("store"), **how)
    ingest(f"{tmp_path}/in/*.csv", tmp_path / "store", **how)
    new = rendered([conviction("new", "KERN", CII_NUMBER="A00000001")])
    path = put(tmp_path, "kern.csv", new)
    buckets._known.clear()
    bucket.server.clear()
    ingest(path, bucket.url("store"), county="KERN")
    asked = list(bucket.server.requests)
    assert len(asked) <= OF_ANY, kinds(asked)
    ingest(path, tmp_path / "store", county="KERN")
    assert bucket.contents("store/snapshots") == contents(tmp_path / "store/snapshots")
    held = open_store(bucket.url("store")).manifest.held
    assert len({held_bucket.snapshot for held_bucket in held}) == 2
    read = {match[1] for request in asked if (match := re.search(r"histories/bucket-(\d+)", request.path))}
    assert len(read) <= 3


def test_an_extract_of_several_blocks_is_fetched_once(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for its begin, and what is around the borders of regions."""
    read_in_one_pass(monkeypatch)
    monkeypatch.setattr(regions, "_LOOKED_BACK", 2000)
    monkeypatch.setattr(kept, "SHORT", 0)
    (made,) = fabricate(str(tmp_path), counties=1, people=12, seed=3)
    content = Path(made.path).read_bytes()
    source = bucket.put("in/extract.csv", content)
    bucket.server.clear()
    ingest([source], bucket.url("store"), block_bytes=20_000, group_blocks=4, county="LOS ANGELES")
    asked = [
        request
        for request in bucket.server.requests
        if request.path.endswith("extract.csv") and request.method == "GET"
    ]
    blocks, groups = -(-len(content) // 20_000), -(-len(content) // 80_000)
    assert len(asked) <= blocks + 1, "each block, and the header"
    parts = [request.part.removeprefix("bytes=").split("-") for request in asked]
    fetched = sum(int(end) - int(begin) + 1 for begin, end in parts)
    assert len(content) <= fetched <= len(content) + 2**11 + groups * 2000
