"""The files of a snapshot with their seals, read once a process."""

from dataclasses import replace

from clearscale.io.files import Folder
from clearscale.io.sealed import SealedFolder
from clearscale.io.seals import Seal, read_seals
from clearscale.io.urls import absolute

from .charge_manifest import ChargeManifest
from .codes import Codes
from .layout import FILES, snapshot_path
from .manifest import GUARD, Manifest

_MOST = 8
"""Snapshots whose seals a process keeps."""

_kept: dict[tuple[str, str, Seal], SealedFolder] = {}


def sealed_files(store: Folder, manifest: Manifest | ChargeManifest, *, anew: bool = False) -> SealedFolder:
    """The store's folder with the seals of all that belongs to a snapshot. Raises StoreError for damaged seals.

    anew: whether they are read again, whatever this process knows of them.
    """
    url = absolute(store.url)
    key = (url, manifest.snapshot, manifest.files)
    found = _kept.get(key)
    if found is None or anew:
        found = _kept[key] = _read(store, manifest)
        for oldest in list(_kept)[:-_MOST]:
            _kept.pop(oldest, None)
    return found


def _read(store: Folder, manifest: Manifest | ChargeManifest) -> SealedFolder:
    path = f"{snapshot_path(manifest.snapshot)}/{FILES}"
    folder = SealedFolder(absolute(store.url), {path: manifest.files}, GUARD, encryption=store.encryption)
    if store.is_local:  # whatever this process knows of it
        folder.compare(path)
    document = folder.read_json(path)
    try:
        seals = read_seals(document)
    except (AttributeError, TypeError, ValueError):
        GUARD.damaged(store.folder(path).url, "it does not list files")
    files = replace(folder, seals=seals)
    return replace(files, check=Codes(manifest, files)) if isinstance(manifest, Manifest) else files
