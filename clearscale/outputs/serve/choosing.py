"""Which policies a page can choose, and their parameters as an address has them: `policy=...&p.age=57`."""

import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from clearscale.errors import PolicyError, nearest
from clearscale.policy.parameters import Parameter, Value, shown, values_of

POLICY = "policy"
"""Name of the choice in addresses."""

PREFIX = "p."
"""Before a parameter's name in addresses, so that it can be called as it likes."""

RUN = "run"
"""Key of the run's own policy where it is none of the others."""


class Decides(Protocol):
    """A policy of any kind."""

    @property
    def title(self) -> str:
        """The policy in a line."""

    def digest(self) -> str:
        """The SHA-256 of the policy in full."""


Made = TypeVar("Made", bound=Decides)
"""A policy over convictions, or one over charges."""

Given = TypeVar("Given", bound=Decides, covariant=True)


class Stated(Protocol[Given]):
    """A policy whose parameters have no values yet."""

    @property
    def id(self) -> str:
        """The policy's name."""

    @property
    def title(self) -> str:
        """The policy in a line."""

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """Its parameters."""

    def policy(self, parameters: Mapping[str, Any], /) -> Given:
        """Make the policy."""


@dataclass(frozen=True)
class Choice(Generic[Made]):
    """A policy to choose.

    key: in addresses. reference: as `clearscale run --policy` takes it; empty for the run's own. start: the values
    that its controls begin with. fixed: the policy, where it has no parameters.
    """

    key: str
    title: str
    reference: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    start: Mapping[str, Value] = field(default_factory=dict)
    document: Stated[Made] | None = None
    fixed: Made | None = None

    @classmethod
    def of(cls, key: str, reference: str, document: Stated[Made]) -> "Choice[Made]":
        """Return the choice of a policy whose parameters can be moved."""
        start = {name: parameter.default for name, parameter in document.parameters.items()}
        return cls(key, document.title, reference, document.parameters, start, document)

    def policy(self, values: Mapping[str, Value]) -> Made:
        """Return the policy with these values."""
        if self.document is None:
            assert self.fixed is not None
            return self.fixed
        return self.document.policy(values)

    def as_set(self, id_: str, parameters: Mapping[str, Any], digest: str) -> "Choice[Made] | None":
        """Return the choice that begins with the values of a policy; None if it is not that policy."""
        if self.document is None or id_ != self.document.id:
            return None
        try:
            values = values_of(self.parameters, parameters, self.key)
            if self.document.policy(values).digest() != digest:
                return None
        except PolicyError:
            return None
        return Choice(self.key, self.title, self.reference, self.parameters, values, self.document)


@dataclass(frozen=True)
class Setting(Generic[Made]):
    """A policy with a value for each of its parameters."""

    choice: Choice[Made]
    values: Mapping[str, Value]
    policy: Made = field(compare=False)

    @property
    def address(self) -> dict[str, str]:
        """The setting as addresses have it."""
        return {
            POLICY: self.choice.key,
            **{f"{PREFIX}{name}": shown(value) for name, value in self.values.items()},
        }

    def with_value(self, name: str, value: Value) -> "Setting[Made]":
        """Return the same with another value of one parameter."""
        values = {**self.values, name: value}
        return Setting(self.choice, values, self.choice.policy(values))

    @property
    def changed(self) -> dict[str, Value]:
        """Values that are not the policy's defaults."""
        parameters = self.choice.parameters
        return {name: value for name, value in self.values.items() if value != parameters[name].default}


class Choices(Generic[Made]):
    """The policies of a page: the run's own first, then the others in their order.

    own: the run's. listed: the others. as_own: a choice of these with the values that make it the run's own; None
    if none do.
    """

    def __init__(
        self, own: Made, listed: Iterable[Choice[Made]], as_own: Callable[[Choice[Made]], Choice[Made] | None]
    ) -> None:
        others = [*listed]
        of_run = next((found for choice in others if (found := as_own(choice)) is not None), None)
        if of_run is None:
            of_run = Choice(RUN, own.title, "", fixed=own)
        self.by_key = {
            choice.key: choice for choice in [of_run, *(choice for choice in others if choice.key != of_run.key)]
        }
        self.own = Setting(of_run, of_run.start, own)

    def read(self, given: Mapping[str, str]) -> Setting[Made]:
        """Return the setting that an address states; what it leaves out is as at first.

        Raises PolicyError for an unknown name, or a value out of its range.
        """
        key = given.get(POLICY, self.own.choice.key)
        if key not in self.by_key:
            raise PolicyError(f"this page has no policy '{key}'; {nearest(key, self.by_key)}")
        choice = self.by_key[key]
        texts: dict[str, Any] = {}
        for name, text in given.items():
            if name == POLICY:
                continue
            if not name.startswith(PREFIX):
                raise PolicyError(f"there is no option '{name}'; parameters begin with {PREFIX}")
            texts[name.removeprefix(PREFIX)] = text
        found = values_of(choice.parameters, texts, choice.key)
        values = {**choice.start, **{name: found[name] for name in texts}}
        if choice.key == self.own.choice.key and values == self.own.values:
            return self.own
        return Setting(choice, values, choice.policy(values))


def free_key(name: str, used: set[str]) -> str:
    """Return a key for a file of that name that no other has, and note it as used."""
    number, key = 1, name
    while key in used:
        number += 1
        key = f"{name} ({number})"
    used.add(key)
    return key


def command(setting: Setting[Any]) -> str:
    """Return the options of `clearscale run` that decide by a setting; empty for a run's own that has no name."""
    if not setting.choice.reference:
        return ""
    values = "".join(f" --set {name}={shown(value)}" for name, value in setting.changed.items())
    return f"--policy {shlex.quote(setting.choice.reference)}{values}"
