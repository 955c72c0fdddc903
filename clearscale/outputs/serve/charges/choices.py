"""Which policies over charges a page can choose, on which day they decide, and a choice as a file."""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from clearscale.dates import as_of_day
from clearscale.errors import ClearscaleError, PolicyError
from clearscale.io.urls import file_name
from clearscale.outputs.report.words import listed
from clearscale.outputs.serve.answers import SavedPolicy
from clearscale.outputs.serve.choosing import RUN, Choice, Choices, Setting, command, free_key
from clearscale.policy.locating import is_over_charges, read_content
from clearscale.policy.parameters import Value, shown
from clearscale.relief import ChargePolicy, read_policy
from clearscale.relief.check import choose
from clearscale.relief.packs import load_document, names, packs, text

AS_OF = "as_of"
"""Name of the day in addresses."""

ChargeChoice = Choice[ChargePolicy]

_FILE = "policy.toml"

_ON = r"(?:(?!^\[)[\s\S])*?"
"""Whatever stands before the next table."""


@dataclass(frozen=True)
class DatedSetting:
    """A policy with a value for each of its parameters, and the day on which it decides."""

    setting: Setting[ChargePolicy]
    as_of: str

    @property
    def policy(self) -> ChargePolicy:
        """The policy."""
        return self.setting.policy

    @property
    def day(self) -> int:
        """The number of the day."""
        return as_of_day(self.as_of)

    @property
    def address(self) -> dict[str, str]:
        """The setting as addresses have it."""
        return {**self.setting.address, AS_OF: self.as_of}

    def with_value(self, name: str, value: Value) -> "DatedSetting":
        """Return the same with another value of one parameter."""
        return DatedSetting(self.setting.with_value(name, value), self.as_of)


@dataclass(frozen=True)
class ChargeChoices:
    """The policies of a page. as_of: the run's day."""

    policies: Choices[ChargePolicy]
    as_of: str

    @classmethod
    def of(cls, own: ChargePolicy, as_of: str, state: str, paths: Sequence[str] = ()) -> "ChargeChoices":
        """Return the policies of a page: the run's own first, then those of files, then packs.

        state: packs of this one are listed, and of the run's policy; of all states, if it is empty. Raises
        PolicyError for a file that is no policy over charges, or of which something is doubtful.
        """
        offered = {
            name: document
            for name, document in packs().items()
            if not state or document.state in (state, own.state)
        }
        others = [*_files(paths), *(ChargeChoice.of(name, name, document) for name, document in offered.items())]
        return cls(
            Choices(own, others, lambda choice: choice.as_set(own.id, dict(own.parameters), own.digest())), as_of
        )

    @property
    def own(self) -> DatedSetting:
        """The run's setting."""
        return DatedSetting(self.policies.own, self.as_of)

    def read(self, given: Mapping[str, str]) -> DatedSetting:
        """Return the setting that an address states; what it leaves out is as at first.

        Raises PolicyError for an unknown name, a value out of its range, or a day that is none.
        """
        others = dict(given)
        as_of = others.pop(AS_OF, self.as_of)
        try:
            as_of_day(as_of)
        except ClearscaleError as error:
            raise PolicyError(f"{AS_OF}: {error}") from None
        return DatedSetting(self.policies.read(others), as_of)


def _files(paths: Sequence[str]) -> Iterator[ChargeChoice]:
    used: set[str] = {RUN, *names()}
    for path in dict.fromkeys(os.fspath(path) for path in paths):
        if path in names():
            continue  # those of the state are there anyway
        read_content(path, names())  # of a file that is not there, packs over charges are near
        if not is_over_charges(path):
            raise PolicyError(f"'{path}' is no policy over charges, as the run's is; leave it out")
        choose(path)
        yield ChargeChoice.of(free_key(file_name(path), used), path, load_document(path))


def saved(chosen: DatedSetting) -> SavedPolicy:
    """Return a setting as a file by which `clearscale run` decides: the policy's own, with other defaults."""
    setting = chosen.setting
    on_day = f"--as-of {chosen.as_of}"
    asked = f"clearscale run {command(setting)} {on_day}"
    if not setting.choice.reference:
        return SavedPolicy("", "", "The run's own policy; run.json in its folder has it in full.")
    written = _written(setting)
    if written is None:
        return SavedPolicy("", "", f"Its file has parameters in a form that is not written here: {asked}")
    return SavedPolicy(
        _FILE,
        written,
        f"Saved as {_FILE}, this is a policy: clearscale run --policy {_FILE} {on_day}. Without a file: {asked}",
    )


def _written(setting: Setting[ChargePolicy]) -> str | None:
    """The policy's file with the values as defaults; None if that does not make the same policy."""
    reference = setting.choice.reference
    own = text(reference) if reference in names() else read_content(reference).decode()
    values = [f"{name} {shown(value)}" for name, value in setting.changed.items()]
    title = f"{setting.policy.title}{f', with {listed(values)}' if values else ''}"
    found = _with_text(own, "id", f"{setting.policy.id}-as-set")
    found = _with_text(found, "title", title)
    for name, value in setting.changed.items():
        found = _with_default(found, name, shown(value))
    try:
        made = read_policy(found, _FILE).policy()
    except PolicyError:
        return None
    return found if replace(made, id=setting.policy.id, title=setting.policy.title) == setting.policy else None


def _with_text(policy: str, key: str, value: str) -> str:
    """Write another text for a key that stands above all tables, in a line of its own."""
    line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
    return re.sub(rf"^{key}\s*=.*$", lambda _: line, policy, count=1, flags=re.MULTILINE)


def _with_default(policy: str, name: str, value: str) -> str:
    """Write another default for a parameter, as an inline table or as a table of its own."""
    inside = rf"(^\[parameters\]{_ON}^{name}\s*=\s*\{{[^}}\n]*?\bdefault\s*=\s*)[^,\s}}]+"
    alone = rf"(^\[parameters\.{name}\]{_ON}^default\s*=\s*)\S+"
    for pattern in (inside, alone):
        policy = re.sub(pattern, lambda found: f"{found[1]}{value}", policy, count=1, flags=re.MULTILINE)
    return policy
