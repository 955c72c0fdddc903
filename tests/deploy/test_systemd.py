"""Units of a standing cluster: well formed, confined, and what they start works."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clearscale.synth import fabricate
from clearscale_cluster.setup.certificates import make_certificates
from tests.support.places import answers, worked
from tests.support.slurm import free_ports
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "cluster" / "deploy" / "systemd"
SERVICES = ("clearscale-scheduler.service", "clearscale-worker@.service")

CONFINED = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "RestrictNamespaces": "yes",
    "SystemCallFilter": "@system-service",
    "User": "clearscale",
    "LimitCORE": "0",
}


def _settings(name: str) -> dict[str, list[str]]:
    """The settings of a unit, each with all its values."""
    found: dict[str, list[str]] = {}
    text = (FOLDER / name).read_text("utf-8").replace("\\\n", " ")
    for key, value in re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE):
        found.setdefault(key, []).append(value)
    return found


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units in a folder, of a template an instance."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze on this machine")
    for file in FOLDER.iterdir():
        shutil.copy(file, tmp_path / file.name.replace("@.", "@1."))
    return tmp_path


def _analyzed(*words: str) -> str:
    done = subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", [*SERVICES, "clearscale.target"])
def test_units_are_well_formed(name: str, units: Path) -> None:
    assert _analyzed("verify", "--man=no", str(units / name.replace("@.", "@1."))) == ""


@pytest.mark.parametrize("name", SERVICES)
def test_units_expose_little(name: str, units: Path) -> None:
    unit = units / name.replace("@.", "@1.")
    _analyzed("security", "--offline=true", "--no-pager", "--threshold=20", str(unit))


@pytest.mark.parametrize("name", SERVICES)
def test_units_are_confined_and_name_no_key(name: str) -> None:
    settings = _settings(name)
    assert {key: settings[key][-1] for key in CONFINED} == CONFINED
    assert all("/etc/clearscale/certificates/" in value for value in settings["LoadCredential"])
    assert settings["PartOf"] == ["clearscale.target"]


def _command(name: str) -> list[str]:
    """What a unit starts, as systemd hands it over."""
    [line] = _settings(name)["ExecStart"]
    return shlex.split(line.replace("$$", "$"))


@pytest.mark.long
def test_what_the_units_start_works_over_tls(tmp_path: Path) -> None:
    fabricate(str(tmp_path / "in"), counties=2, people=60, seed=4)
    worked(tmp_path / "in", tmp_path / "threads")
    make_certificates(tmp_path / "certificates")
    installed = tmp_path / "clearscale"
    installed.mkdir()
    (installed / "cluster").symlink_to(ROOT / "cluster")
    (installed / ".venv").symlink_to(Path(sys.executable).parents[1])
    [port, page] = free_ports(2)
    address = f"tls://127.0.0.1:{port}"
    environment = {
        **os.environ,
        **dict(re.findall(r"^(\w+)=(.*)$", (FOLDER / "cluster.env").read_text("utf-8"), re.MULTILINE)),
        "CLEARSCALE": str(installed),
        "SCHEDULER_HOST": "127.0.0.1",
        "SCHEDULER_PORT": str(port),
        "CREDENTIALS_DIRECTORY": str(tmp_path / "certificates"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    processes = []
    try:
        for number, name in enumerate((*SERVICES, SERVICES[1])):
            command = [word.replace("127.0.0.1:8787", f"127.0.0.1:{page}") for word in _command(name)]
            with (tmp_path / f"{number}.log").open("wb") as log:
                processes.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd="/"))
        for number in (1, 2):
            log_of = tmp_path / f"{number}.log"
            wait_until(lambda log_of=log_of: "Registered to" in log_of.read_text(), processes[number])
        tls = "DASK_DISTRIBUTED__COMM__TLS__"
        certificates = {
            f"{tls}CA_FILE": str(tmp_path / "certificates" / "ca.pem"),
            f"{tls}CLIENT__CERT": str(tmp_path / "certificates" / "client.pem"),
            f"{tls}CLIENT__KEY": str(tmp_path / "certificates" / "client-key.pem"),
        }
        worked(tmp_path / "in", tmp_path / "standing", ["--cluster", address], certificates)
    finally:
        for process in reversed(processes):
            process.terminate()
        codes = [process.wait(60) for process in processes]
    assert answers(tmp_path / "standing") == answers(tmp_path / "threads")
    assert codes == [0, 0, 0]
