"""The record of work, as a person reads it on a terminal."""

from collections.abc import Mapping
from typing import Any

from clearscale_cluster.shown import say

from .drawn import Table, figures_table

_HAPPENED = {
    "joined": "joined",
    "left": "left, as they had been told to",
    "lost": "were lost",
    "silent": "stood still, and were given up",
    "paused": "had their memory full, and were relieved of tasks",
}


def work(found: Mapping[str, Any]) -> None:
    """Show a record: the whole, its passes, its workers, and what became of workers."""
    whole = [
        ("cluster", found["cluster"]),
        ("seconds", found["seconds"]),
        ("tasks", found["tasks"]),
        ("tasks that another worker did again", found["again"]),
        ("MB read", _megabytes(found["bytes_read"])),
        ("MB written", _megabytes(found["bytes_written"])),
        ("tasks at a time, at the beginning", found["workers_before"]),
        *((f"workers that {words}", found[what]) for what, words in _HAPPENED.items() if found[what]),
    ]
    figures_table(f"Work: {found['what']}", whole).draw()
    passes = _table("Passes", "pass", "outcome", "tasks", "again", "seconds", "MB read", "MB written")
    for one in found["passes"]:
        passes.add_row(one["pass"], one["outcome"], *_figures(one, "tasks", "again"), *_moved(one))
    passes.draw()
    workers = _table("Workers", "worker", "host", "tasks", "seconds in tasks", "MB read", "MB written", "peak MB")
    for one in found["workers"]:
        peak = _megabytes(one["peak_memory"])
        workers.add_row(one["worker"], one["host"], *_figures(one, "tasks"), *_moved(one), peak)
    workers.draw()
    for event in found["events"]:
        again = f"; {event['again']:,} tasks done again" if event["again"] else ""
        host = f" on host {event['host']}" if event["host"] else ""
        say(f"after {event['seconds']:,.1f} s: worker {event['worker']}{host}: {event['what']}{again}")


def _table(title: str, first: str, second: str, *figures: str) -> Table:
    table = Table(title)
    table.add_column(first, no_wrap=True)
    table.add_column(second)
    for name in figures:
        table.add_column(name, right=True)
    return table


def _figures(one: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    return tuple(f"{one[name]:,}" for name in names)


def _moved(one: Mapping[str, Any]) -> tuple[str, ...]:
    return f"{one['seconds']:,.3f}", _megabytes(one["bytes_read"]), _megabytes(one["bytes_written"])


def _megabytes(number: int) -> str:
    return f"{number / 1e6:,.1f}"
