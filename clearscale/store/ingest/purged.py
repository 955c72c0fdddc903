"""Files of which records were destroyed in the store: the same file again would bring them back."""

from collections.abc import Iterable
from dataclasses import replace

from clearscale.formats.noticed import PURGED_RECORDS
from clearscale.law import state
from clearscale.law.findings import Finding, Kinds
from clearscale.store.ledger import Ledger
from clearscale.store.part import Part

from .gate import passed
from .scanning import Scan
from .settings import Settings


def with_purges(ledger: Ledger, scans: Iterable[Scan]) -> list[Scan]:
    """The scans with how often records of their files were destroyed."""
    return [replace(scan, purges=ledger.times(scan.digest)) for scan in scans]


def brought_back(
    ledger: Ledger, scan: Scan, settings: Settings, held: Part | None = None
) -> tuple[Finding, ...] | None:
    """The finding that a file brings destroyed records back, None if it does not.

    held: the part that the store has of the same content; with all of its records, it was brought back before.

    Raises ExtractError if that was not accepted by name.
    """
    if not scan.purges or (held is not None and not held.purged):
        return None
    return bringing_back(ledger, scan.source.name, scan.digest, settings, scan.records)


def bringing_back(
    ledger: Ledger, name: str, digest: str, settings: Settings, records: int = 0, kinds: Kinds | None = None
) -> tuple[Finding, ...]:
    """The finding that a file brings destroyed records back.

    records: of the file, 0 if that is not known yet. kinds: of findings; without them those of extracts.

    Raises ExtractError if that was not accepted by name.
    """
    count = ledger.destroyed(digest)
    found = (kinds or state().findings)[PURGED_RECORDS].judge(count, max(count, records))
    return passed(name, [found] if found else [], settings, kinds)
