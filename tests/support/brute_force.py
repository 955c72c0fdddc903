"""A sweep the slow way: each policy evaluated and tallied on its own, with what a run uses."""

import numpy as np

from clearscale.dates import as_of_day
from clearscale.law import state
from clearscale.law.offense_texts import Offenses
from clearscale.policy import Policy
from clearscale.policy.caseload import Caseload, caseload_of
from clearscale.runs.evaluate import evaluate
from clearscale.runs.tally import MEASURES, tally
from clearscale.store import Store, read_charges
from clearscale_kernels.policy.count import DISMISSED, REDUCED


def caseload(store: Store) -> Caseload:
    """All candidates of a store."""
    tables = [store.candidates(number) for number in range(store.manifest.buckets)]
    texts = store.dictionaries().texts
    extracts = len(store.manifest.extracts)
    return caseload_of(tables, *read_charges(store.snapshot), extracts, Offenses(texts["offense"]), texts["county"])


def figures(store: Store, cases: Caseload, policy: Policy, as_of: str) -> dict[str | None, dict[str, int]]:
    """What a run under the policy counts, by county and, under None, statewide."""
    decided = evaluate(cases, policy, as_of_day(as_of))
    counted, _ = tally(cases, [decided], as_of_day(as_of))
    relief = decided.relief
    counties = [entry.county for entry in store.manifest.extracts]
    result: dict[str | None, dict[str, int]] = {}
    for scope, county in enumerate([*counties, None]):
        here = cases.canonical if county is None else cases.own & (cases.extract == scope)
        found = result.setdefault(county, {})
        for what, kind in (("dismissed", DISMISSED), ("reduced", REDUCED)):
            of_kind = here & (relief == kind)
            by_rule = sum(
                int(counted.rules[scope, place]) for place, rule in enumerate(policy.rules) if rule.relief == kind
            )
            _add(found, f"convictions_{what}", by_rule)
            for place, section in enumerate(state().charges.sections):
                _add(found, f"{what}_{section}", int(np.sum(of_kind & (cases.section == place))))
        for place, measure in enumerate(MEASURES):
            _add(found, f"people_{measure}", int(counted.measures[scope, 0, place]))
    return result


def _add(found: dict[str, int], name: str, count: int) -> None:
    found[name] = found.get(name, 0) + count
