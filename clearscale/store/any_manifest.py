"""Manifests of either kind of store: of extracts, or of charges."""

from collections.abc import Callable

from clearscale.errors import StoreError
from clearscale.io.files import Folder

from .charge_manifest import ChargeManifest, read_charge_manifest, read_charge_snapshot
from .layout import MANIFEST, SNAPSHOTS, snapshot_folder
from .manifest import Manifest, OtherKindError, no_store, read_manifest, read_snapshot

AnyManifest = Manifest | ChargeManifest


def manifest_in_force(store: Folder) -> AnyManifest | None:
    """The manifest in force, None if the store has none yet. Raises StoreError if it is damaged."""
    return _either(lambda: read_manifest(store), lambda: read_charge_manifest(store))


def manifest_of(store: Folder, snapshot: str) -> AnyManifest:
    """The manifest of a named snapshot. Raises StoreError if it is missing or damaged."""
    found = _either(lambda: read_snapshot(store, snapshot), lambda: read_charge_snapshot(store, snapshot))
    assert found is not None
    return found


def manifests_of(store: Folder) -> list[AnyManifest]:
    """Those of all snapshots that were ever in force and are still there, the earliest first.

    Raises StoreError if there is no store, or a manifest is damaged.
    """
    current = manifest_in_force(store)
    if current is None:
        raise no_store(store.url)
    names = [name for name in store.folder(SNAPSHOTS).names() if snapshot_folder(store, name).exists(MANIFEST)]
    earlier = [manifest_of(store, name) for name in names if name != current.snapshot]
    # One that is not earlier was made by an ingest that was killed before it put it in force.
    earlier = sorted(
        (found for found in earlier if found.sequence < current.sequence), key=lambda one: one.sequence
    )
    if any(type(found) is not type(current) for found in earlier):
        raise StoreError(f"{store.url}: some of its snapshots are of extracts, and some of charges")
    return [*earlier, current]


def _either(
    extracts: Callable[[], Manifest | None], charges: Callable[[], ChargeManifest | None]
) -> AnyManifest | None:
    try:
        return extracts()
    except OtherKindError:
        return charges()
