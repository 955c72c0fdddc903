"""Patterns of files: `*` stands for any characters of a name, `**` for any folders, and all else for itself."""

import re
from fnmatch import fnmatchcase


def escaped(pattern: str, meant: str = "?[") -> str:
    """A pattern for libraries in which these characters have a meaning, too."""
    parts = pattern.split("/")
    plain = "/".join(part if part == "**" else re.sub(r"\*+", "*", part) for part in parts)
    return re.sub(f"[{re.escape(meant)}]", r"[\g<0>]", plain)


def matches(name: str, pattern: str) -> bool:
    """Whether a name without slashes is one that a pattern names."""
    return fnmatchcase(name, escaped(pattern))
