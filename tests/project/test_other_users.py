"""Another user of the machine, after every command: can read no file and list no folder, whatever the umask."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from clearscale.commands.main import app, main
from clearscale.synth import fabricate
from tests.linking.made import NAMED
from tests.linking.made import rows as named_people
from tests.support import other_user
from tests.support.examples import long
from tests.support.samples import ACCEPTING, AS_OF, policy_file, put
from tests.support.waiting import PATIENCE

WIDEST = {True: 0o750, False: 0o640}
"""Modes of folders and of files."""

STORE, RUN = ("--store", "store"), ("--run", "run")
CHARGES = ("--store", "charges", "--policy", "il-minor-cannabis-2020")

COMMANDS = [
    ["synth", "--out", "extracts", "--counties", "2", "--people", "8"],
    ["synth", "--out", "compressed", "--counties", "1", "--people", "3", "--compress"],
    ["encryption", "key", "key"],
    ["ingest", "bad.csv", *STORE, "--county", "ALAMEDA", "--on-bad-record", "quarantine", *ACCEPTING],
    ["ingest", "extracts/los-angeles.csv", "extracts/san-diego.csv", *STORE, *ACCEPTING],
    ["ingest", "extracts/los-angeles.csv", "--store", "whole", "--statewide", *ACCEPTING],
    ["store", "info", "store"],
    ["store", "snapshots", "store"],
    ["check", *STORE, "--out", "checks"],
    ["policies", "list"],
    ["policies", "show", "ca-dismiss-all"],
    ["policies", "check", "policy.json"],
    ["policies", "schema"],
    ["formats", "list"],
    ["formats", "show", "ca-doj"],
    ["formats", "sample", "il-cook-clerk", "--out", "sample", "--people", "3"],
    ["formats", "draft", "sample/il-cook-clerk.csv"],
    ["formats", "check", "extracts/los-angeles.csv", "--format", "ca-doj"],
    ["formats", "link", "who.csv", "--format", "named.toml", "--out", "people"],
    ["ingest", "sample/il-cook-clerk.csv", "--format", "il-cook-clerk", "--store", "charges"],
    ["run", *CHARGES, "--as-of", AS_OF, "--out", "charge-run"],
    ["run", *CHARGES, "--as-of", "2009-01-01", "--out", "early-run"],
    ["diff", "early-run", "charge-run", "--out", "charge-diff"],
    ["sweep", *CHARGES, "--as-of", AS_OF, "--vary", f"as_of=2009-01-01,{AS_OF}", "--out", "charge-sweep"],
    ["forecast", *CHARGES, "--as-of", AS_OF, "--out", "forecast"],
    ["report", "--run", "charge-run", "--out", "charge-report"],
    ["explain", "--run", "charge-run", "--file", "il-cook-clerk.csv", "--line", "2"],
    ["run", *STORE, "--policy", "policy.json", "--as-of", AS_OF, "--out", "run"],
    ["run", *STORE, "--policy", "ca-dismiss-all", "--as-of", AS_OF, "--out", "other"],
    ["verify", *RUN],
    ["work", *RUN],
    ["tables", *RUN, "--out", "tables"],
    ["export", *RUN, "--county", "LOS ANGELES", "--out", "export"],
    ["export", *RUN, "--all-counties", "--out", "all-counties", "--xlsx"],
    ["decisions", *RUN, "--out", "lists/all.csv"],
    ["decisions", *RUN, "--out", "lists/all.xlsx"],
    ["packet", *RUN, "--county", "LOS ANGELES", "--out", "papers"],
    ["packet", "--templates", "templates"],
    ["diff", "run", "other", "--out", "diff"],
    ["explain", *RUN, "--extract", "los-angeles.csv", "--row", "0"],
    ["report", *RUN, "--out", "report"],
    ["sweep", *STORE, "--policy", "policy.json", "--as-of", AS_OF, "--vary", "age=0,50", "--out", "sweep"],
    ["encryption", "copy", "store", "sealed", "--key", "file:key"],
    ["cluster", "certificates", "--out", "certificates"],
    [
        *("gogen", "run", "--outputs=gogen", "--input-doj=extracts/los-angeles.csv", "--county=LOS ANGELES"),
        *("--eligibility-options=policy.json", f"--compute-at={AS_OF}"),
    ],
    [
        "gogen",
        "run",
        "--outputs=failed",
        "--input-doj=absent.csv",
        "--county=X",
        "--eligibility-options=policy.json",
    ],
    ["gogen", "version"],
    ["demo", "--out", "demo", "--counties", "1", "--people", "5"],
    ["log", *STORE],
    ["prune", *STORE, "--keep", "1"],
    ["purge", *STORE, "--quarantine"],
    ["warm-up"],
]

FAILING = ("explain", "gogen")
"""Commands that may end with 1 here: what they are asked for is not there."""

NOT_TRIED = {"serve", "encryption start", "encryption change-key", "bench"}
"""Writes no file; begins `encryption copy`; writes one file of those that it wrote; has nobody's data."""


def _names(command: object, name: str = "") -> Iterator[str]:
    if inner := getattr(command, "commands", None):
        for word, subcommand in inner.items():
            yield from _names(subcommand, f"{name} {word}".strip())
    else:
        yield name


def test_every_command_is_tried() -> None:
    every = set(_names(typer.main.get_command(app)))
    tried = {name for words in COMMANDS for name in (words[0], " ".join(words[:2])) if name in every}
    assert every - tried == NOT_TRIED


def too_wide(folder: Path, umask: int) -> dict[str, str]:
    """Files and folders below one whose mode is wider than the umask and what is written for their group allow."""
    found = {}
    for path in folder.rglob("*"):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if not path.is_symlink() and mode & ~(WIDEST[path.is_dir()] & ~umask):
            found[str(path.relative_to(folder))] = oct(mode)
    return found


@pytest.mark.long
@pytest.mark.parametrize("umask", [0o000, long(0o022), long(0o077)])
def test_nothing_can_be_read_or_listed(
    umask: int, public_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(public_folder)
    [extract] = fabricate("given", counties=1, people=3, seed=5)
    content = Path(extract.path).read_bytes()
    put(public_folder, "bad.csv", content + b"only one field\n")
    policy_file(public_folder)
    put(public_folder, "named.toml", NAMED.encode())
    put(public_folder, "who.csv", named_people({}, {"first": "Jon"}))
    given = {"given", "bad.csv", "policy.json", "named.toml", "who.csv"}
    for name in given:
        (public_folder / name).chmod(0o700)
    before = os.umask(umask)
    try:
        for words in COMMANDS:
            with pytest.raises(SystemExit) as ended:
                main(words)
            said = capsys.readouterr()
            assert ended.value.code in ((0, 1) if words[0] in FAILING else (0,)), f"{words}: {said.err}"
            if other_user.available():
                assert other_user.reaches(str(public_folder)) == [], words
    finally:
        os.umask(before)
    made = {path.name for path in public_folder.iterdir()} - given
    assert made >= {
        "extracts",
        "store",
        "run",
        "tables",
        "export",
        "all-counties",
        "lists",
        "report",
        "sweep",
        "gogen",
        "demo",
        "key",
    }
    for name in made:
        wide = too_wide(public_folder / name, umask)
        assert wide == {}, name
    assert not [path for path in public_folder.rglob(".*") if ".writing-" in path.name or ".partial" in path.name]
    other_user.python()  # without one, modes were looked at and nothing was tried


_LISTS = """
import os, sys
found = set()
while not os.path.exists(os.path.join(sys.argv[1], "stop")):
    for top, folders, files in os.walk(sys.argv[1]):
        if top != sys.argv[1]:
            found.update(os.path.join(top, name) for name in files + folders)
        for name in files:
            try:
                open(os.path.join(top, name), "rb").close()
                found.add(os.path.join(top, name))
            except OSError:
                pass
print(sorted(found))
"""


@pytest.mark.long
@pytest.mark.slow
def test_nothing_of_a_command_with_worker_processes_can_be_read_while_it_works(public_folder: Path) -> None:
    """Temporary folders, those of Dask among them, with the widest umask."""
    [extract] = fabricate(str(public_folder / "given"), counties=1, people=30, seed=5)
    (public_folder / "given").chmod(0o700)
    spy = other_user.started(_LISTS, [str(public_folder)], stdout=subprocess.PIPE, cwd="/")
    try:
        command = [sys.executable, "-m", "clearscale", "ingest", "-", "--store", str(public_folder / "store")]
        command += ["--cluster", "local:1", "--quiet", *ACCEPTING]
        with Path(extract.path).open("rb") as given:
            done = subprocess.run(
                ["sh", "-c", 'umask 000; exec cat | "$@"', "sh", *command],
                stdin=given,
                env={**os.environ, "TMPDIR": str(public_folder)},
                capture_output=True,
                text=True,
                check=False,
                timeout=PATIENCE,
            )
        assert done.returncode == 0, done.stderr
    finally:
        (public_folder / "stop").touch(0o600)
        told = spy.communicate(timeout=PATIENCE)[0]
    assert told == "[]\n"
    assert {path.name for path in public_folder.iterdir()} == {"given", "store", "stop"}
    assert too_wide(public_folder / "store", 0) == {}
