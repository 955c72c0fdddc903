"""How much of a test is tried: a sample in `make test`, all of it in `make test-long`, an eighth of that in CI.

Only tests that take a second or more are sampled; all others try everything each time.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

import pytest
from hypothesis import settings

Value = TypeVar("Value")

LONG, SHORT = "long", "short"
"""Profiles, chosen with `--hypothesis-profile`. Neither looks at the clock, nor draws other examples each time."""

SAMPLED = 48
"""One example in so many is in the sample."""

PARTS = 8
"""So many parts what is tried at length can be tried in; `--eighth` names one."""

settings.register_profile(LONG, deadline=None, derandomize=True, database=None)
settings.register_profile(SHORT, settings.get_profile(LONG))
settings.load_profile(SHORT)

_eighth: int | None = None


def take(eighth: int) -> None:
    """Have only this eighth of what is tried at length tried, from 0 to 7. Raises UsageError for another."""
    if eighth not in range(PARTS):
        raise pytest.UsageError(f"--eighth {eighth}: give a number from 0 to {PARTS - 1}")
    global _eighth  # before any test is imported
    _eighth = eighth


def arguments() -> list[str]:
    """What has another pytest try as much as this one."""
    chosen = [] if _eighth is None else [f"--eighth={_eighth}"]
    return ["--hypothesis-profile", settings.get_current_profile_name(), *chosen]


def examples(number: int) -> int:
    """The number of examples of a test that tries `number` of them in `make test-long`."""
    if is_long() and _eighth is None:
        return number
    return max(3, number // (PARTS if is_long() else SAMPLED))


def seeds(number: int) -> Sequence[int]:
    """As many numbers, from 0 on or an eighth of them, for a loop in which each makes an example."""
    return at_length(range(number)) if is_long() else range(examples(number))


def is_long() -> bool:
    """Whether it is tried at length, all of it or an eighth."""
    return settings.get_current_profile_name() == LONG


def some(values: Sequence[Value]) -> Sequence[Value]:
    """All values in `make test-long`, or an eighth, otherwise every few of them. For tests marked sampled."""
    step = max(1, len(values) // max(2, len(values) // SAMPLED))
    return _part(values, min(step, PARTS)) if is_long() else values[::step]


def at_length(values: Sequence[Value], least: int = 1) -> Sequence[Value]:
    """All values, or an eighth, but at least so many. For loops and parameters that are tried at length only."""
    return _part(values, max(1, min(PARTS, len(values) // least)))


def _part(values: Sequence[Value], parts: int) -> Sequence[Value]:
    return values if _eighth is None else values[_eighth % parts :: parts]


def long(*values: Any) -> Any:
    """A parameter that is tried in `make test-long` only."""
    return pytest.param(*values, marks=pytest.mark.long)
