"""What a front page can have done: the functions that `import clearscale` offers, which stand above this folder."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clearscale.outputs.serve.pages import RunPages


@dataclass(frozen=True)
class Actions:
    """The functions of these names. Those that take `progress` stop where that raises.

    office: a file of an office to start with, without a seal.
    """

    ingest: Callable[..., Any]
    ingest_charges: Callable[..., Any]
    run: Callable[..., Any]
    run_charges: Callable[..., Any]
    export: Callable[..., Any]
    export_all: Callable[..., Any]
    report: Callable[..., Any]
    decisions: Callable[..., Any]
    packet: Callable[..., Any]
    diff: Callable[..., Any]
    forecast: Callable[..., Any]
    tables: Callable[..., list[str]]
    store_info: Callable[..., dict[str, Any]]
    pages: Callable[..., RunPages]
    office: bytes
