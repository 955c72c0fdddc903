"""Extracts of some kilobytes scanned as others of many megabytes are."""

import pytest

from clearscale.extract import digest, stretches
from clearscale.store.ingest import long_extracts, recognized


def in_stretches(patch: pytest.MonkeyPatch, pieces: int = 2, piece_bytes: int = 1000) -> None:
    """Have extracts scanned in stretches of so many pieces. Worker processes know nothing of it."""
    for module in (digest, stretches, recognized):
        patch.setattr(module, "PIECE_BYTES", piece_bytes)
    patch.setattr(long_extracts, "STRETCH_BYTES", pieces * piece_bytes)
