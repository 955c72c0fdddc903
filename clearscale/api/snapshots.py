"""What a store holds now, and what it held before."""

from typing import Any

from clearscale.io.files import Folder
from clearscale.io.paths import StrPath, path_text
from clearscale.store.any_manifest import AnyManifest, manifests_of
from clearscale.store.ledger import read_ledger
from clearscale.store.log import read
from clearscale.store.manifest import Manifest


def snapshots(store: StrPath) -> list[dict[str, Any]]:
    """List the snapshots of a store that are still there, the one in force last.

    Parameters
    ----------
    store : str or os.PathLike
        Path or URL of the store, of extracts or of charges.

    Returns
    -------
    list of dict of str to object
        Of each snapshot: `snapshot`, its name; `holds`, `extracts` or `charges`; `made`, the time in the store's
        log, None if the log does not say; `version` of clearscale; `in_force`; `buckets`; `counts`; `runs`, how
        many runs the log has of it; and `extracts` or `files`, each with its name, county where it has one, and
        what became of its records.

    Raises
    ------
    StoreError
        If there is no store, or a manifest is damaged.
    StorageError
        If an object storage refuses, or cannot be reached.

    Examples
    --------
    >>> import clearscale
    >>> found = clearscale.snapshots("store")
    >>> found[-1]["in_force"], [extract["county"] for extract in found[-1]["extracts"]]
    (True, ['LOS ANGELES', 'SAN DIEGO'])
    """
    return _listed(Folder.rooted(path_text(store, "store")))


def _listed(folder: Folder) -> list[dict[str, Any]]:
    found = manifests_of(folder)
    entries = read(folder).entries
    made = {entry.get("snapshot"): entry["when"] for entry in reversed(entries) if entry["command"] == "ingest"}
    runs = [entry.get("snapshot") for entry in entries if entry["command"] == "run"]
    return [
        {
            "snapshot": manifest.snapshot,
            "made": made.get(manifest.snapshot),
            "version": manifest.version,
            "in_force": manifest is found[-1],
            "buckets": manifest.dealt,
            "counts": manifest.counts,
            "runs": runs.count(manifest.snapshot),
            **_held(manifest),
        }
        for manifest in found
    ]


def store_info(store: StrPath) -> dict[str, Any]:
    """Say what a store holds: what `snapshots` says of the one in force, and how the store is kept.

    Parameters
    ----------
    store : str or os.PathLike
        Path or URL of the store, of extracts or of charges.

    Returns
    -------
    dict of str to object
        What `snapshots` says of the snapshot in force, and `store`, where it lies; `encrypted`;
        `snapshots`, how many there are; `destroyed`, how often records were destroyed.

    Raises
    ------
    StoreError
        If there is no store, or a manifest is damaged.
    StorageError
        If an object storage refuses, or cannot be reached.

    Examples
    --------
    >>> import clearscale
    >>> clearscale.store_info("store")["holds"]
    'extracts'
    """
    folder = Folder.rooted(path_text(store, "store"))
    listed = _listed(folder)
    return {
        "store": folder.url,
        **listed[-1],
        "encrypted": folder.encryption is not None,
        "snapshots": len(listed),
        "destroyed": len(read_ledger(folder).entries),
    }


def _held(manifest: AnyManifest) -> dict[str, Any]:
    if isinstance(manifest, Manifest):
        extracts = [
            {
                "id": entry.id,
                "county": entry.county,
                "files": [part.name for part in entry.parts],
                "stored": entry.stored,
                "quarantined": sum(part.quarantined for part in entry.parts),
                "findings": [finding.name for finding in entry.findings],
            }
            for entry in manifest.extracts
        ]
        return {"holds": "extracts", "extracts": extracts}
    files = [
        {
            "id": file.id,
            "name": file.name,
            "stored": file.stored,
            "quarantined": file.quarantined,
            "findings": [finding.name for finding in file.findings],
        }
        for file in manifest.read
    ]
    return {"holds": "charges", "format": manifest.map["name"], "files": files}
