"""Print what of constraints.txt an install needs: requirements with versions and hashes, for `--require-hashes`.

    pinned.py EXTRAS        the project's dependencies, of these extras (`dev,report`), and what builds it
    pinned.py --only EXTRAS those of extras alone, for tools that need no clearscale
    pinned.py --versions EXTRAS  the first without hashes, for installers that take versions as constraints
    pinned.py --build       what builds it, as pyproject.toml says: for making constraints.txt

Each pin says in a comment whose dependency it is (`# via aiohttp`): the way from what pyproject.toml names to it.
"""

import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
_PIN = re.compile(r"([A-Za-z0-9._-]+)==")
_GOES_ON = " \\"
"""How a line ends whose hashes follow."""
_VIA = re.compile(r"\s*# via (.*)")


def name_of(requirement: str) -> str:
    """The package of a requirement such as `moto[server]>=5.2`, as package indexes spell it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", requirement.strip(), maxsplit=1)[0]).lower()


def pins(text: str) -> dict[str, tuple[str, set[str]]]:
    """Each pinned package: its lines, and the packages whose dependency it is."""
    found: dict[str, tuple[str, set[str]]] = {}
    name = ""
    for line in text.splitlines():
        if pin := _PIN.match(line):
            name = name_of(pin[1])
            found[name] = (f"{line}\n", set())
        elif via := _VIA.fullmatch(line):
            found[name][1].update(name_of(parent) for parent in via[1].split(","))
        elif name and not line.lstrip().startswith("#"):
            found[name] = (f"{found[name][0]}{line}\n", found[name][1])
    return found


def needed(wanted: Iterable[str], pinned: dict[str, tuple[str, set[str]]]) -> list[str]:
    """The packages that these need, with them. Raises SystemExit for one that is not pinned."""
    children: dict[str, set[str]] = {}
    for name, (_, parents) in pinned.items():
        for parent in parents:
            children.setdefault(parent, set()).add(name)
    left, found = list(wanted), set[str]()
    while left:
        name = left.pop()
        if name not in pinned:
            raise SystemExit(f"constraints.txt: lacks {name}; make it anew with `make constraints`")
        if name not in found:
            found.add(name)
            left += children.get(name, ())
    return sorted(found)


def main(words: list[str]) -> None:
    """Print for a command line."""
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    build, project = stated["build-system"]["requires"], stated["project"]
    if words == ["--build"]:
        print("\n".join(build))
        return
    only, extras = words[0] == "--only", words[-1].split(",")
    pinned = pins((ROOT / "constraints.txt").read_text("utf-8"))
    wanted = [] if only else [*build, *project["dependencies"]]
    for extra in filter(None, extras):
        wanted += project["optional-dependencies"][extra]
    found = [pinned[name][0] for name in needed(map(name_of, wanted), pinned)]
    if words[0] == "--versions":
        found = [f"{lines.splitlines()[0].removesuffix(_GOES_ON)}\n" for lines in found]
    print("".join(found), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
