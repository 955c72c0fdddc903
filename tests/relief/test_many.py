"""Many policies at once decide as each does alone."""

import datetime
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.charges.tables import Tables
from clearscale.relief import NO_CANDIDATE, decide, read_policy
from clearscale.relief import many as many_module
from clearscale.relief.many import Asked, ManyDecider
from clearscale.relief.sharing import Kept, asks_today
from clearscale.relief.writing import Names, condition, wait
from tests.relief.histories import AS_OF, HEAD, PEOPLE, policies
from tests.support.examples import examples
from tests.support.plain_charges import Charge, Person, day, tables_of

EARLIER = datetime.date(2016, 2, 29)
MORE = '\n[[rule]]\nif = []\nthen = "seal"\nbecause = "more"\n'


def outcomes(tables: Tables, asked: Sequence[Asked]) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """What becomes of all charges, and which are unsure, under each policy by its place."""
    outcome: dict[int, np.ndarray] = {}
    unsure: dict[int, np.ndarray] = {}
    for part in ManyDecider(asked).parts(tables):
        unsure |= {place: found for places, found in part.unsure for place in places}
        rows = np.searchsorted(tables.charges.line, part.tables.charges.line)
        for decided in part.decided:
            for place in decided.policies:
                assert place not in outcome
                outcome[place] = np.full(tables.rows, NO_CANDIDATE, np.int8)
                outcome[place][rows] = decided.outcome
    return {place: (outcome[place], unsure[place]) for place in range(len(asked))}


def require_equal(tables: Tables, asked: Sequence[Asked]) -> None:
    for place, (outcome, unsure) in outcomes(tables, asked).items():
        alone = decide(tables, *asked[place])
        assert outcome.tolist() == alone.outcome.tolist()
        assert unsure.tolist() == alone.unsure.tolist()


@settings(max_examples=examples(240))
@given(st.lists(PEOPLE, min_size=1, max_size=4), policies(), policies())
def test_each_decides_as_alone(people: list[Person], one: str, other: str) -> None:
    texts = (one, one + MORE, other, other.replace('sections = ["4*"]', 'sections = ["5"]'))
    asked = [
        Asked(read_policy(text, "drawn").policy({"years": years}), day(as_of))
        for text in texts
        for years in (18, 21, 21)
        for as_of in (AS_OF, EARLIER)
    ]
    require_equal(tables_of(people), asked)


def test_little_memory_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    charge = Charge("Code", "4", "(a)", disposition="convicted", level="felony", disposition_date=EARLIER)
    tables = tables_of([Person([[charge], [charge]]), Person([[charge]], birth_date=AS_OF)])
    rule = '\n[[rule]]\nif = ["person count felonies < 2", "sentence_end <= today"]\nthen = "seal"\nbecause = "x"\n'
    text = HEAD.format(scope='"statute in drugs"') + rule + MORE
    asked = [Asked(read_policy(text, "x").policy(), day(as_of)) for as_of in (AS_OF, EARLIER)]
    monkeypatch.setattr(many_module, "Kept", lambda: Kept(most=1))
    require_equal(tables, asked)


def test_what_is_kept_is_bounded() -> None:
    kept, found = Kept(most=64), []

    def find(number: int) -> np.ndarray:
        found.append(number)
        return np.full(4, number, np.int64)

    for number in (0, 1, 0, 2, 0, 1):
        assert kept.get(number, lambda number=number: find(number))[0] == number  # type: ignore[misc]
    assert found == [0, 1, 2, 1]  # 2 took the place of 1, which was not asked for the longest


def test_what_asks_for_the_date_is_found_anew() -> None:
    groups = read_policy(HEAD.format(scope='"convicted"') + MORE, "x")
    names: Names = groups.names(groups.values())
    asking = ("sentence_end <= today", "person some serving", "latest sentence_end of supervised < 2020-01-01")
    for text in asking:
        assert asks_today(condition(text, names).question)
    for text in ("sentence_end <= 2020-01-01", "person some felonies", "age_at_offense >= 18"):
        assert not asks_today(condition(text, names).question)
    assert asks_today(wait("3 years clear of serving since sentence_end", names))
    assert not asks_today(wait("3 years clear of felonies since sentence_end", names))
    assert asks_today(("members", names.group("serving")))
