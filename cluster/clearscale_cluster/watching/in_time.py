"""Calls that may never return, as those to a scheduler that stands still."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Call(Generic[Answer]):
    """A call in a thread of its own. One that never returns holds nobody up: not even the end of the process."""

    def __init__(self, function: Callable[[], Answer]) -> None:
        self._function = function
        self._done: SimpleQueue[bool] = SimpleQueue()
        self._answer: list[Answer] = []
        self._error: BaseException | None = None
        threading.Thread(target=self._run, daemon=True, name="asking").start()

    def _run(self) -> None:
        try:
            self._answer.append(self._function())
        except BaseException as error:
            self._error = error
        self._done.put(True)

    def is_done(self, seconds: float) -> bool:
        """Whether it has returned, or does within so many seconds."""
        try:
            return self._done.get(timeout=seconds)
        except Empty:
            return False

    def answer(self) -> Answer:
        """What a call that is done returned. Raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._answer[0]


def answer_in(seconds: float, function: Callable[[], Answer]) -> Answer:
    """What a call returns. Raises what it raises, and TimeoutError if it takes longer than so many seconds."""
    call = Call(function)
    if not call.is_done(seconds):
        raise TimeoutError(f"no answer within {seconds:g} s")
    return call.answer()
