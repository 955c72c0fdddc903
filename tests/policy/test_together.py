"""What several policies cannot decide together is never decided: looked for in what they decide of stores."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clearscale.dates import as_of_day
from clearscale.errors import PolicyError
from clearscale.io.files import Folder
from clearscale.policy import Policy, gogen_policy, load_policy
from clearscale.policy.possible import ConvictionKind
from clearscale.policy.together import possible_together
from clearscale.runs.evaluate import evaluate
from clearscale.runs.snapshots import shared_snapshot
from clearscale.store import open_store
from clearscale_kernels import flag
from clearscale_kernels.people.calendar import NO_DATE
from tests.support.examples import long
from tests.support.samples import AS_OF, OPTIONS


def options(**relief: Any) -> Policy:
    return gogen_policy({**OPTIONS, "additionalRelief": relief})


FAMILIES: dict[str, list[Policy]] = {
    "ages and years": [
        options(
            subjectUnder21AtConviction=True,
            subjectAgeThreshold=age,
            yearsSinceConvictionThreshold=years,
            yearsCrimeFreeThreshold=free,
        )
        for age, years, free in ((40, 0, 0), (50, 10, 0), (57, 3, 5), (0, 0, 1), (65, 15, 12))
    ],
    "packs": [
        *map(load_policy, ("ca-sacramento-2019", "ca-san-francisco-2018", "ca-bear-default", "ca-dismiss-all"))
    ],
}


def labels(policy: Policy) -> list[int]:
    return list(range(len(policy.rules) + 1))


@pytest.mark.parametrize(
    ("store", "family"), [("edges_of_rules", "ages and years"), long("four_counties", "packs")]
)
def test_what_policies_decide_together_is_possible(store: str, family: str, request: pytest.FixtureRequest) -> None:
    policies = FAMILIES[family]
    folder: Path = request.getfixturevalue(store) / "store"
    opened = open_store(str(folder))
    about = shared_snapshot(Folder(str(folder)), opened.manifest.snapshot)
    caseload = about.caseload_of_buckets(range(opened.manifest.buckets))
    chosen = np.flatnonzero(caseload.section >= 0)
    decided = np.stack([evaluate(caseload, policy, as_of_day(AS_OF)).rules[chosen] for policy in policies], axis=1)
    days = caseload.candidates["event_date"][chosen]
    kinds = [
        ConvictionKind(
            int(section),
            bool(bits & flag.FELONY),
            None if day == NO_DATE else int(str(np.datetime64(int(day), "D"))[:4]),
        )
        for section, bits, day in zip(
            caseload.section[chosen], caseload.candidates["flags"][chosen], days, strict=True
        )
    ]
    found = possible_together(policies, list(map(labels, policies)), kinds, AS_OF)
    for rules, possible in zip(decided.tolist(), found, strict=True):
        row = [len(policy.rules) if rule < 0 else rule for rule, policy in zip(rules, policies, strict=True)]
        assert row in possible.tolist()
    assert len(decided) > 50


def together(kind: ConvictionKind, *policies: Policy) -> set[tuple[str, ...]]:
    """The reasons that policies can have together."""
    [found] = possible_together(policies, list(map(labels, policies)), [kind], AS_OF)
    return {
        tuple(policy.texts[1][rule] for policy, rule in zip(policies, row, strict=True)) for row in found.tolist()
    }


def test_what_cannot_be_true_of_one_person_is_impossible() -> None:
    older, younger = options(subjectAgeThreshold=50), options(subjectAgeThreshold=45)
    felony = ConvictionKind(2, True, 2010)
    both = together(felony, older, younger)
    assert ("50 years or older", "45 years or older") in both
    assert ("50 years or older", "") not in both
    young, late = options(subjectUnder21AtConviction=True), options(subjectAgeThreshold=40)
    # Who was under 21 in 2010 is not 40 in 2020.
    assert ("21 years or younger", "40 years or older") not in together(felony, young, late)
    assert ("21 years or younger", "40 years or older") in together(ConvictionKind(2, True, 1990), young, late)
    free, since = options(yearsCrimeFreeThreshold=5), options(yearsSinceConvictionThreshold=5)
    assert not [
        pair
        for pair in together(ConvictionKind(2, True), free, since)
        if pair[0].startswith("No conv") and not pair[1]
    ]


def test_policies_that_ask_too_much_together_are_refused() -> None:
    policies = [
        load_policy("ca-los-angeles-2019"),
        load_policy("ca-prop64-statute"),
        options(subjectAgeThreshold=50),
    ]
    with pytest.raises(PolicyError, match="too many to say what they do together"):
        together(ConvictionKind(2, True), *policies)
