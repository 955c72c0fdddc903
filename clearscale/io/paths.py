"""Paths as callers give them."""

import os
from collections.abc import Iterable, Mapping

from clearscale.errors import ClearscaleError

StrPath = str | os.PathLike[str]
"""A path, or as a text also any URL that fsspec understands. What is no text becomes one by `os.fspath`."""


def path_text(path: object, what: str) -> str:
    """Return the text of a path or URL.

    Raises ClearscaleError for what is none, such as None. what: the argument's name, for the message.
    """
    text = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(text, str):
        found = "None" if path is None else f"an object of class {type(path).__name__}"
        raise ClearscaleError(f"{what} is {found}; give a path or URL")
    if not text:
        raise ClearscaleError(f"{what} is an empty text; give a path or URL")
    return text


def path_texts(paths: object, what: str) -> list[str]:
    """Return the texts of a path or URL, or of several. Raises ClearscaleError for what is none. As `path_text`."""
    if not isinstance(paths, Iterable) or isinstance(paths, str | os.PathLike | bytes | Mapping):
        return [path_text(paths, what)]
    return [path_text(path, f"one of {what}") for path in paths]
