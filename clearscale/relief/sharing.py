"""What is found of charges once, for several policies and as-of dates."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from clearscale.charges.tables import Tables
from clearscale_kernels.arrays import Int8s

from .evidence import Evidence
from .questions import Compared
from .statutes import StatuteList

MOST_KEPT = 2**26
"""Bytes of what is kept of a bucket; what was not asked for the longest goes first."""


@lru_cache(maxsize=2**14)
def asks_today(key: Any) -> bool:
    """Tell whether what is found under a key depends on the as-of date.

    key: as of `Evidence.once`: a question, a quantity, a wait or a group, or a tuple with one.
    """
    if isinstance(key, Compared) and key.today:
        return True
    if isinstance(key, tuple):
        return any(map(asks_today, key))
    if is_dataclass(key):
        return any(asks_today(getattr(key, field.name)) for field in fields(key))
    return False


class Kept:
    """What was found, by key. most: bytes."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most, self._bytes = most, 0
        self._found: OrderedDict[Any, tuple[Any, int]] = OrderedDict()

    def get(self, key: Any, find: Callable[[], Any]) -> Any:
        """Return what was found under a key, or find it now."""
        if key in self._found:
            self._found.move_to_end(key)
            return self._found[key][0]
        found = find()
        size = _bytes_of(found)
        self._found[key] = found, size
        self._bytes += size
        while self._bytes > self._most and len(self._found) > 1:
            _, (_, gone) = self._found.popitem(last=False)
            self._bytes -= gone
        return found


def _bytes_of(found: Any) -> int:
    if isinstance(found, np.ndarray):
        return found.nbytes
    return sum(map(_bytes_of, found)) if isinstance(found, tuple) else 0


class SharedEvidence(Evidence):
    """Charges on a day, with what was found of them on other days, too, if it is the same on each."""

    def __init__(
        self,
        tables: Tables,
        as_of: int,
        lists: Mapping[str, StatuteList],
        on_lists: dict[str, Int8s],
        kept: Kept,
    ) -> None:
        super().__init__(tables, as_of, lists, on_lists)
        self._kept = kept

    def once(self, key: Any, find: Callable[[], Any]) -> Any:
        """What `find` gives, found once."""
        return self._kept.get((self.as_of if asks_today(key) else None, key), find)
