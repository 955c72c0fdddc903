"""How a policy is found: a pack by its name, or a file of any form that states one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clearscale.errors import PolicyError, nearest
from clearscale.io.urls import file_name
from clearscale.law import state
from clearscale_cluster.shown import shown

from .by_county import PolicyMap, county_key
from .findings import Finding, FoundError, found_in
from .language import Document
from .locating import PACKS, beside, is_map, read_content
from .model import Policy
from .option_files import policy_of, read_options
from .outcomes import AnyPolicy
from .packs import pack, unchanged
from .reading import read_tables
from .texts import toml

_MAP_KEYS = ("id", "title", "default", "counties")
_CHOICE_KEYS = ("policy", "parameters")


@dataclass(frozen=True)
class Stated:
    """A policy as a name or a file states it, read once.

    documents: the policy files that it is made of, without packs. doubted: what is doubtful in options.
    """

    policy: AnyPolicy
    documents: tuple[Document, ...] = ()
    doubted: tuple[Finding, ...] = ()


def load_policy(reference: str, parameters: Mapping[str, Any] | None = None) -> AnyPolicy:
    """Load the policy that a name or a file states, whatever is doubtful in it.

    reference: a pack, or the path or URL of a policy file (.toml), a policy map (.toml) or eligibility options
    (JSON). parameters: values instead of the defaults, of a pack or a policy file.

    Raises FoundError if there is no such policy, or the file states none.
    """
    return read_stated(reference, parameters).policy


def read_stated(reference: str, parameters: Mapping[str, Any] | None = None) -> Stated:
    """Read what a name or a file states. As `load_policy`."""
    if reference in PACKS:
        return Stated(pack(reference).policy(parameters) if parameters else unchanged(reference))
    content = read_content(reference)
    name = file_name(reference)
    if not name.lower().endswith(".toml"):
        if parameters:
            raise PolicyError(f"{reference}: eligibility options have no parameters; change the options themselves")
        options = read_options(content, reference)
        return Stated(policy_of(options, shown(name.partition(".")[0])), doubted=tuple(options.doubted))
    tables = toml(content, reference)
    if is_map(tables):
        if parameters:
            raise PolicyError(f"{reference}: a policy map gives each of its policies parameters of its own")
        return _read_map(tables, reference)
    document = read_tables(tables, reference)
    try:
        return Stated(document.policy(parameters), (document,))
    except FoundError:
        raise
    except PolicyError as error:
        if parameters:  # what is wrong with them names the file itself
            raise
        raise FoundError([Finding("too-many-rules", str(error), reference)]) from None


def load_document(reference: str) -> Document:
    """Load the document of a pack or a policy file. Raises PolicyError as `load_policy` does."""
    if reference in PACKS:
        return pack(reference)
    content = read_content(reference)
    if not file_name(reference).lower().endswith(".toml"):
        raise PolicyError(f"{reference}: is no policy file; their names end in .toml")
    tables = toml(content, reference)
    if is_map(tables):
        raise PolicyError(f"{reference}: is a policy map; name one of its policies")
    return read_tables(tables, reference)


class _Map:
    """Reads a policy map and notes everything that is wrong with it."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.wrong: list[Finding] = []
        self.documents: dict[str, Document] = {}
        self.doubted: dict[Finding, None] = {}

    def note(self, name: str, text: str) -> None:
        self.wrong.append(Finding(name, text, self.where))

    def choice(self, choice: Any, what: str) -> Policy | None:
        """Load the policy of the default or of a county; note what is wrong with it."""
        if not isinstance(choice, dict) or not isinstance(choice.get("policy"), str):
            self.note("missing", f'{what}: name its policy, such as policy = "ca-bear-default"')
            return None
        parameters = choice.get("parameters", {})
        for key in choice:
            if key not in _CHOICE_KEYS:
                self.note("unknown-key", f"{what}: '{key}' is no key here; {nearest(key, _CHOICE_KEYS)}")
        if not isinstance(parameters, dict):
            self.note("wrong-type", f"{what}: 'parameters' should be a table")
            return None
        reference = beside(choice["policy"], self.where)
        try:
            # Looked at before it is loaded: a map that names itself would never end.
            may_be_map = file_name(reference).lower().endswith(".toml") and reference not in PACKS
            if may_be_map and is_map(toml(read_content(reference), reference)):
                self.note("unusable", f"{what}: '{choice['policy']}' is a policy map; name a policy")
                return None
            stated = read_stated(reference, parameters or None)
        except PolicyError as error:
            for found in found_in(error, "unusable"):
                self.note(found.name, f"{what}: {found.line}")
            return None
        self.documents.update({document.where: document for document in stated.documents})
        self.doubted.update(dict.fromkeys(stated.doubted))
        assert isinstance(stated.policy, Policy)
        return stated.policy


def _read_map(tables: Mapping[str, Any], where: str) -> Stated:
    """Read a policy map. Raises FoundError that lists everything wrong with it, a line each."""
    found = _Map(where)
    for key in tables:
        if key not in _MAP_KEYS:
            found.note("unknown-key", f"'{key}' is no key of a policy map; {nearest(key, _MAP_KEYS)}")
    default = found.choice(tables.get("default"), "default")
    counties: dict[str, Policy] = {}
    named = tables.get("counties", {})
    if not isinstance(named, dict):
        found.note("wrong-type", f"'counties' should be tables, such as [counties.{state().counties.example}]")
        named = {}
    for name, choice in named.items():
        key = county_key(name)
        known = state().counties.names
        if key not in known:
            found.note("unknown-county", f"'{name}' is no county of {state().title}; {nearest(key, known)}")
        if key in counties:
            found.note("duplicate-key", f"county '{name}' stands twice")
        policy = found.choice(choice, f"county '{name}'")
        if policy is not None:
            counties[key] = policy
    title = tables.get("title", "Policies by county")
    name = tables.get("id", shown(file_name(where).partition(".")[0]))
    if not isinstance(title, str) or not isinstance(name, str):
        found.note("wrong-type", "'id' and 'title' should be texts")
    if found.wrong or default is None:
        raise FoundError(found.wrong)
    try:
        policy_map = PolicyMap(name, title, default, tuple(sorted(counties.items())))
    except PolicyError as error:
        raise FoundError([Finding("too-many-rules", str(error), where)]) from None
    return Stated(policy_map, tuple(found.documents.values()), tuple(found.doubted))
