"""The how-to from a CSV to a report and a list, followed word by word, and its table of how much work files are."""

import re
from pathlib import Path

import pytest

from tests.formats.strangers import SHAPES
from tests.formats.test_states_drafted import EDITS, drafted
from tests.formats.test_strangers import mapped
from tests.project.test_docs import ROOT, blocks, clearscale, comparable, dialogue, python, shell

PAGE = ROOT / "docs/how-to/bring-your-own-charges.md"
_WRITTEN = ("csv", "toml")


def edited(text: str, body: str) -> str:
    """A text with the lines of a diff changed: those with a - become those behind them with a +."""
    for old, new in re.findall(r"((?:^-.*\n)+)((?:^\+.*\n)+)", body, re.MULTILINE):
        before, after = (re.sub(r"^[-+]", "", part, flags=re.MULTILINE) for part in (old, new))
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text


def printed(command: str, folder: Path) -> str:
    """What a command prints that may write into a file."""
    command, _, file = command.partition(" > ")
    found = clearscale(command) if command.startswith("clearscale ") else shell(command, folder)
    if file:
        (folder / file).write_text(found, "utf-8")
    return "" if file else found


@pytest.mark.long
def test_the_page_does_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "110")
    for block in blocks(PAGE):
        kind, _, target = block.info.partition(" ")
        if kind in _WRITTEN and target:
            (tmp_path / target).write_text(block.body, "utf-8")
        elif kind == "diff":
            (tmp_path / target).write_text(edited((tmp_path / target).read_text("utf-8"), block.body), "utf-8")
        elif kind == "python":
            python(block.body, {"__name__": "example"})
        elif kind == "console":
            for command, shown in dialogue(block.body):
                assert comparable(printed(command, tmp_path)) == comparable(shown), command
    assert (tmp_path / "forecast" / "forecast.csv").is_file()


def counted(name: str, text: str, edits: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """A row of the table: doubts of a draft, edits, and edits of what it had guessed."""
    lines = sum(len({*new.split("\n")} - {*old.split("\n")}) for old, new in edits)
    changed = sum((" = [" not in old and bool(re.search(r"=", old))) or "is_not" in old for old, _ in edits)
    return name, str(text.count("# doubt: ")), str(lines), str(changed)


@pytest.mark.long
def test_the_table_of_work_is_true(tmp_path: Path) -> None:
    rows = re.findall(
        r"^\| `([\w-]+)`: [^|]* \| (\d+) \| (\d+) \| (\d+) \|$", PAGE.read_text("utf-8"), re.MULTILINE
    )
    found = []
    for name, edits in EDITS.items():
        found.append(counted(name, drafted(tmp_path, name)[1], edits))
    for name, make in SHAPES.items():
        shape = make()
        (tmp_path / name).mkdir()
        found.append(counted(name, mapped(shape, tmp_path / name)[2], shape.edits))
    assert rows == found
