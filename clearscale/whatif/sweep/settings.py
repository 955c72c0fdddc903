"""Which policies a sweep is about: eligibility options of the counties, or any policy with other parameters."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from clearscale.errors import PolicyError
from clearscale.policy import Policy, gogen_policy, load_policy

from .option_family import REST, Grid, family_of, text, varied
from .vary import Value, distinct, parse

MOST_LISTED = 20_000
"""The most policies of a sweep that decides each on its own."""

MOST_ROWS = 2**22
"""The most rows of a sweep's table: policies times scopes."""

POLICY = "policy"
"""In place of a parameter: settings are policies, by name or file."""

Vary = Iterable[str] | Mapping[str, Sequence[Value]]


@dataclass(frozen=True)
class SweepPlan:
    """The policies of a sweep.

    axes: settings by parameter; the policies are all their combinations, the last parameter changing fastest. base:
    place of the setting of each parameter that is the policy's own, or the first.

    grid: where all are eligibility options; otherwise policies holds each of them.
    """

    title: str
    axes: dict[str, tuple[Any, ...]]
    base: tuple[int, ...]
    grid: Grid | None
    policies: tuple[Policy, ...]

    @property
    def size(self) -> int:
        """How many policies there are."""
        return prod(len(settings) for settings in self.axes.values())

    def digest(self) -> str:
        """SHA-256 of the policies in full."""
        document = self.grid.axes if self.grid is not None else [policy.document() for policy in self.policies]
        return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def plan_of(policy: str | Policy | Mapping[str, Any], vary: Vary) -> SweepPlan:
    """Return the policies of a sweep.

    policy: a name, a file, eligibility options or a Policy. vary: texts such as `age=0,40..65`, or settings by
    parameter. Raises PolicyError for an unknown parameter, a setting out of its range, and too many policies.
    """
    if isinstance(vary, Mapping):
        wanted = {name: _settings_of(name, settings) for name, settings in vary.items()}
    else:
        wanted = parse([vary] if isinstance(vary, str) else vary)
    if POLICY not in wanted:
        own = _loaded(policy)
        base = family_of(own)
        if base is not None:
            try:
                return _of_family(own, base, varied(base, wanted, own.id))
            except PolicyError:
                # A pack may have parameters that options do not.
                if not wanted.keys() <= dict(own.parameters).keys():
                    raise
    return _listed(policy, wanted)


def _settings_of(name: str, settings: Any) -> list[Value]:
    """Return the settings of a parameter: several, one, or a text as on the command line."""
    if isinstance(settings, str):
        return parse([f"{name}={settings}"])[name]
    return distinct(name, list(settings) if isinstance(settings, Iterable) else [settings])


def _loaded(policy: Any, parameters: Mapping[str, Value] | None = None) -> Policy:
    if isinstance(policy, Mapping):
        policy = gogen_policy(json.dumps(policy))
    found = load_policy(str(policy), parameters or None) if isinstance(policy, str | int) else policy
    if not isinstance(found, Policy):
        raise PolicyError(
            f"{policy}: a policy map gives each county a policy of its own; sweep one of those policies"
        )
    if parameters and not isinstance(policy, str | int):
        raise PolicyError(f"--vary: policy {found.id} has no parameters")
    return found


def _of_family(own: Policy, base: Grid, grid: Grid) -> SweepPlan:
    places = []
    for name, settings in grid.axes.items():
        setting = base.axes[name][0]
        places.append(settings.index(setting) if setting in settings else 0)
    return SweepPlan(own.title, _readable(grid), tuple(places), grid, ())


def _readable(grid: Grid) -> dict[str, tuple[Any, ...]]:
    """Return the grid's settings as tables show them."""
    axes = grid.axes
    for name in ("dismiss", "reduce"):
        axes[name] = tuple("rest" if sections == REST else text(sections) for sections in axes[name])
    return axes


def _listed(policy: Any, wanted: Mapping[str, Sequence[Value]]) -> SweepPlan:
    size = prod(len(settings) for settings in wanted.values())
    if size > MOST_LISTED:
        raise PolicyError(
            f"--vary asks for {size:,} policies; at most {MOST_LISTED:,} are possible, except of the counties' "
            "eligibility options. Give fewer settings"
        )
    policies = []
    for number in range(size):
        chosen: dict[str, Value] = {}
        for name, settings in reversed(list(wanted.items())):
            number, place = divmod(number, len(settings))
            chosen[name] = settings[place]
        named = chosen.pop(POLICY, policy)
        policies.append(_loaded(named, chosen))
    axes = {name: tuple(settings) for name, settings in wanted.items()}
    own = dict(policies[0].parameters)
    if POLICY not in wanted:
        own = dict(_loaded(policy).parameters)
    base = tuple(
        settings.index(own[name]) if name in own and own[name] in settings else 0 for name, settings in axes.items()
    )
    title = "Several policies" if POLICY in wanted else policies[0].title
    return SweepPlan(title, axes, base, None, tuple(policies))


def require_rows(policies: int, scopes: int) -> None:
    """Raise PolicyError if a table would be too long."""
    if policies * scopes > MOST_ROWS:
        raise PolicyError(
            f"the table would have {policies * scopes:,} rows, {policies:,} policies in {scopes} scopes; at most "
            f"{MOST_ROWS:,} are possible. Give fewer settings, or leave out --by-county"
        )
