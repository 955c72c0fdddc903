"""What every finished run has, over convictions or over charges."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from clearscale.errors import RunError
from clearscale.io.files import Folder
from clearscale.io.folders import is_another, near_folder
from clearscale.io.sealed import Guard, SealedFolder, open_finished, sealed

SUMMARY = "summary.json"

INFO = "run.json"
"""Written last: a folder without it holds no finished run."""

CROSSTAB = "crosstab"
"""Folder of a run over charges: what each bucket counted for its crosstab of charges."""

GUARD = Guard(RunError, "run", "run the same `clearscale run` command again, which makes the run anew")
"""What to do about damage in a run."""


@dataclass(frozen=True, repr=False)
class FinishedRun:
    """A finished run.

    folder: where it lies. info: the content of `run.json`, with the store where it lies now. found: whether a call
    that was to make it found it finished.
    """

    folder: Folder
    info: dict[str, Any]
    found: bool = field(default=False, kw_only=True, compare=False)

    def __repr__(self) -> str:
        policy, as_of, snapshot = self.info["policy"]["id"], self.info["as_of"], self.info["snapshot"]
        return (
            f"{type(self).__name__}({self.folder.url!r}, policy={policy!r}, as_of={as_of!r}, snapshot={snapshot!r})"
        )

    @cached_property
    def files(self) -> SealedFolder:
        """The run's files; damaged ones are a RunError."""
        return sealed(self.folder, INFO, self.info, GUARD)

    @property
    def summary(self) -> dict[str, Any]:
        """Figures of the state: the content of `summary.json`."""
        document: dict[str, Any] = self.files.read_json(SUMMARY)
        return document


def info_in(folder: Folder) -> dict[str, Any]:
    """Return the content of a folder's `run.json`. Raises RunError if it holds no finished run."""

    def absent() -> str:
        if another := is_another(folder.url):
            return f"{folder.url}: there is no finished run, it is {another}; name the run's folder"
        made = f"make one with `clearscale run --out {folder.url} ...`"
        return f"{folder.url}: there is no finished run; {made}{near_folder(folder.url, INFO)}"

    return open_finished(folder, INFO, GUARD, absent)


def with_key(document: dict[str, Any], **digests: Sequence[str]) -> dict[str, Any]:
    """Return what decides a run's answers with its key, which is the same for the same answers.

    document: as `run.json` has it; where the store lies decides nothing. digests: of what the snapshot is made of.
    """
    keyed = {name: value for name, value in {**document, **digests}.items() if name != "store"}
    return {**document, "key": hashlib.sha256(json.dumps(keyed, sort_keys=True).encode()).hexdigest()}
