"""A store's log, as a person reads it on a terminal."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from clearscale_cluster.shown import say

if TYPE_CHECKING:
    from clearscale.store.log import Log

_FIRST = ("number", "when", "who", "where", "command")
_LEFT_OUT = ("version", "store", "before", "digest", "digests", "work")
"""What `--json` shows, too."""


def entries(found: "Log") -> None:
    """Show the entries, a line each, and the digest of the last one."""
    for entry in found.entries:
        number, when, who, where, command = (entry.get(name, "") for name in _FIRST)
        say(f"{number:>6}  {when}  {who}@{where}  {command}  {_about(entry)}".rstrip())
    say(f"{len(found.entries):,} entries; the last one's digest, to be kept elsewhere: {found.last}")


def _about(entry: Mapping[str, Any]) -> str:
    told = {name: fact for name, fact in entry.items() if name not in (*_FIRST, *_LEFT_OUT)}
    return ", ".join(f"{name} {_shown(fact)}" for name, fact in told.items())


def _shown(fact: Any) -> str:
    if isinstance(fact, list):
        return " ".join(map(str, fact))
    return json.dumps(fact) if isinstance(fact, dict) else str(fact)
