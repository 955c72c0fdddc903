"""Arguments that callers may give in several forms, converted into one."""

import operator
import os
from collections.abc import Iterable
from typing import Any, Protocol

from clearscale.errors import ClearscaleError
from clearscale.io.files import Folder
from clearscale.io.paths import StrPath, path_text
from clearscale.runs import Run, open_run
from clearscale.runs.charges import ChargeRun, open_either


def opened_run(run: Run | StrPath) -> Run:
    """Return a run as it is, or the one at a path or URL. Raises RunError if there is none."""
    return run if isinstance(run, Run) else open_run(path_text(run, "run"))


def opened_either(run: Run | ChargeRun | StrPath) -> Run | ChargeRun:
    """Return a run of either kind as it is, or the one at a path or URL. Raises RunError if there is none."""
    return run if isinstance(run, Run | ChargeRun) else open_either(path_text(run, "run"))


class _Lies(Protocol):
    @property
    def folder(self) -> Folder: ...


def place_of(of: _Lies | StrPath) -> str:
    """Return where a run or sweep lies: its own folder, or the path or URL that is given in its place."""
    return path_text(of, "of") if isinstance(of, str | os.PathLike) else of.folder.url


def whole_number(value: Any, what: str, within: range | None = None) -> int:
    """Return a number as Python has it, whatever library counted it.

    Raises ClearscaleError if it is none, or not within a range. what: the argument's name, for the message.
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise ClearscaleError(f"{what} is {value!r}; give a whole number") from None
    if within is not None and number not in within:
        raise ClearscaleError(f"{what} is {number}; give a whole number from {within[0]:,} to {within[-1]:,}")
    return number


def list_of_names(names: Iterable[str], what: str) -> tuple[str, ...]:
    """Return several names. Raises ClearscaleError for a text, whose letters would be taken for them."""
    if isinstance(names, str):
        raise ClearscaleError(f"{what} is '{names}'; give a list of names, such as ['{names}']")
    return tuple(names)


def optional_path(path: StrPath | None) -> str | None:
    """Return the text of a path that may be left out."""
    return None if path is None else path_text(path, "path")
