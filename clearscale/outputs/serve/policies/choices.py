"""Which policies over convictions a page can choose."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

from clearscale.io.urls import file_name
from clearscale.outputs.serve.choosing import RUN, Choice, Choices, Setting, free_key
from clearscale.policy import PACKS, AnyPolicy, Policy, choose, pack
from clearscale.policy.library import load_document
from clearscale.policy.locating import is_map, read_content
from clearscale.policy.texts import toml

PolicyChoice = Choice[AnyPolicy]
PolicySetting = Setting[AnyPolicy]


def policy_choices(own: AnyPolicy, paths: Sequence[str] = ()) -> Choices[AnyPolicy]:
    """Return the policies of a page: the run's own first, then those of files, then all packs.

    own: the run's. paths: policy files. Raises PolicyError for a file that is no policy over convictions, or of
    which something is doubtful.
    """
    packs = (PolicyChoice.of(name, name, pack(name)) for name in PACKS)
    return Choices(own, [*_files(paths), *packs], lambda choice: _as(own, choice))


def _files(paths: Sequence[str]) -> Iterator[PolicyChoice]:
    used: set[str] = {RUN, *PACKS}
    for path in dict.fromkeys(os.fspath(path) for path in paths):
        chosen = choose(path).policy
        if path in PACKS:
            continue  # all of them are there anyway
        key = free_key(file_name(path), used)
        if file_name(path).lower().endswith(".toml") and not is_map(toml(read_content(path), path)):
            yield PolicyChoice.of(key, path, load_document(path))
        else:
            yield PolicyChoice(key, chosen.title, path, fixed=chosen)


def _as(own: AnyPolicy, choice: PolicyChoice) -> PolicyChoice | None:
    """Return the choice with the values that make it the run's own policy; None if none do."""
    if choice.document is None:
        return choice if choice.fixed is not None and _unnamed(choice.fixed) == _unnamed(own) else None
    return choice.as_set(own.id, dict(own.parameters), own.digest()) if isinstance(own, Policy) else None


def _unnamed(policy: AnyPolicy) -> AnyPolicy:
    """Return a policy without its name, which options have from their file."""
    return replace(policy, id="")
