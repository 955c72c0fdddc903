"""Slurm on this machine: its own munged, slurmctld and slurmd, of one node, on ports and in folders of a test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from .waiting import wait_until

TOOLS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "sinfo", "scontrol")

_CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={daemon}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
KillWait=5
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory=4000 State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def require() -> None:
    """Skip the test where Slurm cannot run."""
    if os.geteuid() != 0:
        pytest.skip("only root can start Slurm's daemons")
    if missing := [name for name in TOOLS if shutil.which(name) is None]:
        pytest.skip(f"no {', '.join(missing)} on this machine")


class Slurm:
    """A cluster of one node, with a partition `main`. environment: what tells Slurm's commands of it."""

    def __init__(self, folder: Path, cores: int = 2) -> None:
        self._folder = folder
        self._host = socket.gethostname().partition(".")[0]
        self.environment = {"SLURM_CONF": str(folder / "slurm.conf")}
        self._ending = ExitStack()
        for name in ("state", "spool"):
            (folder / name).mkdir()
        (folder / "munge.key").write_bytes(os.urandom(128))
        (folder / "munge.key").chmod(0o600)
        controller, daemon = free_ports(2)
        text = _CONFIGURATION.format(
            host=self._host, controller=controller, daemon=daemon, folder=folder, cores=cores
        )
        (folder / "slurm.conf").write_text(text)
        try:
            own = {
                "key-file": "munge.key",
                "socket": "munge.socket",
                "pid-file": "munge.pid",
                "seed-file": "munge.seed",
            }
            options = [f"--{name}={folder / file}" for name, file in own.items()]
            self._start("munged", "--foreground", "--force", f"--log-file={folder}/munged.log", *options)
            wait_until((folder / "munge.socket").exists)
            self._start("slurmctld", "-D", "-f", str(folder / "slurm.conf"))
            self._start("slurmd", "-D", "-f", str(folder / "slurm.conf"), "-N", self._host)
            wait_until(lambda: "idle" in self.does("sinfo", "--noheader", "--format=%T", check=False))
        except BaseException:
            self.stop()
            raise

    def _start(self, *words: str) -> None:
        log = self._ending.enter_context((self._folder / f"{words[0]}.out").open("wb"))
        process = subprocess.Popen(words, stdout=log, stderr=log, cwd=self._folder, env=self._variables())

        def end() -> None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

        self._ending.callback(end)

    def _variables(self) -> dict[str, str]:
        return {**os.environ, **self.environment}

    def does(self, *words: str, check: bool = True, **options: str) -> str:
        """What a command of Slurm's prints. options: variables beside."""
        done = subprocess.run(
            words,
            env={**self._variables(), **options},
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def jobs(self) -> list[str]:
        """The state of each job that is not over, such as RUNNING."""
        return self.does("squeue", "--noheader", "--format=%T").split()

    def stop(self) -> None:
        """End all jobs, then the daemons, each by its process."""
        if self.does("squeue", "--noheader", check=False).strip():
            self.does("scancel", "--full", "--user=root", check=False)
            wait_until(lambda: not self.does("squeue", "--noheader", check=False).strip())
        self._ending.close()


def free_ports(many: int) -> list[int]:
    """Ports of this machine at which nothing listens."""
    with ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(many)]
        for sock in found:
            sock.bind(("127.0.0.1", 0))
        return [sock.getsockname()[1] for sock in found]
