"""Files of an object store that are on their way before they are read: many rounds of waiting become one."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from .object_store import is_this_machine, located, require_no_secrets

Expect = Callable[[str, Iterable[str]], None]
"""Ask for files, by the URL of their folder and their names in it. Those of this machine are not asked for."""

_asked: dict[str, tuple[Future[list[Any]], int]] = {}
"""Answers by URLs of files: the call that asks for several, and the place in what it returns."""

_CALLS = 4


@contextmanager
def expecting() -> Iterator[Expect]:
    """Give what asks for files, all of a call at the same time. Each is for who reads it first, while this lasts.

    What was read so is as it was when it was asked for.
    """
    with ThreadPoolExecutor(_CALLS) as pool:
        urls: list[str] = []

        def expect(folder: str, names: Iterable[str]) -> None:
            require_no_secrets(folder)
            system, root = located(folder)
            if is_this_machine(system):
                return
            wanted = list(names)
            paths = [f"{root.rstrip('/')}/{name}" for name in wanted]
            call = pool.submit(system.cat_ranges, paths, None, None, on_error="return")
            for place, name in enumerate(wanted):
                url = f"{folder.rstrip('/')}/{name}"
                _asked[url] = call, place
                urls.append(url)

        try:
            yield expect
        finally:
            for url in urls:
                _asked.pop(url, None)


def taken(url: str) -> bytes | None:
    """The content of a file that was asked for, once; None if it was not. Raises what asking for it raised."""
    found = _asked.pop(url, None)
    if found is None:
        return None
    call, place = found
    answer = call.result()[place]
    if isinstance(answer, BaseException):
        raise answer
    return bytes(answer)
