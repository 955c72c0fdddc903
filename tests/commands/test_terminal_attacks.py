"""Texts of others on a terminal: they are shown, and never obeyed."""

import io
import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from rich.console import Console

import clearscale
from clearscale.commands import drawn, main, terminal
from clearscale.errors import ClearscaleError
from clearscale_cluster import TerminalProgress
from clearscale_cluster.shown import say
from tests.support.samples import ACCEPTING, AS_OF, HEADER, extract, put

ESCAPES = "\x1b]0;title\x07\x1b[2J\x9b31m\u202e\u200b\x7f"
NAME = f"a{ESCAPES}\nclearscale: forged [bold]c[/bold]:smile:.csv"
"""Of a file: it would clear the screen, write a line of its own, and turn what follows around."""


def fit(text: str) -> bool:
    """Whether a terminal only shows it."""
    assert [character for character in text if not character.isprintable() and character != "\n"] == []
    return bool(text)


def said_by(words: list[str], capfd: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """(exit code, all that was printed) of a command."""
    with pytest.raises(SystemExit) as leaving:
        main.main(words)
    output, errors = capfd.readouterr()
    assert isinstance(leaving.value.code, int)
    return leaving.value.code, output + errors


def test_a_file_name_writes_no_line_of_its_own(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path, store = put(tmp_path, NAME, extract()), str(tmp_path / f"s[red]{ESCAPES}")
    bad = put(tmp_path, f"bad{ESCAPES}\n.csv", HEADER + b"1,2\n")
    run = ["run", "--store", store, "--out", str(tmp_path / "run")]
    gogen = ["gogen", "run", f"--input-doj={path}", f"--outputs={tmp_path}/out", "--eligibility-options=x"]
    commands: list[tuple[list[str], int]] = [
        (["ingest", path, "--store", store, "--county", "alameda"], 1),
        (["ingest", path, "--store", store, "--county", "alameda", *ACCEPTING], 0),
        (["ingest", path, "--store", store, "--county", "alameda", "--json"], 0),
        (["ingest", bad, "--store", store], 1),
        (["ingest", f"{path}{ESCAPES}", "--store", store], 1),
        (["check", "--store", store], 0),
        (["check", "--store", store, "--json"], 0),
        (["verify", "--store", store], 0),
        ([*run, "--policy", ESCAPES, "--as-of", AS_OF], 1),
        ([*run, "--policy", "ca-dismiss-all", "--as-of", ESCAPES], 1),
        (["gogen", "run", f"--{ESCAPES}"], 1),
        ([*gogen, f"--county={ESCAPES}"], 1),
        (["ingest", path, "--store", store, f"--{ESCAPES}"], 2),
        (["ingest", path, "--store", store, "--on-bad-record", ESCAPES], 2),
        ([f"in{ESCAPES}"], 2),
    ]
    for words, code in commands:
        found, said = said_by(words, capfd)
        assert (found, fit(said)) == (code, True), words
        assert not any(line.startswith("clearscale: forged") for line in said.splitlines()), words
    assert "s[red]" in said_by(commands[0][0], capfd)[1]


def test_json_stays_json(capsys: pytest.CaptureFixture[str]) -> None:
    document = {"name": NAME, "é": ["\ud800", "\U000e0041", "https://user:pw@doj.example/x?sig=1", 1, None, True]}
    terminal.print_document(document)
    said = capsys.readouterr().out
    assert fit(said)
    assert "é" in said
    again = json.loads(said)
    assert again["name"] == NAME
    assert again["é"][1:] == ["\U000e0041", "https://***@doj.example/x?***", 1, None, True]


def test_tables_show_markup_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    table = drawn.Table(f"[red]T{ESCAPES}")
    table.add_column(f"[blue]C{ESCAPES}")
    table.add_row(f"[link=x]cell[/link]{ESCAPES}\nmore")
    table.add_row(["one", f"two{ESCAPES}"])
    table.remark(f"[/]and{ESCAPES}")
    table.draw()
    said = capsys.readouterr().out
    assert fit(said)
    for text in ("[red]T", "[blue]C", "[link=x]cell[/link]", "[/]and"):
        assert text in said


def test_progress_on_a_terminal_and_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(Console, "is_terminal", True)
    for stream in (io.StringIO(), Screen()):
        with TerminalProgress(stream=stream, after=0.0) as progress:
            progress(0, 2, f"read [red]{ESCAPES}")
            progress(1, 2, f"read [red]{ESCAPES}")
            threading.Event().wait(0.1)
            progress(2, 2, f"read [red]{ESCAPES}")
        said = stream.getvalue()
        assert "[red]" in said
        for harm in ("\x1b]0;", "\x07", "\x9b31m", "\u202e", "\u200b"):
            assert harm not in said


def test_say_is_one_line_a_text(capsys: pytest.CaptureFixture[str]) -> None:
    say(NAME, "second")
    say(NAME, to=sys.stderr)
    output, errors = capsys.readouterr()
    assert [len(output.splitlines()), len(errors.splitlines())] == [2, 1]
    assert fit(output + errors)


def test_an_error_that_nobody_foresaw_tells_no_value(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        try:
            int("ZZYZX,PAT 19770313")
        except ValueError as error:
            raise KeyError("770-04-7700") from error

    monkeypatch.setattr(clearscale, "check", fail)
    code, said = said_by(["check", "--store", str(tmp_path)], capfd)
    assert code == 1
    assert said.startswith("clearscale: failed in a way that nobody foresaw: KeyError, after ValueError. ")
    assert f"  {__name__}, line " in said
    assert "in fail" in said
    assert [value for value in ("ZZYZX", "1977", "7700") if value in said] == []


def test_a_thread_that_fails_tells_no_value(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", main._in_thread)
    thread = threading.Thread(target=int, args=("ZZYZX",))
    thread.start()
    thread.join()
    said = capfd.readouterr().err
    assert said.startswith("clearscale: a thread failed: ValueError")
    assert "ZZYZX" not in said


def test_an_error_of_several_lines_is_printed_so(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ClearscaleError("first\nline", "  second")

    monkeypatch.setattr(clearscale, "check", fail)
    assert said_by(["check", "--store", "x"], capfd) == (1, "clearscale: first\\nline\n  second\n")


def test_no_process_of_a_command_leaves_a_file_of_its_memory(tmp_path: Path) -> None:
    code = """
import os, resource
from clearscale_cluster.setup.memory import leave_no_memory
resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
leave_no_memory()
assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
os.abort()
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True)
    assert done.returncode == -signal.SIGABRT
    assert list(tmp_path.iterdir()) == []
    source = (Path(main.__file__)).read_text("utf-8")
    assert source.index("leave_no_memory()") < source.index("code = _exit_code(words)")
