"""Stores and files in a bucket whose names have characters that mean something elsewhere: only they are touched."""

import gzip
import pickle
import string

import pytest

from clearscale.io.claims import Claims
from clearscale.io.files import Folder
from clearscale.store.ingest.handed_in import sources_of
from tests.support.examples import long
from tests.support.s3_bucket import ALAMEDA, Bucket

# A query is refused in a folder's URL, and slashes part folders.
ODD = [character for character in (*string.punctuation, " ", "é", "\u2603") if character not in "?/"]

PATTERNS = ["[1]", "[!x]", "[0-9]", "*", "**", "{1,2}", "$", "%5B1%5D", "[*]", "[[]1]", "~", "..."]

FILES = ("a.json", "b/c.json")

NAMES = [*(f"st{odd}1" for odd in ODD), *(f"st{pattern}" for pattern in PATTERNS)]


def _filled(bucket: Bucket, name: str) -> Folder:
    bucket.put(f"{name}/kept", b"")
    for file in FILES:
        bucket.put(f"{name}/staging/{file}", b"")
    return Folder.rooted(bucket.url(name))


@pytest.mark.parametrize("how", ["remove", long("remove_all"), long("remove_file")])
def test_only_what_was_named_is_removed(bucket: Bucket, how: str) -> None:
    names = [*NAMES, "st1", "st11", "stx", "st", "stx1", "st 1x"]
    folders = {name: _filled(bucket, name) for name in names}
    expected = set(bucket.keys())
    assert len(expected) == 3 * len(names)
    for name in NAMES:
        folder = folders[name]
        if how == "remove":
            folder.remove("staging")
        elif how == "remove_all":
            folder.remove_all(["staging"])
        else:
            folder.remove_file("staging/a.json")
            folder.remove_file("staging/b/c.json")
        expected -= {f"{name}/staging/{file}" for file in FILES}
    assert bucket.keys() == sorted(expected), "neighbors, and what else is in a store, stay"


@pytest.mark.long
@pytest.mark.parametrize("how", ["remove", "remove_all"])
def test_only_what_was_named_within_a_store_is_removed(bucket: Bucket, how: str) -> None:
    inside = [*NAMES, "st?1", "st?versionId=1", "st", "st1", "stx", "st11"]
    for name in inside:
        bucket.put(f"store/{name}", b"a file")
        bucket.put(f"store/folder/{name}/x", b"in a folder")
    folder, expected = Folder.rooted(bucket.url("store")), set(bucket.keys())
    for name in NAMES:
        within = [name, f"folder/{name}"]
        if how == "remove_all":
            folder.remove_all(within)
        else:
            for path in within:
                folder.remove(path)
        expected -= {f"store/{name}", f"store/folder/{name}/x"}
    assert bucket.keys() == sorted(expected)
    folder.remove("folder")
    assert bucket.keys() == sorted(f"store/{name}" for name in inside if name not in NAMES)


def test_more_objects_than_a_request_takes_are_removed(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clearscale.io.removing._OF_A_REQUEST", 3)
    folder = _filled(bucket, "st[1]")
    for number in range(10):
        bucket.put(f"st[1]/staging/{number}", b"")
    folder.remove("staging")
    assert folder.paths() == ["kept"]


def test_claims_end_only_themselves(bucket: Bucket) -> None:
    for name in ("st[1]", "st*"):
        bucket.put("st1/one.lock", b"{}")
        bucket.put("st1/two.lock", b"{}")
        with Claims(Folder.rooted(bucket.url(name))) as claims:
            assert claims.take_each(["one.lock", "two.lock"]) == {}
        assert bucket.keys() == ["st1/one.lock", "st1/two.lock"]


@pytest.mark.long
def test_an_object_of_any_name_is_read(bucket: Bucket) -> None:
    names = [*(f"k{odd}1" for odd in (*ODD, "?", "::")), "y[1]", "y[!x]"]
    beside = ["k1", "kx", "kx1", "y1"]
    for name in (*names, *beside):
        bucket.put(f"in/{name}.csv", name.encode())
    assert [source.name for source in sources_of([bucket.url("in/*.csv")])] == sorted(
        f"{name}.csv" for name in (*names, *beside)
    )
    for name in names:
        if "*" in name:
            continue
        for given in (f"in/{name}.csv", f"in/{name}*.csv"):
            found = sources_of([bucket.url(given)])
            assert len(found) == 1, given
            (source,) = found
            with pickle.loads(pickle.dumps(source)).held() as held:
                assert held.stamp_and_length()[1] == len(name.encode())
                assert held.open().read() == name.encode()
            assert source.name == f"{name}.csv"


def test_only_a_star_is_a_pattern(bucket: Bucket) -> None:
    folders = ["d[1]", "d#1", "d 1", "d?1", "d::1", "d{1}"]
    for folder in (*folders, "d1", "dx1"):
        bucket.put(f"{folder}/k.csv", b"")
        bucket.put(f"{folder}/inner/k.csv", b"")
    for folder in folders:
        for pattern in (f"{folder}/*.csv", f"{folder}*/k.csv", f"{folder}/**/k.csv"):
            found = [source.url for source in sources_of([bucket.url(pattern)])]
            assert bucket.url(f"{folder}/k.csv") in found
            assert {url.split("/")[3] for url in found} == {folder}


def test_a_compressed_extract_whose_key_has_a_question_mark(bucket: Bucket) -> None:
    (source,) = sources_of([bucket.put("in/kern?2.csv.gz", gzip.compress(ALAMEDA))])
    assert source.name == "kern?2.csv.gz"
    with source.open() as file:
        assert file.read() == ALAMEDA


@pytest.mark.parametrize("name", ["st::1", "st::", "::st"])
def test_a_store_whose_name_has_colons_is_a_folder_of_its_own(bucket: Bucket, name: str) -> None:
    bucket.put("st/kept.json", b"{}")
    folder = Folder.rooted(bucket.url(name))
    folder.write_json("a/b.json", {"a": 1})
    assert bucket.keys() == sorted(["st/kept.json", f"{name}/a/b.json"])
    assert folder.read_json("a/b.json") == {"a": 1}
    assert folder.names() == ["a"]
    folder.remove("a")
    assert bucket.keys() == ["st/kept.json"]
