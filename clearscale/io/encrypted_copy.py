"""A copy of a store, a run or a sweep that only a key opens."""

from collections.abc import Collection
from dataclasses import replace

from clearscale.errors import StorageError
from clearscale_cluster import ProgressCallback

from .encryption import ENCRYPTION, Encryption
from .files import Folder
from .private import WRITING


def copy_encrypted(
    source: Folder, target: str, key: str, leave: Collection[str] = (), progress: ProgressCallback | None = None
) -> int:
    """Copy all files of a folder into a new one, encrypted; returns how many there are.

    Files at the top, which say that the rest is whole, come last. What an interrupted copy has stays as it is.

    leave: files and folders at the top that are not copied.

    Raises StorageError if the target holds other things, or the key cannot be had.
    """
    paths = [path for path in source.paths() if not _stays(path, leave)]
    paths.sort(key=lambda path: ("/" not in path, path))
    folder = start_encryption(target, key, paths)
    for done, path in enumerate(paths):
        if progress is not None:
            progress(done, len(paths), "copy files")
        content = source.read(path)
        if not folder.exists(path) or folder.read(path) != content:
            folder.write(path, content, lasting=True)
    return len(paths)


def _stays(path: str, leave: Collection[str]) -> bool:
    """Whether a file is no part of what a folder holds: what commands at work have there begins with a dot."""
    names = path.split("/")
    return names[0] in {ENCRYPTION, *leave} or names[0].startswith(".") or names[-1].startswith(WRITING)


def start_encryption(url: str, key: str, ours: Collection[str] = ()) -> Folder:
    """Have an empty folder say that its files are encrypted. ours: files that it may have, if it says so already.

    Raises StorageError if it holds other things, or the key cannot be had.
    """
    folder = Folder.rooted(url)
    if set(folder.paths()) - {ENCRYPTION, *(ours if folder.encryption else ())}:
        raise StorageError(f"{url}: is not empty; choose a new folder, or `clearscale encryption copy` into one")
    if folder.encryption is None:
        folder = replace(folder, encryption=Encryption.new(key))
        folder.declare()
    return folder


def change_key(url: str, key: str) -> None:
    """Have another key open an encrypted folder. No file but that which says so is written.

    Raises StorageError if it is not encrypted, or a key cannot be had.
    """
    folder = Folder.rooted(url)
    if folder.encryption is None:
        raise StorageError(f"{url}: is not encrypted; `clearscale encryption copy` makes a copy that is")
    replace(folder, encryption=None).write_json(ENCRYPTION, folder.encryption.by(key).document(), lasting=True)
