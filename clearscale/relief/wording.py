"""Waits in the words of policy files."""

from clearscale.dates import iso

from .questions import Latest, Named, Quantity
from .waits import UNITS, Clear, Since, Until, Wait

_UNITS = {code: word for word, code in UNITS.items()}


def wait_words(wait: Wait) -> str:
    """Return a wait as policy files write it."""
    if isinstance(wait, Until):
        return f"until {iso(wait.day)}"
    if isinstance(wait, Clear):
        return f"{_time(wait.since)}clear of {wait.group.name} {_since(wait.since)}"
    if isinstance(wait, Since):
        return f"{_time(wait)}{_since(wait)}"
    raise TypeError(f"no words for {type(wait).__name__}")


def _time(since: Since) -> str:
    if not since.number:
        return ""
    return f"{since.number} {_UNITS[since.unit]}{'s' if since.number > 1 else ''} "


def _since(since: Since) -> str:
    return f"since {_quantity(since.quantity)}{' if known' if since.if_known else ''}"


def _quantity(quantity: Quantity) -> str:
    if isinstance(quantity, Named):
        return quantity.name
    if isinstance(quantity, Latest):
        return f"latest {quantity.date} of {quantity.group.name}"
    raise TypeError(f"no words for {type(quantity).__name__}")
