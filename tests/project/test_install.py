"""How `make` finds a Python and installs, and what it says where something is missing."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PYTHON = """#!/bin/sh
case "$*" in
*version_info*) {version} ;;
*ensurepip*) {venv} ;;
"-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
*) echo "{name} $*" >> "{log}" ;;
esac
"""
UV = """#!/bin/sh
[ "$1" = venv ] && mkdir -p "$5/bin" && cp "{python}" "$5/bin/python"
echo "uv $*" >> "{log}"
"""


class Machine:
    """A machine that has a few programs and the Pythons and uv that a test gives it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin, self.log = folder, folder / "bin", folder / "log"
        self.bin.mkdir()
        for name in ("sh", "rm", "mkdir", "cp", "touch", "basename"):
            found = shutil.which(name)
            assert found
            (self.bin / name).symlink_to(found)

    def has(self, name: str, version: str = "", *, venv: bool = True) -> None:
        """A Python of a version; without one it does not start."""
        text = PYTHON.format(
            name=name,
            log=self.log,
            version=f"echo {version}" if version else "exit 3",
            venv=f"exit {int(not venv)}",
        )
        self._program(name, text)

    def has_uv(self) -> None:
        self.has("kept", "3.13")
        self._program("uv", UV.format(python=self.bin / "kept", log=self.log))

    def _program(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def install(self, **environment: str) -> tuple[int, str, list[str]]:
        """Exit code, what is said, and what was installed with."""
        done = subprocess.run(
            [shutil.which("sh") or "sh", ROOT / "scripts/install.sh", "venv", "report", "venv/.demo"],
            cwd=self.folder,
            env={"PATH": str(self.bin), **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout == ""
        assert (done.returncode == 0) == (self.folder / "venv/.demo").exists()
        return done.returncode, done.stderr, self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_demo_brings_what_the_pages_of_an_office_need() -> None:
    # Pages, papers and workbooks: an office has no other installation than that of `make demo`.
    makefile = (ROOT / "Makefile").read_text()
    brought = re.search(r"install\.sh \$\(VENV\) (\S+) \$@\n\n\$\(STAMP\)", makefile)
    assert brought
    assert {"report", "xlsx"} <= {*brought[1].split(",")}


def test_the_newest_that_works_is_taken_and_told(machine: Machine) -> None:
    machine.has("python3", "3.11")
    machine.has("python3.11", "3.11")
    machine.has("python3.12", "3.12")
    machine.has("python3.13")
    machine.has("python3.15", "3.15")
    code, said, done = machine.install()
    assert code == 0
    assert said == "Installing clearscale[report] into venv with Python 3.12 (python3.12) and venv and pip.\n"
    pip = "python3.12 -m pip install --quiet --disable-pip-version-check"
    assert done[-2:] == [
        f"{pip} --only-binary :all: --require-hashes --requirement venv/pinned.txt",
        f"{pip} --no-deps --no-build-isolation --editable .",
    ]
    assert (machine.folder / "venv/pinned.txt").exists()


def test_python3_does_where_its_version_does(machine: Machine) -> None:
    machine.has("python3", "3.14")
    assert "with Python 3.14 (python3)" in machine.install()[1]


def test_an_environment_that_is_there_is_kept_unless_another_python_is_named(machine: Machine) -> None:
    machine.has("python3.11", "3.11")
    machine.install()
    machine.has("python3.13", "3.13")
    assert machine.install()[1].startswith(
        "Installing clearscale[report] into venv, which has Python 3.11, with venv"
    )
    assert "with Python 3.13 (python3.13)" in machine.install(PYTHON="python3.13")[1]
    assert "which has Python 3.13" in machine.install()[1]


def test_uv_is_taken_where_it_is_found(machine: Machine) -> None:
    machine.has_uv()
    machine.has("python3.12", "3.12", venv=False)
    code, said, done = machine.install()
    assert code == 0
    assert said == "Installing clearscale[report] into venv with Python 3.12 (python3.12) and uv.\n"
    uv = "uv pip install --quiet --python venv/bin/python"
    assert done == [
        "uv venv --quiet --python python3.12 venv",
        "kept scripts/pinned.py report",
        f"{uv} --only-binary :all: --require-hashes --requirement venv/pinned.txt",
        f"{uv} --no-deps --no-build-isolation --editable .",
    ]


def test_uv_fetches_a_python_where_none_is_found(machine: Machine) -> None:
    machine.has_uv()
    machine.has("python3", "3.10")
    assert machine.install()[2][0] == "uv venv --quiet --python >=3.11,<3.15 venv"


@pytest.mark.parametrize(
    ("pythons", "told"),
    [
        ({}, "no Python from 3.11 to 3.14 is found."),
        ({"python3": "3.10"}, "Found, but of no use: python3 (is 3.10)."),
        ({"python3.13": "", "python3": "2.7"}, "of no use: python3.13 (does not start) python3 (is 2.7)."),
    ],
)
def test_without_a_python_it_is_told_where_to_get_one(machine: Machine, pythons: dict[str, str], told: str) -> None:
    for name, version in pythons.items():
        machine.has(name, version)
    code, said, done = machine.install()
    assert (code, done) == (1, [])
    assert told in said
    for how in ("apt-get install python3 python3-venv", "brew install", "https://docs.astral.sh/uv/"):
        assert how in said


def test_without_venv_or_pip_it_is_told_where_to_get_them(machine: Machine) -> None:
    machine.has("python3.12", "3.12", venv=False)
    code, said, _ = machine.install()
    assert code == 1
    assert "python3.12 has no module venv, or no pip" in said
    assert "'apt-get install python3.12-venv'" in said
    machine.has("python3.11", "3.11")
    assert machine.install()[0] == 0


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("python9", "PYTHON is python9, which does not start."),
        ("python3.10", "PYTHON is python3.10, a Python 3.10; it must be 3.11, 3.12, 3.13 or 3.14."),
        ("python3.12", "python3.12 has no module venv"),
    ],
)
def test_a_python_that_was_named_is_the_only_one_looked_at(machine: Machine, name: str, told: str) -> None:
    machine.has("python3.10", "3.10")
    machine.has("python3.11", "3.11")
    machine.has("python3.12", "3.12", venv=False)
    code, said, _ = machine.install(PYTHON=name)
    assert code == 1
    assert told in said


def test_what_cannot_be_installed_leaves_no_stamp(machine: Machine) -> None:
    machine.has("python3.11", "3.11")
    machine.log.mkdir()  # so that the fake pip fails
    done = subprocess.run(
        ["sh", ROOT / "scripts/install.sh", "venv", "report", "venv/.demo"],
        cwd=machine.folder,
        env={"PATH": str(machine.bin)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert not (machine.folder / "venv/.demo").exists()


def test_both_commands_install_with_it() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert makefile.count("scripts/install.sh $(VENV)") == 2
    assert os.access(ROOT / "scripts/install.sh", os.X_OK)
