"""The image of `cluster/deploy/container`, built without a container engine, its commands run as by an engine.

A root file system of Debian stands in for the base image, and wheels that pip fetched for what it would fetch. An
engine gives a container memory at /dev/shm, a new /proc and, if it is told to, a root that cannot be written to.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from .waiting import PATIENCE

ROOT = Path(__file__).parents[2]
FILE = ROOT / "cluster" / "deploy" / "container" / "Containerfile"
TOOLS = ("buildah", "mmdebstrap", "unshare", "chroot")
EXTRAS = "s3,watch"
"""Fewer than by default: a report is no other in an image."""

SOURCES = Path("/etc/apt/sources.list.d")

_INSIDE = """
set -eu
root=$1 data=$2; shift 2
ip link set lo up
mount --make-rprivate /
mount --bind "$root" "$root"
mkdir -p "$root/data"
mount --bind "$data" "$root/data"
mount -o remount,bind,ro "$root"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
exec "$@"
"""


def require() -> None:
    """Skip the test where an image cannot be built."""
    if os.geteuid() != 0:
        pytest.skip("only root can build an image without an engine")
    if missing := [name for name in TOOLS if shutil.which(name) is None]:
        pytest.skip(f"no {', '.join(missing)} on this machine")
    if not list(SOURCES.glob("*.sources")):
        pytest.skip("no Debian whose package sources could be used")


class Image:
    """The image, in a storage of its own below a folder; `remove` ends all of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._container = ""

    def build(self) -> None:
        """Build a base image, then the image."""
        base = self._folder / "base.tar"
        sources = "\n\n".join(file.read_text("utf-8") for file in sorted(SOURCES.glob("*.sources")))
        packages = "--include=python3,python3-venv,ca-certificates"
        release = _release()
        _run(["mmdebstrap", "--variant=minbase", packages, release, str(base), "-"], input=sources)
        container = self._buildah("from", "scratch")
        self._buildah("add", "--quiet", container, str(base), "/")
        self._buildah("commit", "--quiet", "--rm", container, f"base:{release}")
        base.unlink()
        wheels = self._folder / "wheels"
        pinned = self._folder / "pinned.txt"
        pinned.write_text(_run([sys.executable, "scripts/pinned.py", EXTRAS]))
        fetch = ["download", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
        _run([sys.executable, "-m", "pip", *fetch, "-r", str(pinned), "-d", str(wheels)])
        arguments = {"BASE": f"localhost/base:{release}", "EXTRAS": EXTRAS}
        arguments |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels"}
        words = [word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")]
        how = ["--isolation", "chroot", "--format", "docker", "--volume", f"{wheels}:/wheels:ro"]
        self._buildah("bud", *how, *words, "-f", str(FILE), "-t", "clearscale:test", str(ROOT))
        self._container = self._buildah("from", "localhost/clearscale:test")

    @property
    def configuration(self) -> dict[str, Any]:
        """What an engine is told: `User`, `Env`, `Entrypoint`, `Healthcheck`, ..."""
        document = json.loads(self._buildah("inspect", "--type", "image", "localhost/clearscale:test"))
        found: dict[str, Any] = document["Docker"]["config"]
        return found

    def run(self, data: Path, *words: str) -> str:
        """Run a command as an engine would with a read-only root and no network; returns what it prints.

        Only /tmp and /data, which is the folder `data`, can be written to.
        """
        configuration = self.configuration
        root = self._buildah("mount", self._container)
        script = self._folder / "inside.sh"
        script.write_text(_INSIDE)
        environment = ["env", "-i", *configuration["Env"]]
        as_user = [shutil.which("chroot") or "", f"--userspec={configuration['User']}", root]
        apart = [
            "unshare",
            "--mount",
            "--pid",
            "--net",
            "--fork",
            "--kill-child",
            "sh",
            str(script),
            root,
            str(data),
        ]
        try:
            return _run([*apart, *environment, *as_user, *configuration["Entrypoint"], *words])
        finally:
            self._buildah("umount", self._container)

    def remove(self) -> None:
        """Remove the image and all that it was built from."""
        for words in (["rm", "--all"], ["rmi", "--all", "--force"]):
            subprocess.run(self._command(*words), capture_output=True, check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _command(self, *words: str) -> list[str]:
        storage = ["--root", str(self._folder / "storage"), "--runroot", str(self._folder / "running")]
        return ["buildah", "--storage-driver", "overlay", *storage, *words]

    def _buildah(self, *words: str) -> str:
        return _run(self._command(*words)).strip()


def _release() -> str:
    """The code name of the Debian that this machine has, whose packages its sources name."""
    lines = Path("/etc/os-release").read_text("utf-8").splitlines()
    return next(line.partition("=")[2].strip('"') for line in lines if line.startswith("VERSION_CODENAME="))


def _run(command: Sequence[str], **options: Any) -> str:
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=2 * PATIENCE, check=False, **options
    )
    assert done.returncode == 0, f"{command[:4]}: {done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout
