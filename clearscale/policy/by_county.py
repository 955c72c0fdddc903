"""A policy map: which policy decides the convictions of each county, as each district attorney chose."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np

from clearscale.errors import PolicyError
from clearscale_kernels.arrays import Int16s

from .model import Policy, Rule, digest_of

_MOST_RULES = int(np.iinfo(np.int16).max)


def county_key(name: str) -> str:
    """Write a county's name for comparing: without spaces around it, in capitals."""
    return name.strip().upper()


@dataclass(frozen=True)
class PolicyMap:
    """A default policy and those of some counties. Its rules are those of its policies, one list after the other.

    counties: (name as `county_key` writes it, policy), each name once.
    """

    id: str
    title: str
    default: Policy
    counties: tuple[tuple[str, Policy], ...]

    def __post_init__(self) -> None:
        if len(self.rules) > _MOST_RULES:
            raise PolicyError(
                f"policy map {self.id} has {len(self.rules)} rules; at most {_MOST_RULES} are possible"
            )

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """Every policy once, the default first."""
        return tuple(dict.fromkeys([self.default, *(policy for _, policy in self.counties)]))

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of all policies."""
        return tuple(rule for policy in self.policies for rule in policy.rules)

    @cached_property
    def firsts(self) -> tuple[int, ...]:
        """Number of the first rule of each policy."""
        return tuple(accumulate((len(policy.rules) for policy in self.policies), initial=0))[:-1]

    @cached_property
    def _places(self) -> dict[str, int]:
        number = {policy: place for place, policy in enumerate(self.policies)}
        return {county: number[policy] for county, policy in self.counties}

    def of_county(self, county: str) -> Policy:
        """Return the policy that decides the county's convictions."""
        return self.policies[self._places.get(county_key(county), 0)]

    def places(self, counties: Sequence[bytes]) -> Int16s:
        """Place each county, as records write its name, among `policies`. Shape (len(counties),)."""
        found = [self._places.get(county_key(name.decode("utf-8", "replace")), 0) for name in counties]
        return np.array(found, np.int16)

    @property
    def related(self) -> bool:
        """Whether any policy has related charges in scope."""
        return any(policy.related for policy in self.policies)

    @property
    def dismiss_sections(self) -> tuple[tuple[str, str], ...]:
        """Those of all policies, each once."""
        return tuple(dict.fromkeys(section for policy in self.policies for section in policy.dismiss_sections))

    @property
    def reduce_sections(self) -> tuple[tuple[str, str], ...]:
        """Those of all policies, each once."""
        return tuple(dict.fromkeys(section for policy in self.policies for section in policy.reduce_sections))

    @property
    def texts(self) -> tuple[list[str], list[str]]:
        """(determination, reason) of each rule, and last those of an undecided conviction: empty."""
        return [*(rule.determination for rule in self.rules), ""], [*(rule.reason for rule in self.rules), ""]

    def document(self) -> dict[str, object]:
        """Return the map and its policies in full, for the record of a run; counties give their policy's place."""
        return {
            "id": self.id,
            "title": self.title,
            "policies": [policy.document() for policy in self.policies],
            "default": 0,
            "counties": dict(sorted(self._places.items())),
        }

    def digest(self) -> str:
        """Return the SHA-256 of the map in full."""
        return digest_of(self.document())
