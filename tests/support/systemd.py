"""A running systemd on this machine, in namespaces of its own: process 1 over a copy of this machine's root.

The copy is an overlay in memory, so that nothing of this machine is changed. Of its units only the journal runs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from .waiting import PATIENCE, wait_until

ROOT = Path(__file__).parents[2]
SYSTEMD = "/lib/systemd/systemd"
PYTHON = Path(f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}")
"""One that every user may run; that of a home, such as pyenv's, is for its owner alone."""

TOOLS = ("unshare", "nsenter", "pivot_root", "ip", "useradd", "runuser")
HIERARCHIES = [
    folder for folder in map(Path, ("/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified")) if folder.is_dir()
] or [Path("/sys/fs/cgroup")]
"""Hierarchies of control groups: both where systemd's versions 1 and 2 are side by side, otherwise the only one."""

PROJECT = "/opt/clearscale"

_OUTSIDE = """
for group in $HIERARCHIES; do mkdir -p $group/$OWN; echo $$ > $group/$OWN/cgroup.procs; done
exec unshare --pid --fork --kill-child --mount --propagation private --cgroup --net --uts --ipc bash -euc "$INSIDE"
"""

_INSIDE = r"""
hostname standing
mount -t tmpfs tmpfs $FOLDER
mkdir $FOLDER/root
over() {
    mkdir -p "$2" $FOLDER/$3/up $FOLDER/$3/work
    mount -t overlay -o lowerdir="$1",upperdir=$FOLDER/$3/up,workdir=$FOLDER/$3/work,metacopy=on overlay "$2"
}
root=$FOLDER/root
over / $root all
mount -t proc proc $root/proc
mount -t sysfs -o ro sysfs $root/sys
if [ "$HIERARCHIES" = /sys/fs/cgroup ]; then
    mount -t cgroup2 cgroup2 $root/sys/fs/cgroup
else
    mount -t tmpfs -o mode=755 tmpfs $root/sys/fs/cgroup
    mkdir $root/sys/fs/cgroup/systemd $root/sys/fs/cgroup/unified
    mount -t cgroup -o none,name=systemd cgroup $root/sys/fs/cgroup/systemd
    mount -t cgroup2 cgroup2 $root/sys/fs/cgroup/unified
fi
mount -t tmpfs -o mode=755 tmpfs $root/dev
for name in null zero full random urandom tty; do
    touch $root/dev/$name
    mount --bind /dev/$name $root/dev/$name
done
mkdir $root/dev/pts $root/dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts $root/dev/pts
ln -s pts/ptmx $root/dev/ptmx
mount -t tmpfs -o mode=1777 tmpfs $root/dev/shm
mount -t tmpfs -o mode=755 tmpfs $root/run
mount -t tmpfs -o mode=1777 tmpfs $root/tmp
mkdir -p $root/shared
mount --bind "$SHARED" $root/shared
over "$PROJECT" $root/opt/clearscale project
over "$VENV" $root/opt/clearscale/.venv venv
venv=$root/opt/clearscale/.venv
ln -sf $PYTHON $venv/bin/${PYTHON##*/}
packages=$venv/lib/${PYTHON##*/}/site-packages
named="$venv/bin/* $venv/pyvenv.cfg $packages/__editable__* $packages/*.pth"
named=$(grep -lIs -d skip -e "$VENV" -e "$PROJECT" $named)
sed -i "s#$VENV#/opt/clearscale/.venv#g; s#$PROJECT#/opt/clearscale#g; s#^home = .*#home = /usr/bin#" $named
rm -rf $packages/__pycache__/__editable__*
own=$root/etc/systemd/system
rm -rf $own/*.wants
for name in systemd-{udevd,udev-trigger,logind,modules-load,timesyncd,networkd,sysctl,binfmt}.service \
    systemd-udevd-{kernel,control}.socket dbus.{service,socket} getty.target proc-sys-fs-binfmt_misc.automount \
    dev-{hugepages,mqueue}.mount sys-kernel-{debug,tracing,config}.mount sys-fs-fuse-connections.mount; do
    ln -sf /dev/null $own/$name
done
: > $root/etc/fstab
ip link set lo up
ip address add $ADDRESS/32 dev lo
cd $root
mkdir -p former
pivot_root . former
umount -l /former
mount --make-rshared /
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin $SYSTEMD --system --unit=multi-user.target \
    --log-target=null --show-status=no
"""


def require() -> None:
    """Skip the test where no systemd can be started."""
    if os.geteuid() != 0:
        pytest.skip("only root can start a systemd")
    if missing := [name for name in (*TOOLS, SYSTEMD, str(PYTHON)) if shutil.which(name) is None]:
        pytest.skip(f"no {', '.join(missing)} on this machine")


class Systemd:
    """A machine of its own, with the project in `/opt/clearscale` and its environment in `.venv` there.

    folder: empty, and that of mounts afterwards. shared: what it sees as `/shared`. address: of its only network.
    """

    def __init__(self, folder: Path, shared: Path, address: str) -> None:
        self._own = f"cs{os.getpid()}"
        variables = {
            "HIERARCHIES": " ".join(map(str, HIERARCHIES)),
            "OWN": self._own,
            "INSIDE": _INSIDE,
            "FOLDER": str(folder),
            "SHARED": str(shared),
            "PROJECT": str(ROOT),
            "VENV": sys.prefix,
            "PYTHON": str(PYTHON),
            "ADDRESS": address,
            "SYSTEMD": SYSTEMD,
        }
        self.log = folder.with_suffix(".log")
        with self.log.open("wb") as log:
            self._outer = subprocess.Popen(
                ["bash", "-euc", _OUTSIDE],
                env={**os.environ, **variables},
                stdout=log,
                stderr=log,
                cwd="/",
            )
        try:
            wait_until(lambda: self.state() in ("running", "degraded"), self._outer)
        except BaseException:
            self.stop()
            raise

    def state(self) -> str:
        """What systemd says of itself, an empty text as long as it says nothing."""
        if not (first := psutil.Process(self._outer.pid).children()):
            return ""
        done = self._run(first[0].pid, "systemctl is-system-running")
        return done.stdout.strip()

    def does(self, script: str, **options: str) -> str:
        """What a script of bash prints there, given by root."""
        [first] = psutil.Process(self._outer.pid).children()
        done = self._run(first.pid, script, options)
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    @staticmethod
    def _run(first: int, script: str, options: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        variables = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8", **(options or {})}
        words = [f"{name}={value}" for name, value in variables.items()]
        command = ["nsenter", "--target", str(first), "--all", "--root", "env", "-i", *words]
        return subprocess.run(
            [*command, "bash", "-euc", script],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            cwd="/",
        )

    def stop(self) -> None:
        """End it and all that runs there; its files are gone then."""
        for process in psutil.Process(self._outer.pid).children() if self._outer.poll() is None else ():
            process.kill()
        self._outer.kill()
        self._outer.wait()
        for group in HIERARCHIES:
            wait_until(lambda group=group: _removed(group / self._own))


def _removed(group: Path) -> bool:
    """Remove a control group, with those below it; false while a process is in one."""
    with suppress(OSError):
        for below in sorted(filter(Path.is_dir, group.rglob("*")), reverse=True):
            below.rmdir()
        if group.exists():
            group.rmdir()
    return not group.exists()
