"""Stores and files in a bucket whose names have characters that mean something elsewhere: only they are touched."""

import string

import pytest

from clearscale.io.claims import Claims
from clearscale.io.files import Folder
from tests.support.s3_bucket import Bucket

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


@pytest.mark.parametrize("how", ["remove", "remove_all", "remove_file"])
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


@pytest.mark.slow
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
