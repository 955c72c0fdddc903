"""Values damaged in every way at random places and shares: right, refused, or told by a finding that names it."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.damaged import as_csv
from tests.support.damages_values import DAMAGES, Damage
from tests.support.examples import examples
from tests.support.silence import EQUAL, MISNAMED, REFUSED, SILENT, TOLD, Undamaged, small_extract

ROUNDS = 60
"""Times that each damage is done at length."""


@pytest.fixture(scope="module")
def undamaged(memory: Callable[[], Path]) -> Undamaged:
    folder = memory()
    return Undamaged(small_extract(folder / "fabricated", seed=1), folder / "work")


def test_a_fabricated_extract_has_no_finding(undamaged: Undamaged) -> None:
    assert not undamaged.findings


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_no_damage_is_silent(undamaged: Undamaged, damage: Damage) -> None:
    rng = random.Random(damage.name)
    for _ in range(examples(ROUNDS) // 10):
        content = as_csv(damage(rng, undamaged.rows))
        verdict = undamaged.verdict(content, damage.told_by)
        assert verdict in (EQUAL, REFUSED, TOLD)
        # What is stored is flagged where a decision rests on it, and nowhere else.
        assert verdict == REFUSED or not undamaged.misflagged(content)


def test_the_judge_sees_flags(undamaged: Undamaged) -> None:
    rows = [dict(row) for row in undamaged.rows]
    rows[0]["PRI_NAME"] = "SOMEBODY,ELSE"
    content = as_csv(rows)
    assert undamaged.verdict(content, {"contradictory-names"}) == TOLD
    assert not undamaged.misflagged(content)
    flagged = undamaged.misflagged(as_csv(undamaged.rows))
    assert {found for found, wanted in flagged.values()} == {frozenset({"contradictory-subject"})}
    assert not any(wanted for _, wanted in flagged.values())


def test_the_judge_hears_silence(undamaged: Undamaged) -> None:
    """A felony that is written as a misdemeanor is a damage that nobody could see: other figures without a word."""
    rows = [dict(row) for row in undamaged.rows]
    for row in rows:
        row["CONV_STAT_DESCR"] = row["CONV_STAT_DESCR"].replace("FELONY", "MISDEMEANOR")
    assert undamaged.verdict(as_csv(rows), ()) == SILENT
    rows[0]["STP_EVENT_DATE"] = "1990-01-02"
    assert undamaged.verdict(as_csv(rows), {"unusual-counties"}) == MISNAMED
    assert undamaged.verdict(as_csv(undamaged.rows), ()) == EQUAL
