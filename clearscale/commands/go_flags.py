"""A command line as gogen took it: the rules and the help of Go's `go-flags`, which gogen left at their defaults.

`-c=NAME`, `-cNAME`, `-c NAME`, `--county=NAME`, `--county NAME`; of a flag given twice the last counts; a value
that begins with a double quote is a Go string; further arguments, and all behind `--`, are passed over.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass

_HELP = ("h", "help", "Show this help message")
_ESCAPES = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, '"': 34}
_NUMBERED = {"x": 2, "u": 4, "U": 8}
"""Digits behind an escape that names a byte or a character by its hexadecimal number."""

_COLUMNS = 80


@dataclass(frozen=True)
class Flag:
    """A flag that takes a value. name, short: without hyphens; `short` may be empty."""

    name: str
    short: str = ""
    meaning: str = ""
    hidden: bool = False

    def __str__(self) -> str:
        return f"-{self.short}, --{self.name}" if self.short else f"--{self.name}"


class FlagError(Exception):
    """A command line cannot be taken; the message is go-flags' own."""


class HelpWanted(Exception):  # noqa: N818 - nothing is wrong
    """The command line asks for help. spelled: how."""

    def __init__(self, spelled: str) -> None:
        super().__init__(spelled)
        self.spelled = spelled


def parse(words: Iterable[str], flags: Iterable[Flag]) -> dict[str, str]:
    """Return the values of a command line's flags, by name.

    Raises FlagError, and HelpWanted where -h or --help stands before anything wrong.
    """
    return _Parser(list(words), flags).values()


def is_flag(word: str) -> bool:
    """Tell whether a word is a flag: it begins with one hyphen or two, and something else follows."""
    return (len(word) > 1 and word[0] == "-" and word[1] != "-") or (
        len(word) > 2 and word.startswith("--") and word[2] != "-"
    )


class _Parser:
    def __init__(self, words: list[str], flags: Iterable[Flag]) -> None:
        self.left = words[::-1]  # popped from the end
        self.by_name = {flag.name: flag for flag in flags}
        self.by_letter = {flag.short: flag for flag in self.by_name.values() if flag.short}
        self.found: dict[str, str] = {}

    def values(self) -> dict[str, str]:
        while self.left:
            word = self.left.pop()
            if word == "--":
                break
            if not is_flag(word):
                continue
            if word.startswith("--"):
                name, equals, value = word[2:].partition("=")
                self.long(name, value if equals else None)
            else:
                self.short(word[1:])
        return self.found

    def long(self, name: str, value: str | None) -> None:
        if name == _HELP[1]:
            self.help(f"--{name}", value)
        if name not in self.by_name:
            raise FlagError(f"unknown flag `{name}'")
        self.set(self.by_name[name], value)

    def short(self, letters: str) -> None:
        """Take letters behind one hyphen: flags, of which the first may have its value written behind it."""
        first, rest = letters[0], letters[1:]
        value = None
        if rest.startswith("="):
            letters, value = first, rest[1:]
        elif rest and first in self.by_letter:
            letters, value = first, rest
        for place, letter in enumerate(letters, start=1):
            if letter == _HELP[0]:
                self.help(f"-{letter}", value)
            if letter not in self.by_letter:
                raise FlagError(f"unknown flag `{letter}'")
            # Only the last letter may take the next word, and those that take a value are the first or alone.
            self.set(self.by_letter[letter], value, may_take=place == len(letters))
            value = None

    @staticmethod
    def help(spelled: str, value: str | None) -> None:
        if value is not None:
            raise FlagError(f"bool flag `-{_HELP[0]}, --{_HELP[1]}' cannot have an argument")
        raise HelpWanted(spelled)

    def set(self, flag: Flag, value: str | None, may_take: bool = True) -> None:
        if value is None:
            if not may_take or not self.left:
                raise FlagError(f"expected argument for flag `{flag}'")
            value = self.left.pop()
            if is_flag(value):
                raise FlagError(f"expected argument for flag `{flag}', but got option `{value}'")
            if value == "--":
                raise FlagError(f"expected argument for flag `{flag}', but got double dash `--'")
        if value.startswith('"'):
            unquoted = go_string(value)
            if unquoted is None:
                raise FlagError(f"invalid argument for flag `{flag}' (expected string): invalid syntax")
            value = unquoted
        self.found[flag.name] = value


def go_string(literal: str) -> str | None:
    """Return the text of a Go string in double quotes; None if it is none.

    Bytes that are no UTF-8 become U+FFFD, but for those that escapes name.
    """
    inner = literal[1:-1]
    if len(literal) < 2 or not literal.endswith('"') or "\n" in inner:
        return None
    found, at = bytearray(), 0
    while at < len(inner):
        letter = inner[at]
        if letter == '"':
            return None
        if letter != "\\":
            found += ("\ufffd" if "\udc80" <= letter <= "\udcff" else letter).encode()
            at += 1
            continue
        escape = _escaped(inner, at + 1)
        if escape is None:
            return None
        piece, at = escape
        found += piece
    return found.decode("utf-8", "surrogateescape")


def _escaped(text: str, at: int) -> tuple[bytes, int] | None:
    """Return what an escape stands for, and where it ends; None if it is none. at: behind the backslash."""
    kind = text[at : at + 1]
    if kind in _ESCAPES:
        return bytes([_ESCAPES[kind]]), at + 1
    digits, base, begin = (_NUMBERED[kind], 16, at + 1) if kind in _NUMBERED else (3, 8, at)
    written = text[begin : begin + digits]
    allowed = "0123456789abcdefABCDEF" if base == 16 else "01234567"
    if len(written) < digits or any(digit not in allowed for digit in written):
        return None
    number, end = int(written, base), begin + digits
    if kind in ("u", "U"):
        if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            return None
        return chr(number).encode(), end
    return (bytes([number]), end) if number < 256 else None


def help_text(program: str, command: str, flags: Iterable[Flag], columns: int | None = None) -> str:
    """Write the help of a program's command as go-flags does. columns: of the terminal, None to find out."""
    shown = [flag for flag in flags if not flag.hidden]
    columns = columns or _terminal_columns()
    # What stands before a description: its indent, a letter, the longest name and a gap.
    start = max(len(_HELP[1]), *(len(flag.name) + 4 for flag in shown)) + 10
    lines = [
        "Usage:",
        f"  {program} [OPTIONS] {command} [{command}-OPTIONS]",
        "",
        "Help Options:",
        f"  -{_HELP[0]}, --{_HELP[1]}".ljust(start) + _wrapped(_HELP[2], columns - start, start),
        "",
        f"[{command} command options]",
    ]
    for flag in shown:
        letter = f"-{flag.short}, " if flag.short else "    "
        lines.append(f"      {letter}--{flag.name}=".ljust(start) + _wrapped(flag.meaning, columns - start, start))
    return "\n".join(lines) + "\n"


def _wrapped(text: str, width: int, indent: int) -> str:
    """Break a text at spaces; later lines are indented."""
    lines, width = [], max(width, 10)
    while len(text) > width:
        cut = text.rfind(" ", 0, width)
        if cut < 0:
            lines.append(text[: width - 1] + "-")
            cut = width - 1
        else:
            lines.append(text[:cut].strip())
        text = text[cut:].strip()
    return f"\n{' ' * indent}".join([*lines, text] if text else lines)


def _terminal_columns() -> int:
    try:
        return os.get_terminal_size(0).columns or _COLUMNS
    except OSError:
        return _COLUMNS
