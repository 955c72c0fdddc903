"""The ledger of a store: what was destroyed in it, with counts and without anybody's values.

It says which snapshots are void since, so that what was made from them can say so, and of which files records were
destroyed, so that the same file does not bring them back unasked.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clearscale.errors import StorageError, StoreError
from clearscale.io.files import Folder
from clearscale.io.sealed import Guard, content_if_there, document_in
from clearscale.io.seals import with_digest

LEDGER = "purged.json"

GUARD = Guard(StoreError, "ledger", "put the file back from a copy of the store")
"""What to do about damage in the ledger."""

_ENTRIES = "entries"


@dataclass(frozen=True)
class Ledger:
    """All that was destroyed, the earliest first; see `docs/concepts/store.md` for the keys of an entry."""

    entries: tuple[Mapping[str, Any], ...] = ()

    def voided(self, snapshot: str) -> Mapping[str, Any] | None:
        """The entry of what made a snapshot void, None if nothing did."""
        return next((entry for entry in self.entries if snapshot in entry["void"]), None)

    def why_void(self, snapshot: str) -> str | None:
        """Why nothing that was made from a snapshot may be used any more, and what to do; None if it may."""
        entry = self.voided(snapshot)
        if entry is None:
            return None
        return (
            f"is void: it was made from snapshot {snapshot}, of which records were destroyed on "
            f"{entry['when'][:10]}; remove it, and make it again from what the store holds now"
        )

    def removed(self, snapshot: str) -> Mapping[str, Any] | None:
        """The entry of what removed a snapshot or gave it another name, None if nothing did."""
        return next((entry for entry in self.entries if snapshot in entry["snapshots"]), None)

    def times(self, digest: str) -> int:
        """How often records of the file with this checksum were destroyed."""
        return sum(digest in entry["sources"] for entry in self.entries)

    def destroyed(self, digest: str) -> int:
        """How many records of the file with this checksum were destroyed."""
        return sum(entry["sources"][digest]["records"] for entry in self.entries if digest in entry["sources"])

    def with_entry(self, entry: Mapping[str, Any]) -> "Ledger":
        """The ledger with one more entry, unless it has it."""
        known = any(found["id"] == entry["id"] for found in self.entries)
        return self if known else Ledger((*self.entries, entry))

    def write(self, store: Folder) -> None:
        """Put it into the store."""
        store.write_json(LEDGER, with_digest({_ENTRIES: list(self.entries)}), lasting=True)


def read_ledger(store: Folder) -> Ledger:
    """The ledger of a store, empty if nothing was destroyed. Raises StoreError if it is damaged."""
    content = content_if_there(store, LEDGER, GUARD)
    if content is None:
        return Ledger()
    return Ledger(tuple(document_in(content, store.folder(LEDGER).url, GUARD)[_ENTRIES]))


def why_void(store: str, snapshot: str) -> str | None:
    """Why nothing that was made from a snapshot may be used any more, and what to do; None if it may.

    A store that cannot be reached does not say so.
    """
    with contextlib.suppress(OSError, StorageError):
        return read_ledger(Folder.rooted(store)).why_void(snapshot)
    return None
