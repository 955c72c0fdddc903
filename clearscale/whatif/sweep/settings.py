"""Which policies a sweep is about: eligibility options of the counties, or any policy with other parameters."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from clearscale.errors import PolicyError
from clearscale.policy import Policy, choose, gogen_policy, load_policy
from clearscale.policy.choosing import Statement, is_document
from clearscale.policy.parameters import plain

from .charted import Charted, shown
from .option_family import REST, Grid, family_of, text, varied
from .vary import Value, distinct, parse

MOST_LISTED = 20_000
"""The most policies of a sweep that decides each on its own."""

MOST_ROWS = 2**22
"""The most rows of a sweep's table: policies times scopes."""

MOST_RECORDED = 200
"""The most policies of a page that can be published with a report: they are recorded in full."""

POLICY = "policy"
"""In place of a parameter: settings are policies, by name or file."""

Vary = Iterable[str] | Mapping[str, Sequence[Value]]


@dataclass(frozen=True)
class SweepPlan:
    """The policies of a sweep.

    axes: settings by parameter; the policies are all their combinations, the last parameter changing fastest. base:
    place of the setting of each parameter that is the policy's own, or the first.

    grid: where all are eligibility options; otherwise policies holds each of them. allowed: what is doubtful in a
    policy and was let pass, as runs record it.
    """

    title: str
    axes: dict[str, tuple[Any, ...]]
    base: tuple[int, ...]
    grid: Grid | None
    policies: tuple[Policy, ...]
    allowed: tuple[dict[str, str], ...] = ()

    @property
    def size(self) -> int:
        """How many policies there are."""
        return prod(len(settings) for settings in self.axes.values())

    def charted(self, as_of: str) -> Charted:
        """Return what its page is about. as_of: as people write it."""
        axes = {name: [shown(setting) for setting in settings] for name, settings in self.axes.items()}
        return Charted(self.title, as_of, axes, self.base)

    def page(self) -> dict[str, Any] | None:
        """Return what is recorded of the page: its axes, their base, and its policies in full by their places.

        None if these are more than MOST_RECORDED.
        """
        charted = self.charted("")
        if len(charted.policies) > MOST_RECORDED:
            return None
        return {
            "axes": charted.axes,
            "base": list(charted.base),
            "policies": {str(number): self.policy(number).document() for number in charted.policies},
        }

    def policy(self, number: int) -> Policy:
        """Return a policy by its place among all."""
        return gogen_policy(self.grid.at(number).options()) if self.grid is not None else self.policies[number]

    def digest(self) -> str:
        """SHA-256 of the policies in full."""
        document = self.grid.axes if self.grid is not None else [policy.document() for policy in self.policies]
        return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def plan_of(policy: Statement, vary: Vary, allow: Sequence[str] = ()) -> SweepPlan:
    """Return the policies of a sweep.

    policy: a name, a file, eligibility options or a Policy. vary: texts such as `age=0,40..65`, or settings by
    parameter. allow: as of `choose`. Raises PolicyError for an unknown parameter, a setting out of its range, too
    many policies, and what `choose` refuses.
    """
    wanted, load = wanted_of(vary), _Loader(allow)
    if POLICY not in wanted:
        own = load(policy)
        base = family_of(own)
        if base is not None:
            try:
                found = _of_family(own, base, varied(base, wanted, own.id))
                return replace(found, allowed=load.allowed)
            except PolicyError:
                # A pack may have parameters that options do not.
                if not wanted.keys() <= dict(own.parameters).keys():
                    raise
    return replace(_listed(policy, wanted, load), allowed=load.allowed)


def wanted_of(vary: Vary) -> dict[str, list[Value]]:
    """Return the settings of each parameter, in order. Raises PolicyError for what cannot be read."""
    if isinstance(vary, Mapping):
        return {name: _settings_of(name, settings) for name, settings in vary.items()}
    return parse([vary] if isinstance(vary, str) else vary)


def _settings_of(name: str, settings: Any) -> list[Value]:
    """Return the settings of a parameter: several, one, or a text as on the command line."""
    if isinstance(settings, str):
        return parse([f"{name}={settings}"])[name]
    several = settings if isinstance(settings, Iterable) else [settings]
    return distinct(name, [plain(setting) for setting in several])


class _Loader:
    """Loads policies; what is doubtful in one is looked for when it is first met."""

    def __init__(self, allow: Sequence[str]) -> None:
        self.allow = allow
        self._met: dict[str, Policy] = {}
        self._allowed: dict[str, dict[str, str]] = {}

    @property
    def allowed(self) -> tuple[dict[str, str], ...]:
        """What was let pass."""
        return tuple(self._allowed.values())

    def __call__(self, policy: Any, parameters: Mapping[str, Value] | None = None) -> Policy:
        if not isinstance(policy, str | int | os.PathLike):
            if parameters and isinstance(policy, Mapping) and is_document(policy):
                return self._chosen(policy, parameters)
            found = self._chosen(policy)
            if parameters:
                raise PolicyError(
                    f"--vary: the parameters of policy '{found.id}' have their values already; give the pack, the "
                    "file, or what `make_policy` was given"
                )
            return found
        reference = os.fspath(policy) if isinstance(policy, os.PathLike) else str(policy)
        if reference not in self._met:
            self._met[reference] = self._chosen(reference)
        return self._single(load_policy(reference, parameters), reference) if parameters else self._met[reference]

    def _chosen(self, policy: Any, parameters: Mapping[str, Value] | None = None) -> Policy:
        chosen = choose(policy, parameters, allow=self.allow)
        self._allowed.update({str(finding): finding for finding in chosen.document()})
        return self._single(chosen.policy, policy)

    @staticmethod
    def _single(found: Any, policy: Any) -> Policy:
        if not isinstance(found, Policy):
            raise PolicyError(
                f"{policy}: a policy map gives each county a policy of its own; sweep one of those policies"
            )
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


def _listed(policy: Any, wanted: Mapping[str, Sequence[Value]], load: "_Loader") -> SweepPlan:
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
        policies.append(load(named, chosen))
    axes = {name: tuple(settings) for name, settings in wanted.items()}
    own = dict(policies[0].parameters)
    if POLICY not in wanted:
        own = dict(load(policy).parameters)
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
