"""What can become of a charge: a table, read from `outcomes.toml`."""

import tomllib
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True)
class Outcome:
    """What becomes of a charge.

    Attributes
    ----------
    code
        Its number in decisions.
    name
        As policy files write it.
    text
        As people read it.
    relief
        Whether it gives the person something.
    rules
        Whether a rule can give it.
    """

    code: int
    name: str
    text: str
    relief: bool
    rules: bool


def _read() -> dict[str, Outcome]:
    text = resources.files(__package__).joinpath("outcomes.toml").read_text("utf-8")
    stated = tomllib.loads(text)["outcome"]
    return {outcome["name"]: Outcome(code, **outcome) for code, outcome in enumerate(stated)}


OUTCOMES = _read()
"""All outcomes by name, in the order of their codes."""

NOT_ELIGIBLE, UNDECIDED, NOT_YET = OUTCOMES["not-eligible"], OUTCOMES["undecided"], OUTCOMES["not-yet"]

NO_CANDIDATE = -1
"""Code of a charge that a policy does not decide."""
