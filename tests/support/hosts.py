"""Several hosts on this machine: each a network namespace with a name, an address and OpenSSH's server of its own.

Their network is a namespace, too, in which commands are given: nothing of this machine's own network is touched.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from .waiting import wait_until

NETWORK = "10.77.0"
TOOLS = ("ip", "unshare", "ssh-keygen", "ssh", "setpriv")
SSHD = "/usr/sbin/sshd"

_SERVER = """
ListenAddress {address}
HostKey {folder}/host-key
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
{environment}
AuthorizedKeysFile {folder}/../id.pub
AllowUsers root
MaxStartups 50
"""


def require() -> None:
    """Skip the test where there can be no hosts."""
    if os.geteuid() != 0:
        pytest.skip("only root can make network namespaces")
    if missing := [name for name in TOOLS if shutil.which(name) is None]:
        pytest.skip(f"no {', '.join(missing)} on this machine")
    if not Path(SSHD).exists():
        pytest.skip("no OpenSSH server on this machine")
    probe = f"cs{os.getpid()}probe"
    if subprocess.run(["ip", "netns", "add", probe], capture_output=True, check=False).returncode != 0:
        pytest.skip("network namespaces are not to be had here")
    _ip("netns", "del", probe)


class Hosts:
    """Hosts by name. without: those that do not share `shared`, a folder that the others see as this machine does.

    environment: variables that whoever logs in has there.

    Their users' homes are this machine's, but for what they keep in `~/.cache` and the like.
    """

    def __init__(
        self,
        folder: Path,
        names: Sequence[str],
        shared: Path,
        without: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.names = list(names)
        self.ssh_config = folder / "ssh_config"
        words = " ".join(f"{name}={value}" for name, value in (environment or {}).items())
        self._environment = f"SetEnv {words}" if words else ""
        self._folder = folder
        self._hub = f"cs{os.getpid()}hub"
        self._servers: dict[str, subprocess.Popen[bytes]] = {}
        Path("/run/sshd").mkdir(exist_ok=True)  # for sshd's own separation of privileges
        try:
            self._start(shared, without)
        except BaseException:
            self.stop()
            raise

    def _start(self, shared: Path, without: Sequence[str]) -> None:
        _ip("netns", "add", self._hub)
        self._in_hub("ip", "link", "set", "lo", "up")
        self._in_hub("ip", "link", "add", "bridge", "type", "bridge")
        self._in_hub("ip", "address", "add", f"{NETWORK}.254/24", "dev", "bridge")
        self._in_hub("ip", "link", "set", "bridge", "up")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self._folder / "id"], check=True)
        known = []
        for number, name in enumerate(self.names, 1):
            address = f"{NETWORK}.{number}"
            self._add(name, address)
            own = self._folder / name
            own.mkdir()
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", own / "host-key"], check=True)
            known.append(f"{address} {(own / 'host-key.pub').read_text()}")
            (own / "sshd_config").write_text(
                _SERVER.format(address=address, folder=own, environment=self._environment)
            )
            hide = [f"mount -t tmpfs tmpfs {shared}"] if name in without else []
            script = "; ".join(["set -e", f"hostname {name}", *hide, f"exec {SSHD} -D -e -f {own}/sshd_config"])
            apart = ["unshare", "--uts", "--mount", "--propagation", "private", "sh", "-c", script]
            with (own / "sshd.log").open("wb") as log:
                self._servers[name] = subprocess.Popen(
                    ["ip", "netns", "exec", self._namespace(name), *apart], stdout=log, stderr=log, cwd="/"
                )
        (self._folder / "known_hosts").write_text("".join(known))
        for name in self.names:
            own = self._folder / name
            wait_until(lambda own=own: "listening" in (own / "sshd.log").read_text(), self._servers[name])
        common = f"  User root\n  IdentityFile {self._folder}/id\n  UserKnownHostsFile {self._folder}/known_hosts\n"
        self.ssh_config.write_text(
            "".join(
                f"Host {name}\n  HostName {NETWORK}.{number}\n{common}" for number, name in enumerate(self.names, 1)
            )
        )

    def _namespace(self, name: str) -> str:
        return f"cs{os.getpid()}{name}"

    def _add(self, name: str, address: str) -> None:
        space = self._namespace(name)
        _ip("netns", "add", space)
        self._in_hub("ip", "link", "add", f"to-{name}", "type", "veth", "peer", "name", "eth0")
        self._in_hub("ip", "link", "set", "eth0", "netns", space)
        self._in_hub("ip", "link", "set", f"to-{name}", "master", "bridge", "up")
        _ip("-n", space, "link", "set", "lo", "up")
        _ip("-n", space, "address", "add", f"{address}/24", "dev", "eth0")
        _ip("-n", space, "link", "set", "eth0", "up")

    def _in_hub(self, *words: str) -> None:
        subprocess.run(self.command(*words), check=True, capture_output=True)

    def command(self, *words: str) -> list[str]:
        """A command line that runs on the machine beside the hosts, in their network."""
        return ["ip", "netns", "exec", self._hub, *words]

    def configuration(self, path: Path, **ssh: object) -> Path:
        """Write a file for --cluster with all hosts, one worker each. ssh: other settings."""
        settings = {"config": str(self.ssh_config), "python": sys.executable, "workers": 1, **ssh}
        path.write_text(json.dumps({"clearscale": {"cluster": f"ssh:{','.join(self.names)}", "ssh": settings}}))
        return path

    def forbid(self, name: str, other: str) -> None:
        """Let a host no longer reach another one."""
        _ip("-n", self._namespace(name), "route", "add", "unreachable", f"{self.address(other)}/32", "metric", "0")

    def address(self, name: str) -> str:
        """The address of a host."""
        return f"{NETWORK}.{self.names.index(name) + 1}"

    def running(self, name: str) -> dict[int, str]:
        """What runs on a host but for its SSH server: command lines by process id."""
        found = {}
        for pid in self._processes(name):
            with suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                if words and not words.startswith(("sshd", SSHD)):
                    found[pid] = words
        return found

    def listening(self, name: str) -> int:
        """How many ports a host listens at beside that of SSH."""
        words = ["ip", "netns", "exec", self._namespace(name), "cat", "/proc/net/tcp", "/proc/net/tcp6"]
        lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
        fields = [line.split() for line in lines if ":" in line and "local_address" not in line]
        return sum(field[3] == "0A" and not field[1].endswith(":0016") for field in fields)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to all that runs on a host, its SSH server included."""
        for pid in self._processes(name):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _processes(self, name: str) -> list[int]:
        words = ["ip", "netns", "pids", self._namespace(name)]
        return [
            int(pid) for pid in subprocess.run(words, capture_output=True, text=True, check=False).stdout.split()
        ]

    def stop(self) -> None:
        """End all hosts and remove their network."""
        for name in self.names:
            self.signal(name, signal.SIGKILL)
        for server in self._servers.values():
            server.wait()
        for space in (*map(self._namespace, self.names), self._hub):
            subprocess.run(["ip", "netns", "del", space], capture_output=True, check=False)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
