"""Explanations of charges: they decide as the run did, and each answer is what made it so."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.errors import RunError
from clearscale.relief import OUTCOMES
from clearscale.relief.packs import load_document, packs
from clearscale.relief.wording import wait_words
from clearscale.runs.charges import ChargeRun
from clearscale.whatif.explain.charges import FAILS, HOLDS, NOT_KNOWN, policy_of
from clearscale.whatif.explain.rule_by_rule import DECIDES, LACKS, WAITS


@pytest.fixture(scope="module")
def run(cook: Path) -> ChargeRun:
    return clearscale.open_charge_run(cook / "run")


def some_of(run: ChargeRun, most: int) -> Iterator[dict[str, Any]]:
    """So many decisions of every outcome and rule."""
    seen: dict[tuple[str, int], int] = {}
    for table in run.decisions():
        for row in table.to_pylist():
            key = row["outcome"], row["rule"]
            seen[key] = seen.get(key, 0) + 1
            if seen[key] <= most:
                yield row


def test_every_kind_of_decision_is_explained(run: ChargeRun) -> None:
    states = set()
    for row in some_of(run, 2):
        found = clearscale.explain_charge(run, row["file"], row["line"])
        assert found.outcome == OUTCOMES[row["outcome"]].text
        assert (found.rule, found.reason) == (row["rule"], row["reason"])
        assert found.first_eligible == (row["first_eligible"] and row["first_eligible"].isoformat())
        assert "; ".join(found.missing) == (row["missing"] or "")
        assert [answer.answer for answer in found.scope] == [HOLDS]
        decided = found.rules[row["rule"] - 1]
        states.add(decided.state)
        answers = {answer.answer for answer in decided.conditions}
        if decided.state == LACKS:
            assert NOT_KNOWN in answers
            lacking = {word for answer in decided.conditions for word in answer.missing}
            assert {*found.missing} <= lacking
        else:
            assert decided.state in (DECIDES, WAITS)
            assert answers <= {HOLDS}
        for rule in found.rules[: row["rule"] - 1]:
            assert FAILS in {answer.answer for answer in rule.conditions} or rule.state == WAITS
    assert {DECIDES, LACKS} <= states


def test_a_charge_that_is_not_decided_says_so(cook: Path, run: ChargeRun) -> None:
    decided = {row["line"] for table in run.decisions() for row in table.to_pylist()}
    other = next(line for line in range(2, 999) if line not in decided)
    found = clearscale.explain_charge(cook / "run", "il-cook-clerk.csv", other)
    assert found.outcome == "Not decided by this policy"
    assert found.rule is None
    assert [answer.answer for answer in found.scope] != [HOLDS]


def test_what_is_not_there_is_told(run: ChargeRun) -> None:
    with pytest.raises(RunError, match="no charge of the store begins on line 999999"):
        clearscale.explain_charge(run, "il-cook-clerk.csv", 999_999)
    with pytest.raises(RunError, match=r"did you mean 'il-cook-clerk\.csv'"):
        clearscale.explain_charge(run, "cook-clerk.csv", 2)


def test_another_policy_is_refused(run: ChargeRun) -> None:
    other = ChargeRun(run.folder, {**run.info, "policy_digest": "0" * 64})
    with pytest.raises(RunError, match="is not as this version writes it"):
        policy_of(other)
    with pytest.raises(RunError, match="'il-minor-cannabis-2020' is another policy than the one"):
        policy_of(other, "il-minor-cannabis-2020")
    for changed in ({"id": "of-my-own"}, {"rules": None}, {"lists": [{}]}):
        own = ChargeRun(run.folder, {**run.info, "policy": {**run.info["policy"], **changed}})
        with pytest.raises(RunError, match="is not as this version writes it"):
            policy_of(own)
    assert policy_of(run) == policy_of(run, "il-minor-cannabis-2020")


def test_a_policy_of_ones_own_needs_no_file(cook: Path, tmp_path: Path) -> None:
    mine = load_document("il-minor-cannabis-2020").policy({"limit": 77})
    mine = replace(mine, id="of-my-own", rules=mine.rules[3:])
    run = clearscale.run_charges(cook / "store", mine, "2020-12-31", tmp_path / "run")
    row = next(row for row in some_of(run, 1) if row["outcome"] == "expunge")
    found = clearscale.explain_charge(tmp_path / "run", row["file"], row["line"])
    assert (found.policy, found.rule, found.reason) == (mine.title, row["rule"], row["reason"])
    assert "grams <= 77" in [answer.text for answer in found.rules[row["rule"] - 1].conditions]


def test_it_is_logged_by_its_place(cook: Path, run: ChargeRun) -> None:
    clearscale.explain_charge(run, "il-cook-clerk.csv", 2)
    last = clearscale.log(cook / "store").entries[-1]
    assert (last["command"], last["rows"]) == ("explain", [2])
    assert "statute" not in str(last)


def test_waits_are_said_as_policies_write_them() -> None:
    waits = 0
    for document in packs().values():
        values = {name: str(value) for name, value in document.values().items()}
        written = [
            [re.sub(r"\b1 (year|month|day)s\b", r"1 \1", text.format_map(values)) for text in rule.waits]
            for rule in document.rules
        ]
        found = [[wait_words(wait) for wait in rule.waits] for rule in document.policy().rules]
        assert [words for words in found if words not in written] == []
        waits += sum(map(len, found))
    assert waits > 10
