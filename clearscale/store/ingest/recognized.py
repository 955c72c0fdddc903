"""Files that a store knows by the checksum that earlier versions took: of all bytes together, not piece by piece.

Of a file of one piece it is the same. A longer one that may be such a file is read once more for that checksum, and
has it as long as the store does: so it is not taken in twice, and its folders keep their names.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from clearscale.extract import changed, opened
from clearscale.extract.digest import PIECE_BYTES, is_of_pieces
from clearscale.store.ledger import Ledger
from clearscale.store.manifest import Manifest
from clearscale_cluster import Cluster, Label, ProgressCallback

from .scanning import Scan, unchanged


def recognized(
    current: Manifest | None,
    ledger: Ledger,
    scans: Sequence[Scan],
    cluster: Cluster,
    progress: ProgressCallback | None,
) -> list[Scan]:
    """Scans with the checksums by which the store knows their files, if it knows them by such ones.

    current, ledger: what the store holds, and what was destroyed in it.

    Raises ExtractError if a file changed since it was scanned.
    """
    long = [scan for scan in scans if is_of_pieces(scan.digest)]
    if not long:
        return list(scans)
    held = {part.digest: part.records for part in (current.parts() if current else ())}
    purged = {digest for entry in ledger.entries for digest in entry["sources"]}
    known = {digest for digest in (*held, *purged) if not is_of_pieces(digest)}
    numbers = {held[digest] for digest in known if digest in held}
    # The ledger does not say how many records a file had.
    asked = [scan for scan in long if known - held.keys() or scan.records in numbers]
    if not asked:
        return list(scans)
    label = Label("compare checksums", "extracts")
    found = cluster.gather(_whole_digest, asked, label=label, progress=progress)
    by_whole = {scan.digest: digest for scan, digest in zip(asked, found, strict=True) if digest in known}
    return [replace(scan, digest=by_whole.get(scan.digest, scan.digest)) for scan in scans]


def _whole_digest(scan: Scan) -> str:
    """SHA-256 of all bytes of a file together."""
    digest = hashlib.sha256()
    with unchanged(scan.source) as (held, stamp, _):
        if stamp != scan.stamp:
            raise changed(scan.source)
        with opened(held) as file:
            while piece := file.read(PIECE_BYTES):
                digest.update(piece)
    return digest.hexdigest()
