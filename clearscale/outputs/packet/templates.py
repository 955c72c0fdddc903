"""The Typst files of papers: those that come with the package, and an office's own."""

import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from clearscale.errors import ClearscaleError
from clearscale.io.files import Folder

PAPERS = ("order", "declaration", "notice", "review")
"""Papers, each with a template of its name and data of its name, such as `order.typ` and `order.json`."""

_FILES = ("common.typ", *(f"{name}.typ" for name in PAPERS), "office.toml", "seal.svg")
_ENDINGS = (".typ", ".svg", ".png", ".jpg", ".jpeg", ".wasm")
_LARGEST = 20_000_000


def packaged(name: str) -> bytes:
    """A file that comes with the package."""
    return files(__package__).joinpath("templates", name).read_bytes()


def packaged_templates() -> dict[str, bytes]:
    """The templates that come with the package, by name."""
    return {name: packaged(name) for name in _FILES if name.endswith(".typ")}


def write_templates(out: str, examples: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Write the packaged templates into a new folder, an office's file, and made-up data to try them with.

    Parameters
    ----------
    out
        A folder, path or URL, that is empty or not there.
    examples
        Made-up data by paper.

    Returns
    -------
    list of str
        Paths or URLs of the files.

    Raises
    ------
    ClearscaleError
        If the folder holds anything: nothing that somebody changed is written over.
    """
    folder = Folder(out)
    if folder.names():
        raise ClearscaleError(f"{folder.url}: is not empty; choose a new folder for --templates")
    written = {name: packaged(name) for name in _FILES}
    for name, document in examples.items():
        written[f"{name}.json"] = f"{json.dumps(document, indent=1, ensure_ascii=False)}\n".encode()
    for name, content in written.items():
        folder.write(name, content, lasting=True)
    return [f"{out.rstrip('/')}/{name}" for name in written]


def read_templates(folder: Path) -> dict[str, bytes]:
    """An office's templates and images, by name; those of the package where it has none of a name.

    Only files directly in the folder are taken. Raises ClearscaleError if it has no template at all, or they are
    too large.
    """
    if not folder.is_dir():
        raise ClearscaleError(f"{folder}: there is no such folder; `clearscale packet --templates DIR` writes one")
    own = {
        place.name: place.read_bytes()
        for place in sorted(folder.iterdir())
        if place.is_file() and place.suffix.lower() in _ENDINGS
    }
    if not any(name.endswith(".typ") for name in own):
        raise ClearscaleError(
            f"{folder}: has no template (*.typ); `clearscale packet --templates DIR` writes those to start with"
        )
    if sum(map(len, own.values())) > _LARGEST:
        raise ClearscaleError(
            f"{folder}: its templates and images are larger than {_LARGEST // 1_000_000} MB together"
        )
    return packaged_templates() | own


def digest_of(sources: Mapping[str, bytes]) -> str:
    """SHA-256 of files with their names."""
    found = hashlib.sha256()
    for name in sorted(sources):
        found.update(f"{name}\0{len(sources[name])}\0".encode())
        found.update(sources[name])
    return found.hexdigest()
