"""Ten thousand damages, of extracts of two sizes, alone and two together: none is silent."""

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.support.damaged import as_csv
from tests.support.damages_values import damages
from tests.support.silence import MISNAMED, SILENT, Undamaged, small_extract

PARTS, DAMAGES = 10, 1000
"""So many parts, which may be tried side by side, of so many damages each."""

TOGETHER = 0.25
"""Share of extracts that are damaged twice."""


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_no_damage_is_silent(part: int, tmp_path: Path) -> None:
    rng = random.Random(part)
    most = 60 if part % 5 else 400  # in larger ones less is refused, and more told
    undamaged = Undamaged(small_extract(tmp_path / "fabricated", seed=part + 1, most=most), tmp_path / "work")
    heard: Counter[tuple[str, str]] = Counter()
    several = iter(damages(rng, 2 * DAMAGES))
    for _ in range(DAMAGES):
        damage = next(several)
        name, told_by, rows = damage.name, damage.told_by, damage(rng, undamaged.rows)
        if rng.random() < TOGETHER:
            another = next(several)
            name, told_by = f"{name}, {another.name}", told_by | another.told_by
            rows = another(rng, rows)
        heard[undamaged.verdict(as_csv(rows), told_by), name] += 1
    assert sum(heard.values()) == DAMAGES
    assert not {name for (verdict, name) in heard if verdict in (SILENT, MISNAMED)}
