"""Units of a standing cluster: well formed, confined, and what they start works."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearscale.synth import fabricate
from clearscale_cluster.setup.certificates import make_certificates
from tests.support.pages import blocks
from tests.support.places import answers, worked
from tests.support.slurm import free_ports
from tests.support.systemd import PROJECT, Systemd, require
from tests.support.waiting import PATIENCE, wait_until

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
        codes = [process.wait(PATIENCE) for process in processes]
    assert answers(tmp_path / "standing") == answers(tmp_path / "threads")
    assert codes == [0, 0, 0]


PAGE = ROOT / "docs/how-to/cluster-systemd.md"


@pytest.fixture
def standing(tmp_path: Path, public_folder: Path) -> Iterator[Systemd]:
    """A machine with a running systemd, which sees the public folder as /shared."""
    require()
    (tmp_path / "machine").mkdir()
    found = Systemd(tmp_path / "machine", public_folder, "10.0.0.1")
    yield found
    found.stop()


@pytest.mark.long
def test_the_page_is_followed_word_by_word_under_a_running_systemd(
    standing: Systemd, public_folder: Path, tmp_path: Path
) -> None:
    """As cluster-systemd.md says, but for the installation from an index; what is there stands in its place."""
    fabricate(str(tmp_path / "in"), counties=2, people=60, seed=4)
    worked(tmp_path / "in", tmp_path / "threads")
    shutil.copytree(tmp_path / "in", public_folder / "extracts")
    once, certificates, scheduler, workers, place, settings, ingest, ends = [block.body for block in blocks(PAGE)]
    install = [line for line in once.splitlines() if "scripts/install.sh" in line]
    assert install == ["PYTHON=/usr/bin/python3 scripts/install.sh .venv s3,report,watch .venv/.installed"]
    standing.does(once.replace(install[0], ""))
    standing.does(f"cd {PROJECT}\n{certificates}")
    for script in (scheduler, workers.replace("$(nproc)", "2"), place):
        standing.does(script)
    standing.does(f"cat > /var/lib/clearscale/cluster.yaml <<'END'\n{settings}END\nchown -R clearscale: /shared")
    standing.does(ingest)
    [command] = [line for line in ingest.splitlines() if "clearscale ingest" in line]
    run = "run --store /shared/store --policy ca-dismiss-all --as-of 2020-07-01 --out /shared/run"
    standing.does("kill -9 $(systemctl show --property=MainPID --value clearscale-worker@1)")
    standing.does(re.sub("ingest .* --store /shared/store", run, command))
    found = {name: content for name, content in answers(public_folder).items() if not name.startswith("extracts/")}
    assert found == answers(tmp_path / "threads")
    owners = {path.stat().st_uid for path in (public_folder / "store").rglob("*")}
    assert owners == {970}
    as_root = command.replace("runuser -u clearscale -- ", "").replace("/store", "/of-root")
    refused = standing.does(f"! {as_root} 2>&1")
    assert re.search(
        r"may not read /shared/of-root/\S+ \(Permission denied\); .*as the user whom workers run as", refused
    )
    said = standing.does(ends)
    assert "Scheduler at:       tls://10.0.0.1:8786" in said
    wait_until(lambda: "dask" not in standing.does("ps -e -o comm"))
