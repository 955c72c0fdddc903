"""Work on files that stops before one of its steps, as a kill would stop it."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from clearscale.io.files import Folder

from .samples import Interrupted


class Steps:
    """Counts what is done to files, and stops it before the step of a number."""

    def __init__(self, patch: pytest.MonkeyPatch, stop: int | None = None) -> None:
        self.done = 0
        for name in ("write", "copy", "remove"):
            patch.setattr(Folder, name, self._counted(getattr(Folder, name), stop))

    def _counted(self, method: Callable[..., Any], stop: int | None) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            if self.done == stop:
                raise Interrupted
            self.done += 1
            return method(*arguments, **options)

        return counted


class Removals:
    """Counts what is removed from this machine's disk, and lets none of it happen from one of a number on.

    As a kill would: what is done on the way out, once it has come to that, happens neither. Python knows no way to
    take such a hook away: a session has one, which looks at nothing but such work.
    """

    EVENTS = ("os.remove", "os.rmdir")

    def __init__(self) -> None:
        self._left: int | None = None
        sys.addaudithook(self._happening)

    @contextlib.contextmanager
    def killed_before(self, number: int) -> Iterator[None]:
        """Work that is killed before it removes the file or folder of this number, if it comes to that."""
        self._left = number
        try:
            yield
        finally:
            self._left = None

    def _happening(self, event: str, _: tuple[Any, ...]) -> None:
        if self._left is None or event not in self.EVENTS:
            return
        if self._left == 0:
            raise Interrupted
        self._left -= 1
