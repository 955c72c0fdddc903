"""Work on files that stops before one of its steps, as a kill would stop it."""

from collections.abc import Callable
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
