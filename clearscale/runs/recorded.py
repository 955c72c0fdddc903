"""The policy that a run was made with, from the run's own record."""

from typing import Any

from clearscale.errors import ClearscaleError, RunError
from clearscale.policy import AnyPolicy, Condition, Policy, PolicyMap, Rule
from clearscale.policy.model import Cited
from clearscale.version import VERSION

from . import Run


def recorded_policy(run: Run) -> AnyPolicy:
    """The run's policy or policy map. Raises RunError if this version does not read it as it was."""
    try:
        found = _any_policy(run.info["policy"])
        same = found.digest() == run.info["policy_digest"]
    except (KeyError, IndexError, TypeError, ValueError, ClearscaleError):
        same = False
    if not same:
        raise RunError(f"{run.folder.url}: its policy is not as this version writes it; {other_version(run)}")
    return found


def other_version(run: Run) -> str:
    """What to say of a run that this version would not make so."""
    made = run.info.get("version", "unknown")
    return (
        f"the run was made by another version of clearscale, or changed since (it says {made}, this is {VERSION}); "
        "make it again with this one"
    )


def _any_policy(document: dict[str, Any]) -> AnyPolicy:
    if "policies" not in document:
        return _policy(document)
    policies = [_policy(each) for each in document["policies"]]
    # In the order of their policies, so that the rules are numbered as they were.
    counties = sorted(document["counties"].items(), key=lambda each: (each[1], each[0]))
    chosen = tuple((county, policies[place]) for county, place in counties)
    return PolicyMap(document["id"], document["title"], policies[document["default"]], chosen)


def _policy(document: dict[str, Any]) -> Policy:
    rules = tuple(
        Rule(**{**rule, "conditions": tuple(Condition(**each) for each in rule["conditions"])})
        for rule in document["rules"]
    )
    pairs = {
        name: tuple((first, second) for first, second in document[name])
        for name in ("dismiss_sections", "reduce_sections", "parameters")
    }
    sources = tuple(Cited(**each) for each in document["sources"])
    return Policy(
        **{**document, **pairs, "rules": rules, "counties": tuple(document["counties"]), "sources": sources}
    )
