"""A function that kernels may call: what is known of it before any compiler is imported."""

from collections.abc import Callable
from typing import Any


class Callee:
    """A function to be compiled. helper: only into others, which call it in their inner loops."""

    def __init__(self, function: Callable[..., Any], helper: bool) -> None:
        self.function = function
        self.helper = helper

    @property
    def name(self) -> str:
        """Module and name of the function."""
        return f"{self.function.__module__}.{self.function.__qualname__}"
