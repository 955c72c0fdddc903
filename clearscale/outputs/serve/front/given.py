"""What a page sent, as what it should be: anything else is as if it was not sent."""

from typing import Any


def text(value: Any) -> str:
    """Return a text, empty if it is none."""
    return value if isinstance(value, str) else ""


def texts(value: Any) -> list[str]:
    """Return a list of texts, empty if it is none."""
    return [text(each) for each in value] if isinstance(value, list) else []


def table(value: Any) -> dict[Any, Any]:
    """Return a table, empty if it is none."""
    return value if isinstance(value, dict) else {}


def words(value: Any) -> dict[str, str]:
    """Return a table of texts by texts, empty if it is none."""
    return {text(name): text(each) for name, each in table(value).items()}
