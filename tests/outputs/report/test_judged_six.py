"""What the pages give away: 300 policies on a store. A file a store, so that processes share the work."""

from pathlib import Path

import pytest

from tests.support.judged import PARTS, Stores, findings


@pytest.mark.long
@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_found_under_many_policies(part: int, stores: Stores, tmp_path: Path) -> None:
    assert findings(stores["six"], tmp_path, part) == {}
