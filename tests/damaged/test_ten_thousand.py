"""Ten thousand damages to values and to forms, of extracts of two sizes, alone and two together: none is silent."""

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.support.damaged import as_csv
from tests.support.damages_form import Damaged, form_damages
from tests.support.damages_values import damages
from tests.support.examples import at_length
from tests.support.silence import EQUAL, MISNAMED, SILENT, TOLD, Undamaged, small_extract

PARTS, DAMAGES = 10, 1000
"""So many parts, which may be tried side by side, of so many damages each."""

LARGE = 5
"""One part in so many damages a larger extract: less of it is refused, and more told."""

MISFLAGGED = "misflagged"
"""Stored, with other doubts on decisions than the records have."""

OF_FORM, TOGETHER = 0.4, 0.25
"""Shares of extracts whose form is damaged, and whose values are damaged twice, or as well as the form."""


@pytest.mark.long
@pytest.mark.parametrize("part", at_length(range(PARTS)))
def test_no_damage_is_silent(part: int, in_memory: Path) -> None:
    rng = random.Random(part)
    most = 60 if part % LARGE else 300
    undamaged = Undamaged(small_extract(in_memory / "fabricated", seed=part + 1, most=most), in_memory / "work")
    of_values, of_form = iter(damages(rng, 2 * DAMAGES)), dict(form_damages())
    heard: Counter[tuple[str, str]] = Counter()
    for _ in range(DAMAGES):
        formed, twice = rng.random() < OF_FORM, rng.random() < TOGETHER
        names, told_by, rows = [], frozenset[str](), undamaged.rows
        for _ in range(twice + (not formed)):
            damage = next(of_values)
            names, told_by, rows = [*names, damage.name], told_by | damage.told_by, damage(rng, rows)
        damaged = Damaged(as_csv(rows))
        if formed:
            names.append(rng.choice([*of_form]))
            damaged = of_form[names[-1]](as_csv(rows), rng)
        verdict = undamaged.verdict(
            damaged.content, told_by | damaged.findings, damaged.name, quarantine=rng.random() < 0.6
        )
        if not formed and verdict in (EQUAL, TOLD) and undamaged.misflagged(damaged.content):
            verdict = MISFLAGGED
        heard[verdict, ", ".join(names)] += 1
    assert heard.total() == DAMAGES
    assert not [named for named in heard if named[0] in (SILENT, MISNAMED, MISFLAGGED)]
