"""Small extracts are cut into blocks as large ones are."""

import pytest


@pytest.fixture(autouse=True)
def first_blocks_as_small_as_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """An extract's first block is usually at least as long as a header may be."""
    monkeypatch.setattr("clearscale.extract.reading._LONGEST_OPENING", 2000)
