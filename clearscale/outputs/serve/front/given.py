"""What a page sent, as what it should be: anything else is as if it was not sent."""

from collections.abc import Mapping
from typing import Any

from clearscale.errors import ClearscaleError

from .folder import ServedFolder


def text(value: Any) -> str:
    """Return a text, empty if it is none."""
    return value if isinstance(value, str) else ""


def texts(value: Any) -> list[str]:
    """Return a list of texts, empty if it is none."""
    return [text(item) for item in value] if isinstance(value, list) else []


def table(value: Any) -> dict[Any, Any]:
    """Return a table, empty if it is none."""
    return value if isinstance(value, dict) else {}


def words(value: Any) -> dict[str, str]:
    """Return a table of texts by texts, empty if it is none."""
    return {text(name): text(item) for name, item in table(value).items()}


def chosen_files(folder: ServedFolder, given: Mapping[str, Any]) -> list[str]:
    """Return the paths of the files that a page chose. Raises ClearscaleError if it chose none."""
    files = [str(folder.inside(name)) for name in texts(given.get("files"))]
    if not files:
        raise ClearscaleError("choose the files first")
    return files


def ingest_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that every ingest has, as a page chose them."""
    return {
        "on_bad_record": "quarantine" if given.get("quarantine") is True else "refuse",
        "accept": texts(given.get("accept")),
        "add": given.get("add") is True,
    }
