"""All files that an ingest refuses are told together: who mends one would only then hear of the next."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from clearscale.errors import ExtractError

Task = TypeVar("Task")
Found = TypeVar("Found")

MOST = 20
"""Files whose refusals are told in full."""


class Refusals:
    """The refusals of files, as they are met. what: what the files are, in the plural."""

    def __init__(self, what: str = "extracts") -> None:
        self._what = what
        self._met: list[ExtractError] = []

    def __bool__(self) -> bool:
        """Whether any was met."""
        return bool(self._met)

    def add(self, error: ExtractError) -> None:
        """Note one."""
        self._met.append(error)

    @contextmanager
    def met(self) -> Iterator[None]:
        """Note a refusal instead of raising it."""
        try:
            yield
        except ExtractError as error:
            self.add(error)

    def kept(self, found: Sequence[Found | ExtractError]) -> list[Found]:
        """What is no refusal; refusals are noted."""
        kept: list[Found] = []
        for result in found:
            if isinstance(result, ExtractError):
                self.add(result)
            else:
                kept.append(result)
        return kept

    def require_none(self) -> None:
        """Raise ExtractError with all that were met: each in its own words, at most `MOST` of them."""
        if len(self._met) < 2:
            for error in self._met:
                raise error
            return
        lines = [line for error in self._met[:MOST] for line in error.args]
        more = len(self._met) - MOST
        if more > 0:
            lines.append(f"{more:,} more {self._what} are refused; mend these, and the command tells the others.")
        raise ExtractError(f"{len(self._met):,} {self._what} are refused, and nothing was stored:", *lines)


def or_refusal(function: Callable[[Task], Found], task: Task) -> Found | ExtractError:
    """Do a task; return the refusal of its file instead of raising it: the other files are still looked at."""
    try:
        return function(task)
    except ExtractError as error:
        return error
