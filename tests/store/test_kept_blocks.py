"""Blocks of long compressed extracts that wait in staging: damage to one of them is told, and never stored."""

import gzip
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

import clearscale
from clearscale.errors import StorageError
from tests.support.in_stretches import in_stretches
from tests.support.noting import NotingCluster
from tests.support.samples import contents, decrypted, extract, ingest, put
from tests.support.unscanned import scanned_first


def stored(path: str, folder: Path, cluster: NotingCluster) -> dict[str, bytes]:
    ingest(path, folder, cluster=cluster, county="ALAMEDA", block_bytes=10_000)
    return {name: content for name, content in contents(folder).items() if not name.startswith("log")}


DAMAGE: dict[str, Callable[[bytearray, Random], bytes | None]] = {
    "a bit": lambda content, random: turned(content, random),
    "cut": lambda content, random: bytes(content[: random.randrange(1, len(content))]),
    "empty": lambda content, random: b"",
    "zeros": lambda content, random: bytes(len(content)),
    "longer": lambda content, random: bytes(content + b"\0"),
    "gone": lambda content, random: None,
}


def turned(content: bytearray, random: Random) -> bytes:
    """The content with a bit that turned."""
    content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    return bytes(content)


def others(path: Path) -> Path:
    """A block of the same extract beside this one."""
    return next(other for other in sorted(path.parent.iterdir()) if other != path)


@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize("damage", [*DAMAGE, "another's place"])
def test_kept_blocks_that_are_damaged_are_told(
    damage: str, encrypted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanned_first(monkeypatch)
    in_stretches(monkeypatch)
    content = extract("ALAMEDA", seed=5, scatter=True, padded=True)
    packed = put(tmp_path, "packed.csv.gz", gzip.compress(content))
    whole, random = stored(packed, tmp_path / "whole", NotingCluster(1)), Random(damage)
    if encrypted:
        clearscale.make_key(tmp_path / "key")
        clearscale.start_encryption(tmp_path / "store", f"file:{tmp_path / 'key'}")

    class Damaging(NotingCluster):
        def map(self, function: Any, items: Any, *, label: str = "work", progress: Any = None) -> Any:
            if str(label) == "read extracts":
                block = random.choice(sorted((tmp_path / "store/staging").glob("unpacked-*/*.zst")))
                if damage == "another's place":
                    found: bytes | None = others(block).read_bytes()
                else:
                    found = DAMAGE[damage](bytearray(block.read_bytes()), random)
                block.unlink() if found is None else block.write_bytes(found)
            return super().map(function, items, label=label, progress=progress)

    what = r"is missing|is damaged|cannot be read"
    with pytest.raises(StorageError, match=rf"block-\d+\.zst: ({what}).*run the same command again"):
        stored(packed, tmp_path / "store", Damaging(3))
    assert not list((tmp_path / "store" / "staging").glob("unpacked-*/*"))
    again = stored(packed, tmp_path / "store", NotingCluster(3))
    found = decrypted(tmp_path / "store") if encrypted else again
    assert {name: found[name] for name in whole} == whole
