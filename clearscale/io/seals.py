"""Seals: the length and checksum of a file as it was written, by which damage is noticed when it is read.

A checksum here is the CRC-32 of zlib. What it is for is chance, not malice: a bit that turned, a file that was cut,
emptied or put in another's place goes unnoticed once in four thousand million times, and it costs a third of what
SHA-256 does where the processor helps with that, and a seventh where it does not.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class Seal(NamedTuple):
    """Length in bytes and CRC-32 of a file's content."""

    length: int
    crc: int


NO_SEAL = Seal(0, 0)
"""The seal of a file without content."""

Seals = Mapping[str, Seal]
"""Seals of files by their paths below a folder."""

DIGEST = "digest"
"""The key under which a sealed JSON document holds its own digest."""


def seal_of(content: Any) -> Seal:
    """Return the seal of bytes, or of anything that has a buffer of them."""
    view = memoryview(content)
    return Seal(view.nbytes, zlib.crc32(view))


def seals_document(seals: Seals) -> dict[str, dict[str, list[int]]]:
    """Return seals as they are written: by folder and name, in order."""
    result: dict[str, dict[str, list[int]]] = {}
    for path in sorted(seals):
        folder, _, name = path.rpartition("/")
        result.setdefault(folder, {})[name] = list(seals[path])
    return result


def read_seals(document: Mapping[str, Mapping[str, Iterable[int]]]) -> dict[str, Seal]:
    """Return the seals of a document. Raises AttributeError, TypeError or ValueError if it is none."""
    return {
        f"{folder}/{name}" if folder else name: Seal(*map(int, seal))
        for folder, names in document.items()
        for name, seal in names.items()
    }


def with_digest(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a JSON document with the SHA-256 of all the rest of it in it."""
    return {**document, DIGEST: _digest(document)}


def is_whole(document: Any) -> bool:
    """Whether a JSON document is as `with_digest` made it."""
    return isinstance(document, dict) and document.get(DIGEST) == _digest(document)


def _digest(document: Mapping[str, Any]) -> str:
    rest = {name: value for name, value in document.items() if name != DIGEST}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
