"""What a run's policy is called on pages and papers, where it is known by a name, by a file, or by nothing more."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from clearscale.errors import ClearscaleError
from clearscale.law import state
from clearscale.policy import AnyPolicy, Policy, gogen_policy
from clearscale.policy.county_options import BASELINE, DISMISS, REDUCE
from clearscale.policy.packs import pack
from clearscale.policy.recorded import policy_from
from clearscale.relief import packs
from clearscale.whatif.sweep.option_family import family_of

_SAYS_NOTHING = "policy"
"""The id of a policy whose file is called so."""


def is_packed(info: Mapping[str, Any]) -> bool:
    """Whether everybody has a run's policy: a pack as it comes, not a file with its name. info: of `run.json`."""
    stated = info["policy"]
    name, parameters = stated["id"], dict(stated.get("parameters") or ())
    try:
        if name in state().policies.names:
            return pack(name).policy(parameters).digest() == str(info["policy_digest"])
        if name in packs.names():
            return packs.pack(name).policy(parameters).digest() == str(info["policy_digest"])
    except ClearscaleError:
        return False
    return False


def file_of(info: Mapping[str, Any]) -> str:
    """The name by which a run's policy is given to a command: that of a pack, or of a file in its form."""
    name = str(info["policy"]["id"])
    if is_packed(info):
        return name
    return f"{name}.json" if options_in(info["policy"]) is not None else f"{name}.toml"


def called(info: Mapping[str, Any]) -> str:
    """What a sentence calls a run's policy: by its id, where that says something, or by its file."""
    name = str(info["policy"]["id"])
    has_file = options_in(info["policy"]) is not None and not is_packed(info)
    return file_of(info) if has_file or name == _SAYS_NOTHING else name


def options_in(stated: Mapping[str, Any]) -> dict[str, Any] | None:
    """The eligibility options that a recorded policy was made of, as their file has them; None of others."""
    if "rules" not in stated or "related" not in stated:
        return None
    try:
        policy = policy_from(stated)
    except (KeyError, TypeError):
        return None
    return options_of(policy)


def options_of(policy: AnyPolicy) -> dict[str, Any] | None:
    """The eligibility options that a policy was made of, as their file has them; None of other policies."""
    return _options_of(policy) if isinstance(policy, Policy) and not policy.parameters else None


@cache
def _options_of(policy: Policy) -> dict[str, Any] | None:
    grid = family_of(policy)
    if grid is None:
        return None
    options = grid.options()
    for name, sections in ((DISMISS, policy.dismiss_sections), (REDUCE, policy.reduce_sections)):
        # In the order in which the file has them, which is that of their rules.
        options[BASELINE][name] = [section for section, _ in sections]
    return options if gogen_policy(options, policy.id) == policy else None
