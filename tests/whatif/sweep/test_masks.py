"""Any policies at once: the same figures as from each of them run on its own."""

import itertools
import random
from collections.abc import Sequence

import numpy as np
import pytest

from clearscale.dates import as_of_day
from clearscale.policy import DISMISS, REDUCE, Condition, Policy, Rule, gogen_policy, load_policy
from clearscale.store import open_store
from clearscale.whatif.sweep.histogram import Scopes, SweepTask
from clearscale.whatif.sweep.masks import DistinctRules, Kinds, MaskTask, kinds_of
from clearscale.whatif.sweep.masks import figures as figures_of_kinds
from clearscale.whatif.sweep.option_family import EVERYTHING
from tests.support.brute_force import caseload, figures
from tests.support.samples import AS_OF

PLAIN = ("ca-dismiss-all", "ca-dismiss-all-and-related", "ca-bear-default")


def ask(store: str, policies: Sequence[Policy], shares: list[range] | None = None) -> tuple[Kinds, DistinctRules]:
    opened = open_store(store)
    rules = DistinctRules.of(policies)
    task = MaskTask(SweepTask(opened.folder, opened.manifest.snapshot, as_of_day(AS_OF), True), rules)
    parts = [kinds_of(task, share) for share in shares or [range(opened.manifest.buckets)]]
    found = parts[0]
    for part in parts[1:]:
        found = found + part
    return found, rules


def compare(store: str, policies: Sequence[Policy]) -> None:
    opened = open_store(store)
    cases = caseload(opened)
    scopes = Scopes.of(opened, by_county=True)
    found = figures_of_kinds(*ask(store, policies), scopes.state + 1)
    for number, policy in enumerate(policies):
        for county, wanted in figures(opened, cases, policy, AS_OF).items():
            scope = scopes.state if county is None else scopes.counties.index(county)
            assert {name: int(found[name][scope, number]) for name in wanted} == wanted, f"{policy.id}, {county}"


@pytest.fixture(params=["state", "edges"])
def store(request: pytest.FixtureRequest) -> str:
    path: str = request.getfixturevalue(request.param)
    return path


def random_policy(chance: random.Random) -> Policy:
    """Rules of one or two conditions over facts of every kind."""
    choices = [
        Condition("felony", "==", chance.randrange(2)),
        Condition("section", chance.choice(["==", "!=", ">="]), chance.randrange(-1, 4)),
        Condition("charge", chance.choice(["has", "lacks"]), chance.choice([1, 2, 4, 8, 9, 16])),
        Condition("age", chance.choice([">=", "<"]), chance.randrange(20, 70)),
        Condition("years_since_conviction", ">=", chance.randrange(0, 20)),
        Condition("years_crime_free", "<", chance.randrange(0, 20)),
        Condition("only_prop64", "==", 1),
    ]
    rules = tuple(
        Rule(
            tuple(chance.sample(choices, chance.randrange(3))), chance.choice([DISMISS, REDUCE, "Hand Review"]), "r"
        )
        for _ in range(chance.randrange(7))
    )
    return Policy("random", "Random", rules, related=chance.random() < 0.5)


def test_policies_of_random_rules(store: str) -> None:
    chance = random.Random(5)
    policies = [random_policy(chance) for _ in range(300)]
    assert len(DistinctRules.of(policies).parts) > 2, "rules should need more than one word"
    compare(store, policies)


def test_eligibility_options(store: str) -> None:
    numbers = random.Random(6).sample(range(EVERYTHING.size), 200)
    compare(store, [gogen_policy(EVERYTHING.at(number).options()) for number in numbers])


def test_packs_with_other_parameters(store: str) -> None:
    policies = [load_policy(name) for name in (*PLAIN, "ca-los-angeles-2019", "ca-prop64-statute")]
    policies += [load_policy("ca-bear-default", {"age": age, "dismiss_11357": False}) for age in (0, 40, 65)]
    compare(store, [policy for policy in policies if isinstance(policy, Policy)])


SWITCHES = (
    "date_disqualifies",
    "dismiss_all_11357",
    "superstrikes_disqualify",
    "pc290_disqualifies",
    "two_priors_disqualify",
    "two_priors_last",
)


def test_a_pack_with_its_switches_in_every_position(store: str) -> None:
    """The seven variants of Los Angeles are among them."""
    chance = random.Random(8)
    chosen = []
    for positions in itertools.product((False, True), repeat=len(SWITCHES)):
        thresholds = {"age": chance.choice((18, 50, 120)), "years": chance.choice((1, 10, 50))}
        chosen.append(load_policy("ca-los-angeles-2019", dict(zip(SWITCHES, positions, strict=True)) | thresholds))
    compare(store, [policy for policy in chosen if isinstance(policy, Policy)])


def test_a_policy_without_rules_decides_nothing(store: str) -> None:
    compare(store, [Policy("empty", "Empty", ())])


def test_any_split_into_tasks_gives_the_same(edges: str) -> None:
    policies = [random_policy(random.Random(seed)) for seed in range(20)]
    whole, _ = ask(edges, policies)
    for shares in ([range(0, 1), range(1, 5)], [range(bucket, bucket + 1) for bucket in range(5)]):
        parts, _ = ask(edges, policies, shares)
        assert np.array_equal(parts.convictions, whole.convictions)
        assert np.array_equal(parts.counts, whole.counts)
        assert parts.people == whole.people
