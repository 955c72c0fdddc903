"""Stores, runs and sweeps whose files only a key opens."""

import os
from pathlib import Path

from clearscale.errors import StorageError
from clearscale.io import encrypted_copy
from clearscale.io.encryption.keys import new_key
from clearscale.io.files import Folder
from clearscale.io.paths import StrPath, path_text
from clearscale.io.urls import absolute
from clearscale.store.layout import STAGING
from clearscale_cluster import ProgressCallback


def make_key(path: StrPath) -> None:
    """Write a new key into a file that only its owner reads.

    Parameters
    ----------
    path : str or os.PathLike
        A local file that is not there yet.

    Raises
    ------
    StorageError
        If it is there.
    """
    target = Path(path_text(path, "path")).expanduser()
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise StorageError(f"{path}: is there already, and may open something; choose another name") from None
    with os.fdopen(handle, "w") as file:
        file.write(new_key() + "\n")
        file.flush()
        os.fsync(file.fileno())


def start_encryption(folder: StrPath, key: str) -> None:
    """Have a store that is to be, or a run's or a sweep's folder, say that its files are encrypted.

    Whatever is written there afterwards is encrypted, and what is made of a store that is so is, too.

    Parameters
    ----------
    folder : str or os.PathLike
        Path or URL of an empty folder, or of none.
    key : str
        Where the key is: `file:PATH`, `env:NAME`, or `hook:NAME` of an installed package's entry point in the group
        `clearscale.keys`.

    Raises
    ------
    StorageError
        If something is in the folder, or the key cannot be had.

    Examples
    --------
    >>> import clearscale
    >>> clearscale.make_key("key")
    >>> clearscale.start_encryption("encrypted", "file:key")
    """
    encrypted_copy.start_encryption(path_text(folder, "folder"), _named(key))


def copy_encrypted(source: StrPath, target: StrPath, key: str, *, progress: ProgressCallback | None = None) -> int:
    """Copy a store, a run or a sweep into a new folder, encrypted. An interrupted copy is gone on with.

    Parameters
    ----------
    source : str or os.PathLike
        Path or URL of what is to be copied, encrypted or not. Nobody may write into it meanwhile.
    target : str or os.PathLike
        Path or URL of a new folder.
    key : str
        Where the key is; see `start_encryption`.
    progress : callable, optional
        Called with (done, total, label).

    Returns
    -------
    int
        How many files were copied.

    Raises
    ------
    StorageError
        If there is nothing to copy, the target holds other things, or the key cannot be had.
    """
    found = Folder.rooted(path_text(source, "source"))
    if not found.names():
        raise StorageError(f"{found.url}: there is nothing to copy")
    return encrypted_copy.copy_encrypted(found, path_text(target, "target"), _named(key), (STAGING,), progress)


def change_key(folder: StrPath, key: str) -> None:
    """Have another key open an encrypted store, run or sweep. Its files stay as they are.

    Parameters
    ----------
    folder : str or os.PathLike
        Its path or URL.
    key : str
        Where the new key is; see `start_encryption`. The one so far must still be there.

    Raises
    ------
    StorageError
        If it is not encrypted, or a key cannot be had.
    """
    encrypted_copy.change_key(path_text(folder, "folder"), _named(key))


def _named(key: str) -> str:
    """The same, with the path of a file made absolute, since it is kept."""
    kind, _, name = key.partition(":")
    return f"file:{absolute(name)}" if kind == "file" and name else key
