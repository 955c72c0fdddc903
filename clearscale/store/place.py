"""Where a new store may begin: in a folder of its own."""

from clearscale.errors import StoreError
from clearscale.io.encryption import ENCRYPTION
from clearscale.io.files import Folder

from .layout import MANIFEST, QUARANTINE, RECORDS, SNAPSHOTS, STAGING
from .ledger import LEDGER
from .log import ENTRIES, LINES

_OWN = {ENCRYPTION, LEDGER, LINES, ENTRIES, MANIFEST, QUARANTINE, RECORDS, SNAPSHOTS, STAGING}
"""What a store, or what an interrupted ingest left of a new one, holds."""

_MOUNTED = {"lost+found"}
"""What a file system puts into a folder where it is mounted."""


def require_free(root: Folder) -> None:
    """Raise StoreError if a folder without a store holds other things, which a store must not lie among.

    Hidden files do not count.
    """
    others = sum(not name.startswith(".") for name in {*root.names()} - _OWN - _MOUNTED)
    if others:
        raise StoreError(
            f"{root.url}: holds no store, but other things ({others}); name a new folder for it, or an empty one"
        )
