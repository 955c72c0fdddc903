"""Files sent as they are, and as a zip that is made while it is sent: nothing is kept on disk or in memory."""

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, cast

from clearscale.outputs.serve.server import Write

_PIECE = 2**20


class _Pieces:
    """A file that can only be written to, as `zipfile` takes it; sends what was written in large pieces."""

    def __init__(self, write: Write) -> None:
        self._write, self._held = write, bytearray()

    def write(self, content: bytes, /) -> int:
        self._held += content
        if len(self._held) >= _PIECE:
            self.flush()
        return len(content)

    def flush(self) -> None:
        self._write(bytes(self._held))
        self._held.clear()


def copied(path: Path, write: Write) -> None:
    """Send a file."""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            write(piece)


def zipped(paths: Sequence[Path], folder: Path, write: Write) -> None:
    """Send files below a folder as a zip, by their names in it."""
    pieces = _Pieces(write)
    with zipfile.ZipFile(cast(IO[bytes], pieces), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in paths:
            entry = zipfile.ZipInfo.from_file(path, path.relative_to(folder).as_posix())
            entry.compress_type = zipfile.ZIP_DEFLATED
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, _PIECE)
    pieces.flush()
