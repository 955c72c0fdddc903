"""What the pages give away: 300 policies on each store. Processes share the work; see `tests/conftest.py`."""

from pathlib import Path

import pytest

from tests.support.examples import at_length
from tests.support.judged import PARTS, STORES, Stores, findings


@pytest.mark.long
@pytest.mark.parametrize("part", at_length(PARTS))
@pytest.mark.parametrize("store", STORES)
def test_nothing_is_found_under_many_policies(store: str, part: int, stores: Stores, in_memory: Path) -> None:
    assert findings(stores[store], in_memory, part) == {}
