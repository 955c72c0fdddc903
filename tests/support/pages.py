"""Pages of the documentation: their blocks, doing what they say, and comparing what they show.

A block of commands (`console`, `sh`, `python`, `sql`) is done, unless a comment before it says why not:

    <!-- not run: needs Slurm -->
    <!-- run by tests/linking/test_linking.py -->

The first gives a reason, the second names a test that does it. `<!-- first: COMMAND -->` is done before the block
and puts something there that the page takes for granted. `<!-- with: /etc/clearscale = keys -->` has the block's
commands done with the second text in place of the first. Readers see none of these comments.
"""

import contextlib
import importlib.util
import io
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from clearscale.commands import main

ROOT = Path(__file__).parents[2]

COMMANDS = ("console", "sh", "python", "sql")
"""Kinds of blocks that are done."""

SHOWN = ("text", "csv", "json", "toml", "yaml", "pycon", "diff")
"""Kinds of blocks that are read only, or written into the file that stands behind the kind; a diff changes it."""

_BLOCK = re.compile(
    r"(?P<notes>(?:^<!-- [^\n]* -->\n+)*)^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
_NOTE = re.compile(r"<!-- (not run:|run by|first:|with:) (.*) -->")
_PROGRESS = re.compile(r"^[a-z ]+: [\d,.]+(/[\d,.]+)?( [A-Za-z]+)?(, .* left| done in [\d.]+ s)?\n", re.MULTILINE)
_VARYING = re.compile(r"((?<=snapshot \d{6}-)|(?<=snapshot='\d{6}-))[0-9a-f]{8}|(?<=\()[\d.]+(?= s\))")
"""Names of snapshots hold a checksum of the charge lists and of how a store is laid out; seconds are seconds."""
_SHELL = re.compile(r"[<>|;&$`]")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    info: what stands behind the opening fence, such as `console` or `json policy.json`. first: what is done before
    it. changes: texts that are replaced. reason: why it is not done. test: which test does it.
    """

    info: str
    body: str
    first: tuple[str, ...] = ()
    changes: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    test: str = ""

    @property
    def kind(self) -> str:
        return self.info.partition(" ")[0]

    @property
    def is_done(self) -> bool:
        return self.kind in COMMANDS and not self.reason and not self.test

    def changed(self, line: str) -> str:
        """A command as it is done."""
        for old, new in self.changes:
            line = line.replace(old, new)
        return line


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return _blocks_of(page.read_text("utf-8"))


def _blocks_of(text: str) -> list[Block]:
    found = []
    for match in _BLOCK.finditer(text):
        notes = _NOTE.findall(match["notes"])
        said = dict(notes)
        first = tuple(text for word, text in notes if word == "first:")
        changes = tuple(tuple(text.split(" = ")) for word, text in notes if word == "with:")
        reason, test = said.get("not run:", ""), said.get("run by", "")
        found.append(Block(match["info"].strip(), match["body"], first, changes, reason, test))
    return found


def blocks_below(page: Path, title: str) -> list[Block]:
    """Those below a heading of the second level."""
    section = page.read_text("utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]
    return _blocks_of(section)


def without_blocks(text: str) -> str:
    """A page's text without its fenced blocks."""
    return _BLOCK.sub("", text)


def dialogue(body: str) -> list[tuple[str, str]]:
    """(command, what it prints) of each command in a console block."""
    pieces = re.split(r"^\$ (.*)\n", body, flags=re.MULTILINE)
    assert pieces[0] == "", "a console block begins with a command"
    return list(zip(pieces[1::2], pieces[2::2], strict=True))


def comparable(text: str) -> str:
    """Output without progress and what differs from one time to the next."""
    return _VARYING.sub("...", _PROGRESS.sub("", text)).strip()


def is_shown(printed: str, shown: str) -> bool:
    """Whether a page shows what was printed; its lines `...` stand for any lines."""
    pieces = re.split(r"^\.\.\.$\n?", comparable(shown) + "\n", flags=re.MULTILINE)
    return re.fullmatch(r"(?:.*\n)*?".join(map(re.escape, pieces)), comparable(printed) + "\n") is not None


def clearscale(command: str) -> tuple[str, int]:
    """What a command of clearscale prints, on standard output and standard error, and its exit code."""
    printed = io.StringIO()
    # The answers are the same with worker processes, which take seconds to start; the cluster has tests of its own.
    arguments = [word.replace("local:", "threads:") for word in shlex.split(command, comments=True)[1:]]
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
        pytest.raises(SystemExit) as ended,
    ):
        main.main(arguments)
    return printed.getvalue(), int(ended.value.code or 0)


def shell(command: str, folder: Path) -> tuple[str, int]:
    """The same of a command, or several, for the shell, which finds this repository by `REPOSITORY`."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    found = os.environ | {"PATH": path, "REPOSITORY": str(ROOT)}
    done = subprocess.run(
        ["bash", "-ec", command],
        cwd=folder,
        env=found,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr, done.returncode


def command(line: str, folder: Path) -> tuple[str, int]:
    """The same of a line, which stays in this process if it is clearscale's and has nothing that a shell does."""
    alone = line.startswith("clearscale ") and not _SHELL.search(re.sub(r"'[^']*'", "", line))
    return clearscale(line) if alone else shell(line, folder)


def python(code: str, names: dict[str, object]) -> str:
    """What an example in Python prints. names: those that earlier examples left."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "example", "exec"), names)
    return printed.getvalue()


def sql(query: str) -> str:
    """What DuckDB prints of a query's result, as its own command line does."""
    import duckdb

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        duckdb.sql(query).show()
    return printed.getvalue()


def edited(text: str, body: str) -> str:
    """A text with the lines of a diff changed: those with a - become those behind them with a +."""
    for old, new in re.findall(r"((?:^-.*\n)+)((?:^\+.*\n)+)", body, re.MULTILINE):
        before, after = (re.sub(r"^[-+]", "", part, flags=re.MULTILINE) for part in (old, new))
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text


def follow(page: Path, folder: Path) -> None:
    """Do what a page says, in order, in the folder that the process is in, and compare what it shows."""
    names: dict[str, object] = {"__name__": "example"}
    found = blocks(page)
    for block, following in zip(found, [*found[1:], None], strict=True):
        where = f"{page.relative_to(ROOT)}: {block.body}"
        for line in block.first:
            printed, code = command(line, folder)
            assert code == 0, f"{where}\n{line}\n{printed}"
        _, _, target = block.info.partition(" ")
        if block.kind == "diff" and target:
            (folder / target).write_text(edited((folder / target).read_text("utf-8"), block.body), "utf-8")
        elif block.kind in SHOWN and target:
            (folder / target).write_text(block.body, "utf-8")
        if not block.is_done:
            continue
        if block.kind == "console":
            for line, shown in dialogue(block.body):
                printed, _ = command(block.changed(line), folder)
                assert is_shown(printed, shown), f"{page.relative_to(ROOT)}: {line}\n{comparable(printed)}"
        elif block.kind == "sh":
            whole = [block.body] if "\\\n" in block.body or "; do" in block.body else block.body.splitlines()
            for line in whole:
                printed, code = command(block.changed(line), folder)
                assert code == 0, f"{where}\n{printed}"
        elif ("duckdb" not in block.body and block.kind != "sql") or importlib.util.find_spec("duckdb"):
            printed = python(block.body, names) if block.kind == "python" else sql(block.body)
            shown = following.body if following is not None and following.kind == "text" else ""
            assert is_shown(printed, shown), f"{where}\n{printed}"
