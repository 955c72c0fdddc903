"""An error that nobody foresaw, told without its message, in which a library may have written values of records."""

import traceback
from collections.abc import Iterator

from clearscale_cluster.task import ON_WORKER


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what led to it, the first cause last."""
    met: list[BaseException] = []
    found: BaseException | None = error
    while found is not None and found not in met:
        met.append(found)
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def kinds(error: BaseException) -> str:
    """Say what kind of error it is, and of what kind those that led to it."""
    return ", after ".join(type(found).__name__ for found in _chain(error))


def places(error: BaseException) -> list[str]:
    """List where it was raised, a line a call: module, line and function, the innermost last."""
    here = [
        f"  {frame.f_globals.get('__name__', '?')}, line {line}, in {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    return here + [f"  {note}" for note in getattr(error, "__notes__", ()) if note.startswith(ON_WORKER)]
