"""Parts of files, many in one call: on an object store they are asked for at the same time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from clearscale.errors import StorageError
from clearscale_cluster.shown import shown_url
from clearscale_cluster.watching.process import count_read

from .encryption.cipher import BEGIN, Cipher, frames_of
from .object_store import is_this_machine, located
from .reasons import explained


class ShorterError(StorageError):
    """A file has not the bytes that it was written with."""


@dataclass(frozen=True)
class FilePart:
    """Bytes of a file in a folder, from start to before end. length: of the whole file, as it was written."""

    name: str
    start: int
    end: int
    length: int


def whole_file(name: str, length: int) -> FilePart:
    """All bytes of a file."""
    return FilePart(name, 0, length, length)


def read_parts(root: str, parts: Sequence[FilePart], cipher: Cipher | None) -> list[pa.Buffer]:
    """Read parts of files below a path or URL, in their order. cipher: what the files are encrypted with.

    Parts of local files are mapped. Raises FileNotFoundError for a file that is not there, and StorageError for one
    that is shorter than its part.
    """
    if cipher is None:
        return _stored(root, [(part.name, part.start, part.end) for part in parts])
    # The first bytes of a file belong to its key. Where its first frame is asked for, they are read with it.
    asked = [(part.name, *frames_of(part.start, part.end, part.length)) for part in parts]
    apart = sorted({name for name, start, _ in asked if start})
    found = _stored(root, [*asked, *((name, 0, BEGIN) for name in apart)])
    begins = dict(zip(apart, found[len(asked) :], strict=True))
    plain = []
    for part, stored in zip(parts, found, strict=False):
        begin = begins.get(part.name, stored)
        try:
            plain.append(pa.py_buffer(cipher.decrypted_part(begin, stored, part.start, part.end, part.length)))
        except OSError as error:
            error.filename = f"{root.rstrip('/')}/{part.name}"
            raise
    return plain


def _stored(root: str, asked: Sequence[tuple[str, int, int]]) -> list[pa.Buffer]:
    """Bytes of files as they are stored: (name, start, end) of each."""
    system, path = located(root)
    paths = [f"{path.rstrip('/')}/{name}" for name, _, _ in asked]
    if is_this_machine(system):
        maps = {file: pa.memory_map(file).read_buffer() for file in dict.fromkeys(paths)}
        found = [maps[file][start:end] for file, (_, start, end) in zip(paths, asked, strict=True)]
    else:
        starts, ends = [start for _, start, _ in asked], [end for _, _, end in asked]
        answers = system.cat_ranges(paths, starts, ends, on_error="return")
        found = [_answer(root, name, answer) for (name, _, _), answer in zip(asked, answers, strict=True)]
    for (name, start, end), buffer in zip(asked, found, strict=True):
        if buffer.size != end - start:
            raise ShorterError(
                f"{shown_url(root)}/{name}: cannot be read (it is shorter than it was written); "
                "run the same command again"
            )
        count_read(buffer.size)
    return found


def _answer(root: str, name: str, answer: Any) -> pa.Buffer:
    with explained(f"{root.rstrip('/')}/{name}", "read"):
        if isinstance(answer, BaseException):
            raise answer
        return pa.py_buffer(answer)
