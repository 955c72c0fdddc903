"""How much of a test is tried: a sample in `make test`, all of it in `make test-long`.

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

settings.register_profile(LONG, deadline=None, derandomize=True, database=None)
settings.register_profile(SHORT, settings.get_profile(LONG))
settings.load_profile(SHORT)


def examples(number: int) -> int:
    """The number of examples of a test that tries `number` of them in `make test-long`."""
    return number if is_long() else max(3, number // SAMPLED)


def is_long() -> bool:
    """Whether all examples are tried."""
    return settings.get_current_profile_name() == LONG


def some(values: Sequence[Value]) -> Sequence[Value]:
    """All values in `make test-long`, otherwise every few of them. For tests marked sampled."""
    return values if is_long() else values[:: max(1, len(values) // max(2, len(values) // SAMPLED))]


def long(*values: Any) -> Any:
    """A parameter that is tried in `make test-long` only."""
    return pytest.param(*values, marks=pytest.mark.long)
