"""Files that are to take others' places: written aside first, so that a store changes all at once or not at all."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from clearscale.io.documents import json_bytes
from clearscale.io.files import Folder
from clearscale.io.seals import NO_SEAL, Seal, seal_of

WORK = "purging"
"""The folder of what is prepared, below the store."""
FILES = f"{WORK}/files"


@dataclass(frozen=True)
class Change:
    """What becomes of a file.

    Attributes
    ----------
    path : str
        Below the store.
    rows_before, rows_after : int
        Rows in it; a file without rows is removed if it is one of quarantine.
    """

    path: str
    rows_before: int
    rows_after: int


@dataclass
class Work:
    """What is prepared. keep: whether anything is written; if not, it is only counted.

    receipt: 32 random bytes that the store never holds. Digests of what is destroyed are keyed with them, so that
    they tell nothing to whoever guesses, and prove it to whoever was given the receipt.
    """

    store: Folder
    keep: bool
    placed: dict[str, Seal] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    receipt: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def table(
        self,
        path: str,
        target: str,
        before: int,
        after: pa.Table,
        write: Callable[[Folder, str, pa.Table], Seal] = lambda folder, name, table: folder.write_parquet(
            name, table
        ),
    ) -> Seal:
        """Prepare a table in place of a file. path: of the file; target: where it belongs now. before: its rows."""
        self.changes.append(Change(path, before, after.num_rows))
        if not self.keep:
            return NO_SEAL
        self._digest(path)
        self.placed[target] = write(self.store.folder(FILES), target, after)
        return self.placed[target]

    def content(
        self, path: str, target: str, before: int, after: int, made: Callable[[], bytes | memoryview]
    ) -> Seal:
        """Prepare a file in place of another, as `table`. after: its rows. made: makes its content."""
        self.changes.append(Change(path, before, after))
        if not self.keep:
            return NO_SEAL
        self._digest(path)
        self.placed[target] = self.store.folder(FILES).write(target, made())
        return self.placed[target]

    def place(self, path: str, target: str, before: int, after: int, seal: Seal) -> None:
        """Have a file that was written below `FILES` take the place of another, which may have held what goes.

        path: of that; target: where it belongs now. before, after: their rows.
        """
        if before != after:
            self.changes.append(Change(path, before, after))
            if self.keep:
                self._digest(path)
        if self.keep:
            self.placed[target] = seal

    def document(self, target: str, document: Any) -> Seal:
        """Prepare a JSON document."""
        content = json_bytes(document)
        if self.keep:
            self.placed[target] = self.store.folder(FILES).write(target, content)
        return seal_of(content)

    def remove(self, path: str, rows: int) -> None:
        """Have a file removed."""
        self.changes.append(Change(path, rows, 0))
        self.removed.append(path)
        if self.keep:
            self._digest(path)

    def commitment(self, names: list[bytes]) -> str:
        """A digest of whom it was asked for, which only the receipt opens."""
        return hmac.new(self.receipt, b"\n".join(sorted(names)), hashlib.sha256).hexdigest()

    def _digest(self, path: str) -> None:
        self.digests[path] = hmac.new(self.receipt, self.store.read(path), hashlib.sha256).hexdigest()
