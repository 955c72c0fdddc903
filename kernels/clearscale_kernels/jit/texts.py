"""Kernels as LLVM text, which suits any processor of a kind of machine: made by Numba, and sent with the package.

Nearly all of the time that compiling takes is Numba's, and goes into this text. So the texts of all kernels come
with the package, and a machine that sees its first kernel need only make machine code of them. A text counts as
long as it was made from the sources that are here.
"""

import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import machine, stored
from .arguments import Types

if TYPE_CHECKING:
    import zipfile

ENTRY = "kernel"
"""Name of the function that takes a block of numbers."""

INNER = "kernel_of_pointers"
"""Name of the one that takes pointers and sizes one by one. Its attributes tell which it writes to."""

_MAKERS = "[lmv]*"
"""Files in this folder that texts depend on: `lowering`, `machine`, `make_texts`, and the vector operations."""

_SOURCES = "sources"
"""Entry of the archive that says what the texts were made from."""


def archive() -> Path:
    """Where the texts for this kind of machine lie."""
    return Path(__file__).parent / "texts" / f"{re.sub(r'[^A-Za-z0-9_-]', '-', machine.triple())}.zip"


def shipped(name: str) -> str | None:
    """The text of that name; None if there is none that was made from the sources that are here."""
    try:
        return _shipped().read(f"{name}.ll").decode("utf-8") if fit() else None
    except KeyError:
        return None


@cache
def _shipped() -> "zipfile.ZipFile":
    import zipfile  # which a process that finds its kernels need not load

    return zipfile.ZipFile(archive())


@cache
def fit() -> bool:
    """Whether there are texts that were made from the sources that are here, and no settings of Numba to heed."""
    settings = [name for name in os.environ if name.startswith("NUMBA_") and name not in stored.OF_NO_ACCOUNT]
    from zipfile import BadZipFile

    try:
        return not settings and _shipped().read(_SOURCES).decode("ascii") == stored.sources(_MAKERS)
    except (OSError, KeyError, BadZipFile, ValueError):
        return False


def size(name: str) -> int:
    """How long the text of that name is, by which the time to compile it is judged; 0 if there is none."""
    try:
        return _shipped().getinfo(f"{name}.ll").file_size if fit() else 0
    except KeyError:
        return 0


def made(function: Callable[..., Any], types: Types) -> str | None:
    """The text that Numba makes now; None if Numba does not, or its result is one that only Numba hands over."""
    from .lowering import NumbaError, text_of

    try:
        return machine.simplified(text_of(function, types), ENTRY, INNER)
    except NumbaError:
        return None


def write(texts: Mapping[str, str], file: Path) -> None:
    """Write an archive: the same bytes for the same texts."""
    import zipfile

    file.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as opened:
        entries = {f"{name}.ll": texts[name] for name in sorted(texts)}
        for name, text in {_SOURCES: stored.sources(_MAKERS), **entries}.items():
            opened.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
