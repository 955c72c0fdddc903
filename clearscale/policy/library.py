"""How a policy is found: a pack by its name, or a file of any form that states one."""

from collections.abc import Mapping
from typing import Any

from clearscale.errors import PolicyError
from clearscale.law import state

from .by_county import PolicyMap, county_key
from .county_options import gogen_policy
from .finding import PACKS, beside, is_map, read_content
from .language import Document
from .model import Policy
from .outcomes import AnyPolicy
from .packs import pack, unchanged
from .parameters import nearest
from .reading import read_policy, toml

_MAP_KEYS = ("id", "title", "default", "counties")
_CHOICE_KEYS = ("policy", "parameters")


def load_policy(reference: str, parameters: Mapping[str, Any] | None = None) -> AnyPolicy:
    """Load the policy that a name or a file states.

    reference: a pack, or the path or URL of a policy file (.toml), a policy map (.toml) or eligibility options
    (JSON). parameters: values instead of the defaults, of a pack or a policy file.

    Raises PolicyError if there is no such policy, or the file states none.
    """
    if reference in PACKS:
        return pack(reference).policy(parameters) if parameters else unchanged(reference)
    content = read_content(reference)
    name = reference.rstrip("/").rpartition("/")[2]
    if not name.lower().endswith(".toml"):
        if parameters:
            raise PolicyError(f"{reference}: eligibility options have no parameters; change the options themselves")
        return gogen_policy(content, name=name.partition(".")[0])
    if not is_map(content):
        return read_policy(content, reference).policy(parameters)
    if parameters:
        raise PolicyError(f"{reference}: a policy map gives each of its policies parameters of its own")
    return read_map(content, reference)


def load_document(reference: str) -> Document:
    """Load the document of a pack or a policy file. Raises PolicyError as `load_policy` does."""
    if reference in PACKS:
        return pack(reference)
    content = read_content(reference)
    if not reference.lower().endswith(".toml"):
        raise PolicyError(f"{reference}: is no policy file; their names end in .toml")
    if is_map(content):
        raise PolicyError(f"{reference}: is a policy map; name one of its policies")
    return read_policy(content, reference)


def read_map(content: bytes, where: str) -> PolicyMap:
    """Read a policy map of that content. Raises PolicyError that lists everything wrong with it, a line each."""
    tables = toml(content, where)
    wrong = [
        f"{where}: '{key}' is no key of a policy map; {nearest(key, _MAP_KEYS)}"
        for key in tables
        if key not in _MAP_KEYS
    ]
    default = _choice(tables.get("default"), where, "default", wrong)
    counties: dict[str, Policy] = {}
    named = tables.get("counties", {})
    if not isinstance(named, dict):
        wrong.append(f"{where}: 'counties' should be tables, such as [counties.{state().counties.example}]")
        named = {}
    for name, choice in named.items():
        key = county_key(name)
        known = state().counties.names
        if key not in known:
            wrong.append(f"{where}: '{name}' is no county of {state().title}; {nearest(key, known)}")
        if key in counties:
            wrong.append(f"{where}: county '{name}' stands twice")
        policy = _choice(choice, where, f"county '{name}'", wrong)
        if policy is not None:
            counties[key] = policy
    title = tables.get("title", "Policies by county")
    name = tables.get("id", where.rstrip("/").rpartition("/")[2].partition(".")[0])
    if not isinstance(title, str) or not isinstance(name, str):
        wrong.append(f"{where}: 'id' and 'title' should be texts")
    if wrong or default is None:
        raise PolicyError("\n".join(wrong))
    return PolicyMap(name, title, default, tuple(sorted(counties.items())))


def _choice(choice: Any, where: str, what: str, wrong: list[str]) -> Policy | None:
    """Load the policy of the default or of a county; note what is wrong with it."""
    if not isinstance(choice, dict) or not isinstance(choice.get("policy"), str):
        wrong.append(f'{where}: {what}: name its policy, such as policy = "ca-bear-default"')
        return None
    parameters = choice.get("parameters", {})
    for key in choice:
        if key not in _CHOICE_KEYS:
            wrong.append(f"{where}: {what}: '{key}' is no key here; {nearest(key, _CHOICE_KEYS)}")
    if not isinstance(parameters, dict):
        wrong.append(f"{where}: {what}: 'parameters' should be a table")
        return None
    reference = beside(choice["policy"], where)
    try:
        # Looked at before it is loaded: a map that names itself would never end.
        if reference not in PACKS and is_map(read_content(reference)):
            raise PolicyError(f"'{choice['policy']}' is a policy map; name a policy")
        policy = load_policy(reference, parameters or None)
    except PolicyError as error:
        wrong += [f"{where}: {what}: {line}" for line in str(error).splitlines()]
        return None
    assert isinstance(policy, Policy)
    return policy


def files_of(content: bytes, where: str) -> list[str]:
    """List the policy files that a map names, each once; the map must be one that `read_map` accepts."""
    tables = toml(content, where)
    choices = [tables["default"], *tables.get("counties", {}).values()]
    found = dict.fromkeys(beside(choice["policy"], where) for choice in choices)
    return [name for name in found if name.lower().endswith(".toml")]
