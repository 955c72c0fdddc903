"""Extracts of some kilobytes read without a scan, as others of many megabytes are, or scanned in any case."""

import pytest

from clearscale.extract import digest, reading, regions
from clearscale.store.ingest import long_extracts, reading_regions, recognized


def read_in_one_pass(patch: pytest.MonkeyPatch, piece_bytes: int = 1000) -> None:
    """Have extracts of several small blocks read without a scan. Worker processes know nothing of it."""
    for module in (digest, regions, reading_regions, recognized):
        patch.setattr(module, "PIECE_BYTES", piece_bytes)
    patch.setattr(reading, "_LONGEST_OPENING", 2**11)


def scanned_first(patch: pytest.MonkeyPatch) -> None:
    """Have all extracts scanned before they are read."""
    patch.setattr(long_extracts, "form_looked_at", lambda *_: None)
