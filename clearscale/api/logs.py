"""Who did what with a store."""

from clearscale.errors import StoreError
from clearscale.io.files import Folder
from clearscale.io.paths import StrPath, path_text
from clearscale.store.log import Log, read


def log(store: StrPath, *, holds: str | None = None) -> Log:
    """Read the log of a store, and check that nothing in it was changed, removed or moved.

    Parameters
    ----------
    store : str or os.PathLike
        Path or URL of the store.
    holds : str, optional
        A digest that was the log's last one once: without it, the end was cut off since.

    Returns
    -------
    Log
        Its entries, and what is wrong with them.

    Raises
    ------
    StoreError
        If there is no store.
    StorageError
        If an object storage refuses, or cannot be reached.

    Examples
    --------
    >>> import clearscale
    >>> found = clearscale.log("store")
    >>> found.problems
    ()
    >>> found.entries[0]["command"]
    'ingest'
    """
    folder = Folder.rooted(path_text(store, "store"))
    if not folder.exists():
        raise StoreError(f"{folder.url}: there is no store")
    return read(folder, holds)
