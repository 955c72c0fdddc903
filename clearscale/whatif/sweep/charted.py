"""What a sweep's page is about: settings by parameter, and the policies along each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import prod
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Charted:
    """What a sweep's page is about.

    axes: settings by parameter, as people write them. base: place of each one's setting while another changes.
    """

    title: str
    as_of: str
    axes: Mapping[str, Sequence[str]]
    base: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many policies there are."""
        return prod(map(len, self.axes.values()))

    @cached_property
    def along(self) -> dict[str, list[int]]:
        """The places of the policies along each parameter that is varied, among all combinations of settings."""
        shape = tuple(map(len, self.axes.values()))
        found = {}
        for place, (name, settings) in enumerate(self.axes.items()):
            if len(settings) > 1:
                steps = np.tile(np.array(self.base, np.int64)[:, np.newaxis], (1, len(settings)))
                steps[place] = np.arange(len(settings))
                found[name] = np.ravel_multi_index(tuple(steps), shape).tolist()
        return found

    @property
    def policies(self) -> list[int]:
        """All policies of the page, each once, the one that the others are varied from first."""
        first = int(np.ravel_multi_index(self.base, tuple(map(len, self.axes.values())))) if self.base else 0
        return list(dict.fromkeys([first, *chain(*self.along.values())]))


def shown(setting: Any) -> str:
    """Write a setting for people."""
    if isinstance(setting, bool):
        return "yes" if setting else "no"
    return str(setting)
