"""Every dependency has its reason in the documentation and its version in the constraints."""

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from scripts.audit import main as audit
from scripts.audit import verdict
from scripts.pinned import needed, pins
from scripts.sbom import joined

ROOT = Path(__file__).parents[2]
STATED = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = STATED["project"]
CONSTRAINTS = (ROOT / "constraints.txt").read_text("utf-8")


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


PIN = re.compile(r"([A-Za-z0-9._-]+==[A-Za-z0-9.]+( ; [a-z_ !<=>'A-Z0-9.()]+)?) \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?|    # via .+")


def test_each_dependency_has_a_pinned_version() -> None:
    heads = [line for line in CONSTRAINTS.splitlines() if not line.startswith(" ")]
    pin = [PIN.fullmatch(line) for line in heads]
    assert [line for line, found in zip(heads, pin, strict=True) if not found] == []
    assert all(Requirement(found[1]).specifier for found in pin if found)
    assert [line for line in CONSTRAINTS.splitlines() if line not in heads and not HASH.fullmatch(line)] == []
    pinned = {name(line) for line in heads}
    assert len(pinned) == len(heads)
    wanted = [
        *STATED["build-system"]["requires"],
        *PROJECT["dependencies"],
        *(requirement for extra in PROJECT["optional-dependencies"].values() for requirement in extra),
    ]
    assert {name(requirement) for requirement in wanted} <= pinned


def test_each_pin_has_hashes_of_files_and_names_no_index() -> None:
    for package, (lines, _) in pins(CONSTRAINTS).items():
        assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", lines)) >= 1, package
        assert lines.count("\\\n") == lines.count("--hash="), package  # the last line does not go on
    assert "://" not in CONSTRAINTS
    assert "index" not in CONSTRAINTS


@pytest.mark.parametrize("extras", ["", "report,xlsx", "s3,ssh,report", "dev,s3,report,bench,link,xlsx", "docs"])
def test_what_is_installed_needs_nothing_beside(extras: str) -> None:
    """With `--require-hashes` an installer refuses a package that is not listed."""
    listed = set(needed(wanted_by(extras), pins(CONSTRAINTS)))
    checked = 0
    for package in listed:
        try:
            stated = metadata.requires(package) or []
        except metadata.PackageNotFoundError:  # of another system, or of an extra that is not installed
            continue
        checked += 1
        for requirement in map(Requirement, stated):
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                assert name(requirement.name) in listed, f"{package} needs {requirement}"
    assert checked > 20


def wanted_by(extras: str) -> list[str]:
    stated = [STATED["build-system"]["requires"], PROJECT["dependencies"]]
    stated += [PROJECT["optional-dependencies"][extra] for extra in extras.split(",") if extra]
    return [name(requirement) for requirements in stated for requirement in requirements]


def test_an_install_takes_its_part_and_the_hashes_with_it() -> None:
    def printed(*words: str) -> str:
        command = [sys.executable, str(ROOT / "scripts/pinned.py"), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    report, everything, tools = printed("report"), printed("dev,s3,report,bench"), printed("--only", "audit")
    assert set(pins(report)) < set(pins(everything))
    assert {"setuptools", "typst", "numba"} <= set(pins(report))
    assert not {"pytest", "pip-audit", "s3fs"} & set(pins(report))
    assert {"pip-audit", "cyclonedx-bom"} <= set(pins(tools))
    assert "numba" not in pins(tools)
    whole = pins(CONSTRAINTS)
    for part in (report, everything, tools):
        assert all(lines == whole[package][0] for package, (lines, _) in pins(part).items())
    assert printed("--build").split("\n") == [*STATED["build-system"]["requires"], ""]


def test_what_is_not_pinned_is_told() -> None:
    with pytest.raises(SystemExit, match="lacks unheard-of; make it anew with `make constraints`"):
        needed(["unheard-of"], pins(CONSTRAINTS))


SOUND: dict[str, Any] = {"name": "a", "version": "1", "vulns": []}
WEAK: dict[str, Any] = {"name": "w", "version": "1", "vulns": [{"id": "X-1", "fix_versions": ["2", "3"]}]}
UNKNOWN: dict[str, Any] = {"name": "u", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([SOUND], 0, ["audit: 1 packages asked for; known weaknesses: 0"]),
        ([UNKNOWN], 0, ["audit skipped: the package index tells of no package's weaknesses"]),
        (
            [SOUND, WEAK, UNKNOWN],
            1,
            [
                "w 1: X-1, mended in 2 or 3",
                "audit: 2 packages asked for, and 1 that the index does not know; known weaknesses: 1",
            ],
        ),
    ],
)
def test_an_audit_fails_for_a_known_weakness_only(
    packages: list[dict[str, Any]], code: int, said: list[str]
) -> None:
    assert verdict(packages) == (code, said)


def test_an_audit_without_an_index_is_skipped_with_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tool = tmp_path / "pip-audit"
    tool.write_text("#!/bin/sh\necho 'ConnectionError: no route' >&2\nexit 1\n")
    tool.chmod(0o755)
    assert audit(str(tool), "requirements.txt") == 0
    assert capsys.readouterr().err == (
        "audit skipped: the package index cannot be asked (ConnectionError: no route)\n"
    )


def test_a_list_of_packages_has_licenses_and_hashes() -> None:
    licensed = {"name": "a.b", "version": "1", "licenses": ["MIT"]}
    hashed = {"name": "a-b", "version": "1", "externalReferences": [{"hashes": ["f"]}]}
    installed = {"components": [licensed], "dependencies": ["tree"]}
    assert joined(installed, {"components": [hashed]}) == {
        "components": [{**licensed, **hashed, "name": "a.b"}],
        "dependencies": ["tree"],
    }
    with pytest.raises(ValueError, match=r"a\.b 1 is installed and not pinned"):
        joined(installed, {"components": [{**hashed, "version": "2"}]})
