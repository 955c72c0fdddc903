"""The folder of a packet: what lies in it, and whose it is."""

import re

from clearscale.errors import RunError
from clearscale.io.claims import LOCK
from clearscale.io.files import Folder
from clearscale.io.private import WRITING
from clearscale.io.sealed import Guard
from clearscale.store.manifest import HOLDS

PACKET = "packet"
"""What the manifest says that it holds."""

MANIFEST = "manifest.json"
"""Written last: a folder without it holds no packet."""

GUARD = Guard(RunError, "packet", "remove the folder, and run the same `clearscale packet` command again")
"""What to do about damage in a packet."""

_OWN = re.compile(r"(?:order|declaration|review|notices)(?:-\d+-of-\d+)?\.pdf|notices")


def require_own(folder: Folder) -> None:
    """Raise RunError if a folder holds other things than an unfinished or damaged packet."""
    names = folder.names()
    known = {LOCK, MANIFEST}
    others = [name for name in names if not (name in known or name.startswith(WRITING) or _OWN.fullmatch(name))]
    if others or (MANIFEST in names and not _is_own(folder)):
        raise RunError(f"{folder.url}: is not empty; choose a new folder for --out")


def _is_own(folder: Folder) -> bool:
    """Whether the manifest is a packet's: others name a file so, too."""
    try:
        return bool(folder.read_json(MANIFEST).get(HOLDS) == PACKET)
    except (ValueError, AttributeError, RecursionError):
        return False


def clear(folder: Folder) -> None:
    """Remove a packet's files, the manifest last."""
    own = [name for name in folder.names() if _OWN.fullmatch(name) or name.startswith(WRITING)]
    folder.remove_all(own)
    folder.remove(MANIFEST)
