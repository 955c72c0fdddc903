"""Answers that are kept for the next question."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Generic, TypeVar

Kept = TypeVar("Kept")
Asked = TypeVar("Asked", bound=Hashable)


class Latest(Generic[Kept]):
    """Answers by what was asked: those that were asked for last. most: how many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def known(self, key: Hashable) -> Kept | None:
        """Return what was kept, None if nothing is."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: Hashable, made: Kept) -> Kept:
        """Keep an answer, and return it."""
        with self._lock:
            self._kept[key] = made
            self._kept.move_to_end(key)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Return what was kept, or what is made now."""
        found = self.known(key)
        return found if found is not None else self.keep(key, make())

    def get_all(
        self,
        asked: Iterable[Asked],
        key: Callable[[Asked], Hashable],
        make: Callable[[Sequence[Asked]], Iterable[Kept]],
        at_once: int,
    ) -> dict[Asked, Kept]:
        """Return answers to several questions, of which so many are made together, and others in between."""
        wanted = dict.fromkeys(asked)
        found = {question: known for question in wanted if (known := self.known(key(question))) is not None}
        missing = [question for question in wanted if question not in found]
        for first in range(0, len(missing), at_once):
            some = missing[first : first + at_once]
            for question, made in zip(some, make(some), strict=True):
                found[question] = self.keep(key(question), made)
        return found
