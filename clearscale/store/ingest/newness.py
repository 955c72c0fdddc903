"""Whether extracts that were read without a scan are new: what they are is only known when they are read.

Most are, since a file of the name and the length of one that a store has is scanned. One that is not is left, and
the ingest begins again with a scan of it; what was read of the others stays.
"""

from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from clearscale.store.ledger import Ledger
from clearscale.store.manifest import Manifest
from clearscale_cluster import Cluster, ProgressCallback

from .first_round import Reading
from .recognized import recognized
from .scanning import Scan
from .tidying import discard_unused, take


class NotNewError(Exception):
    """Extracts are to be scanned before they are read. places: theirs."""

    def __init__(self, places: set[str]) -> None:
        super().__init__("extracts are not new")
        self.places = places


@dataclass(frozen=True)
class Newness:
    """What extracts must not be: such as the store has, has destroyed records of, or the ingest has once more.

    scanned: digests of the extracts that were scanned.
    """

    current: Manifest | None
    ledger: Ledger
    scanned: Container[str]
    reading: Reading
    cluster: Cluster
    progress: ProgressCallback | None
    _places: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Of each digest where extracts with it lie: not all are known at once."""

    def require(self, scans: Sequence[Scan]) -> None:
        """Claim extracts by the ids that they turned out to have.

        Raises NotNewError if some are not new, with nothing left of them, and StoreError if another ingest is at
        work on one.
        """
        if not scans:
            return
        held = {part.digest for part in self.current.parts()} if self.current else set()
        known = recognized(self.current, self.ledger, scans, self.cluster, self.progress)
        for scan in known:
            self._places[scan.digest].append(scan.source.place)
        old = [
            scan
            for scan in known
            if scan.digest in held
            or scan.digest in self.scanned
            or len(self._places[scan.digest]) > 1
            or self.ledger.times(scan.digest)
        ]
        if old:
            if self.reading.keep:
                discard_unused(
                    self.reading.root, [scan.waiting for scan in old if scan.waiting], self.reading.claims
                )
            raise NotNewError(set().union(*(self._places[scan.digest] for scan in old)))
        if self.reading.keep:
            take(self.reading.claims, self.reading.root, {scan.id: scan.source.name for scan in scans})
