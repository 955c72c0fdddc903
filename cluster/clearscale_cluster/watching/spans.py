"""Spans of OpenTelemetry, if its package is installed: one for a piece of work, and one for each of its passes.

They go where the program that runs this, or `opentelemetry-instrument`, sends them; without a destination they go
nowhere. What an error says is in none: it may be somebody's value.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

NAME = "clearscale"
"""The name that spans come under."""

_PROVIDER = "OTEL_PYTHON_TRACER_PROVIDER"
"""OpenTelemetry's variable that names a destination."""


class Span:
    """A span that has begun. It is never current: it may begin and end in different calls of a generator."""

    def __init__(self, span: Any) -> None:
        self._span = span

    def end(self, about: Mapping[str, Any], failed: str | None = None) -> None:
        """End it. about: its attributes. failed: the class of the error that ended it, None if none did."""
        self._span.set_attributes(about)
        if failed is not None:
            from opentelemetry.trace import Status, StatusCode

            self._span.set_attribute("error.type", failed)
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


def begun(name: str) -> Span | None:
    """Begin a span of this name, below that which is current; None where nobody wants it."""
    if not _wanted():
        return None
    from opentelemetry import trace

    return Span(trace.get_tracer(NAME).start_span(name))


@contextmanager
def current(name: str) -> Iterator[None]:
    """Have a span of this name around what is done in a `with` statement."""
    if not _wanted():
        yield
        return
    from opentelemetry import trace

    with trace.get_tracer(NAME).start_as_current_span(
        name, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield
        except BaseException as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(trace.Status(trace.StatusCode.ERROR))
            raise


def _wanted() -> bool:
    """Whether spans may have a destination. Who gives them one has imported the package, or names one to it."""
    if "opentelemetry.trace" in sys.modules:
        return True
    return _PROVIDER in os.environ and importlib.util.find_spec("opentelemetry") is not None
