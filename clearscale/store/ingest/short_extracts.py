"""First round of an ingest, of short extracts: a task reads several, and waits for an object store only once."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any, BinaryIO, cast

import numpy as np
import pyarrow as pa

from clearscale.errors import StorageError
from clearscale.extract import opened
from clearscale.extract.reading import fill_all
from clearscale.io.far import apart, behind, both

from .blocks import MALFORMED, ReadTask, finish, read_and_write

_FETCHED_AHEAD = 2**24
"""Bytes of short extracts that a task fetches before it works on them, more where one has more."""


def read_each(tasks: Sequence[ReadTask]) -> list[list[dict[str, Any]]]:
    """Read the block groups of short extracts; see `read_block_groups`. They wait for an object store together.

    The next ones are fetched, and what one leaves is on its way while the next is worked on. Its markers
    follow when it is there.
    """
    results = []
    try:
        with (
            ThreadPoolExecutor(2 * len(tasks)) as threads,
            behind(tasks[0].staging.store) as (folder, _),
        ):
            finishing = []
            for task, content in _fetched(tasks, threads):
                store, arrived = apart(folder)
                writing = replace(task, staging=replace(task.staging, store=store))
                results.append(_read_and_write_each(writing, content))
                finishing.append(threads.submit(_finish_each, task, arrived, results[-1]))
            for ended in finishing:
                ended.result()
    except StorageError:
        for task in tasks:
            task.require_unchanged()
        raise
    pa.default_memory_pool().release_unused()
    return results


def _finish_each(task: ReadTask, arrived: Callable[[], None], markers: Sequence[dict[str, Any]]) -> None:
    """Write the markers of a task's block groups when their files are there."""
    both(task.staging.store, arrived, lambda: task.require_unchanged(failed=False))
    for marker in markers:
        finish(task, marker)


def _fetched(tasks: Sequence[ReadTask], threads: ThreadPoolExecutor) -> Iterator[tuple[ReadTask, BinaryIO]]:
    """Yield short extracts in order, fetched while others are worked on."""
    waiting: deque[tuple[ReadTask, Future[BinaryIO]]] = deque()
    for task in tasks:
        while waiting and sum(other.end for other, _ in waiting) + task.end > _FETCHED_AHEAD:
            first, content = waiting.popleft()
            yield first, content.result()
        waiting.append((task, threads.submit(_content, task)))
    while waiting:
        first, content = waiting.popleft()
        yield first, content.result()


def _content(task: ReadTask) -> BinaryIO:
    """A short extract in memory."""
    with opened(task.source, until=task.end) as file:
        content = np.empty(task.end, np.uint8)
        fill_all(file, content, task.source)
    return cast(BinaryIO, pa.BufferReader(pa.py_buffer(content)))


def _read_and_write_each(task: ReadTask, file: BinaryIO) -> list[dict[str, Any]]:
    """Read a task's block groups and write all of them but the markers; see `read_block_groups`."""
    result: list[dict[str, Any]] = []
    for number, spans in task.groups:
        result.append(read_and_write(task, file, number, spans))
        if MALFORMED in result[-1]:
            break
    return result
