"""Help on a terminal of 80 columns: every word of it is whole."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from clearscale.commands.main import app, main


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, below in getattr(command, "commands", {}).items():
        yield from _commands(below, (*path, name))


COMMANDS = [*_commands(get_command(app))]


def _words(path: tuple[str, ...], width: int, monkeypatch: pytest.MonkeyPatch, shown: Any) -> tuple[str, set[str]]:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "dumb")
    with pytest.raises(SystemExit) as left:
        main([*path, "--help"])
    assert left.value.code == 0
    said = shown.readouterr().out
    return said, {*re.sub(r"[│╭╮╰╯─]", " ", said).split()}


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_no_word_is_cut_or_broken(
    path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said, words = _words(path, 80, monkeypatch, capsys)
    _, whole = _words(path, 400, monkeypatch, capsys)
    assert "…" not in said
    # The counties' program breaks no line of its help, and its words are kept.
    assert path[:1] == ("gogen",) or max(map(len, said.splitlines())) <= 80
    assert not whole - words


def test_there_are_many_commands() -> None:
    assert len(COMMANDS) > 30
