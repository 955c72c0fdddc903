"""Which policies a page can choose, and their parameters as an address has them: `policy=...&p.age=57`."""

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from clearscale.errors import PolicyError, nearest
from clearscale.io.files import file_name
from clearscale.policy import PACKS, AnyPolicy, Policy, choose, pack
from clearscale.policy.language import Document
from clearscale.policy.library import load_document
from clearscale.policy.locating import is_map, read_content
from clearscale.policy.parameters import Parameter, Value, shown, values_of
from clearscale.policy.texts import toml

POLICY = "policy"
"""Name of the choice in addresses."""

PREFIX = "p."
"""Before a parameter's name in addresses, so that it can be called as it likes."""

RUN = "run"
"""Key of the run's own policy where it is none of the others."""


@dataclass(frozen=True)
class Choice:
    """A policy to choose.

    key: in addresses. reference: as `clearscale run --policy` takes it; empty for the run's own. start: the values
    that its controls begin with. fixed: the policy, where it has no parameters.
    """

    key: str
    title: str
    reference: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    start: Mapping[str, Value] = field(default_factory=dict)
    document: Document | None = None
    fixed: AnyPolicy | None = None

    def policy(self, values: Mapping[str, Value]) -> AnyPolicy:
        """Return the policy with these values."""
        if self.document is None:
            assert self.fixed is not None
            return self.fixed
        return self.document.policy(values)


@dataclass(frozen=True)
class Setting:
    """A policy with a value for each of its parameters."""

    choice: Choice
    values: Mapping[str, Value]
    policy: AnyPolicy = field(compare=False)

    @property
    def address(self) -> dict[str, str]:
        """The setting as addresses have it."""
        return {
            POLICY: self.choice.key,
            **{f"{PREFIX}{name}": shown(value) for name, value in self.values.items()},
        }

    def with_value(self, name: str, value: Value) -> "Setting":
        """Return the same with another value of one parameter."""
        values = {**self.values, name: value}
        return Setting(self.choice, values, self.choice.policy(values))

    @property
    def changed(self) -> dict[str, Value]:
        """Values that are not the policy's defaults."""
        parameters = self.choice.parameters
        return {name: value for name, value in self.values.items() if value != parameters[name].default}


class Choices:
    """The policies of a page: the run's own first, then those of files, then all packs.

    own: the run's. paths: policy files. Raises PolicyError for a file that is no policy over convictions, or of
    which something is doubtful.
    """

    def __init__(self, own: AnyPolicy, paths: Sequence[str] = ()) -> None:
        listed = [*_files(paths), *map(_pack, PACKS)]
        of_run = next((found for each in listed if (found := _as(own, each)) is not None), None)
        if of_run is None:
            of_run = Choice(RUN, own.title, "", fixed=own)
            listed = [of_run, *listed]
        else:
            listed = [of_run, *(each for each in listed if each.key != of_run.key)]
        self.by_key = {each.key: each for each in listed}
        self.own = Setting(of_run, of_run.start, own)

    def read(self, given: Mapping[str, str]) -> Setting:
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
        values = {**choice.start, **_values(choice, texts)}
        if choice.key == self.own.choice.key and values == self.own.values:
            return self.own
        return Setting(choice, values, choice.policy(values))


def _values(choice: Choice, texts: Mapping[str, Any]) -> dict[str, Value]:
    found = values_of(choice.parameters, texts, choice.key)
    return {name: found[name] for name in texts}


def _pack(name: str) -> Choice:
    return _of_document(name, name, pack(name))


def _of_document(key: str, reference: str, document: Document) -> Choice:
    start = {name: parameter.default for name, parameter in document.parameters.items()}
    return Choice(key, document.title, reference, document.parameters, start, document)


def _files(paths: Sequence[str]) -> Iterator[Choice]:
    used: set[str] = {RUN, *PACKS}
    for path in dict.fromkeys(os.fspath(path) for path in paths):
        chosen = choose(path).policy
        if path in PACKS:
            continue  # all of them are there anyway
        key = _key(file_name(path), used)
        used.add(key)
        if file_name(path).lower().endswith(".toml") and not is_map(toml(read_content(path), path)):
            yield _of_document(key, path, load_document(path))
        else:
            yield Choice(key, chosen.title, path, fixed=chosen)


def _key(name: str, used: set[str]) -> str:
    number, key = 1, name
    while key in used:
        number += 1
        key = f"{name} ({number})"
    return key


def _as(own: AnyPolicy, choice: Choice) -> Choice | None:
    """Return the choice with the values that make it the run's own policy; None if none do."""
    if choice.document is None:
        return choice if choice.fixed is not None and _unnamed(choice.fixed) == _unnamed(own) else None
    if not isinstance(own, Policy) or own.id != choice.document.id:
        return None
    try:
        values = values_of(choice.parameters, dict(own.parameters), choice.key)
        same = choice.document.policy(values).digest() == own.digest()
    except PolicyError:
        return None
    return (
        Choice(choice.key, choice.title, choice.reference, choice.parameters, values, choice.document)
        if same
        else None
    )


def _unnamed(policy: AnyPolicy) -> AnyPolicy:
    """Return a policy without its name, which options have from their file."""
    return replace(policy, id="")


def command(setting: Setting) -> str:
    """Return the options of `clearscale run` that decide by a setting; empty for a run's own that has no name."""
    if not setting.choice.reference:
        return ""
    values = "".join(f" --set {name}={shown(value)}" for name, value in setting.changed.items())
    return f"--policy {shlex.quote(setting.choice.reference)}{values}"
