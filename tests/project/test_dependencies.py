"""Every dependency has its reason in the documentation and its version in the constraints."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def name(requirement: str) -> str:
    """The package of a requirement such as `moto[server]>=5.2`, as package indexes spell it."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def test_each_dependency_has_its_reason_and_nothing_else_has() -> None:
    sections: dict[str, set[str]] = {}
    for section in (ROOT / "docs/concepts/dependencies.md").read_text("utf-8").split("\n## ")[1:]:
        rows = re.findall(r"^\| (`[^|]+`) \| \S", section, re.MULTILINE)
        sections[section.split("\n", 1)[0].strip("`")] = {
            package for row in rows for package in re.findall("`([^`]+)`", row)
        }
    core = {name(requirement) for requirement in PROJECT["dependencies"]}
    extras = {
        key: {name(requirement) for requirement in value} for key, value in PROJECT["optional-dependencies"].items()
    }
    assert sections == {"At run time": core, **extras}


def test_each_dependency_has_a_pinned_version() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line) for line in lines)
    pinned = {name(line) for line in lines}
    assert len(pinned) == len(lines)
    wanted = [
        *PROJECT["dependencies"],
        *(requirement for extra in PROJECT["optional-dependencies"].values() for requirement in extra),
    ]
    assert {name(requirement) for requirement in wanted} <= pinned
