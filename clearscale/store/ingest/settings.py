"""How extracts are taken in."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from clearscale.extract import BLOCK_BYTES

BUCKETS = range(1, 4097)
"""How many buckets a new store may have."""


@dataclass(frozen=True)
class Settings:
    """What `clearscale.ingest` was told.

    county: of all extracts, or by file name. quarantine: whether records that cannot be used are set aside. accept:
    findings that a person has looked at. add: whether files are added to their counties' extracts, instead of
    replacing them. dealt: whether the files are what statewide ones were dealt into. group_blocks: see
    `first_round.Reading`.
    """

    county: str | Mapping[str, str] | None = None
    quarantine: bool = False
    accept: Collection[str] = ()
    dry_run: bool = False
    add: bool = False
    dealt: bool = False
    buckets: int | None = None
    block_bytes: int = BLOCK_BYTES
    group_blocks: int | None = None
