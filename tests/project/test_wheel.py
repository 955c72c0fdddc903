"""The built file holds all that the package needs: it works where this checkout is not."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


PACKAGES = {
    "": "clearscale",
    "kernels": "clearscale_kernels",
    "cluster": "clearscale_cluster",
    "bench": "clearscale_bench",
}
"""The packages, by the folders in which they lie."""


def files() -> list[str]:
    """What belongs to the checkout, but for tests and pages."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    names = filter(None, listed.split("\0"))
    return [name for name in names if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/"))]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built file. What is left of another build in the checkout would be packed, too, so a copy is built."""
    place = tmp_path_factory.mktemp("wheel")
    for name in files():
        (place / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, place / "source" / name)
    make = "from setuptools.build_meta import build_wheel; build_wheel('../dist')"
    subprocess.run([sys.executable, "-c", make], cwd=place / "source", check=True, capture_output=True)
    shutil.rmtree(place / "source")
    return next((place / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel's files; what it requires is that of this environment."""
    place = tmp_path_factory.mktemp("installed")
    venv.create(place / "env", with_pip=False)
    inside = next((place / "env/lib").glob("python*/site-packages"))
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(inside)
    # Behind the wheel's own files. Lines of that folder's .pth files, which lead to the checkout, are not followed.
    (inside / "required.pth").write_text(sysconfig.get_paths()["purelib"], "utf-8")
    return place / "env/bin/python"


@pytest.mark.long
def test_the_built_file_holds_every_file_of_the_packages(wheel: Path) -> None:
    wanted = {
        name.removeprefix(f"{folder}/")
        for folder, package in PACKAGES.items()
        for name in files()
        if name.startswith(f"{folder}/{package}/".lstrip("/"))
    }
    with zipfile.ZipFile(wheel) as packed:
        held = {name for name in packed.namelist() if ".dist-info/" not in name}
    assert len(wanted) > 400
    assert held == wanted


@pytest.mark.long
def test_the_built_file_does_the_work_from_fabricating_to_a_report(installed: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def clearscale(*words: str) -> str:
        done = subprocess.run(
            [installed, "-P", "-m", "clearscale", *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = (
        "import clearscale, clearscale_bench, clearscale_cluster, clearscale_kernels; print(clearscale.__file__)"
    )
    found = subprocess.run([installed, "-P", "-c", where], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert found.stdout.startswith(str(installed.parents[1]))
    clearscale("synth", "--out", "extracts", "--counties", "1", "--people", "30", "--seed", "1", "-q")
    clearscale("ingest", "extracts", "--store", "store", "-q")
    clearscale(
        "run", "--store", "store", "--policy", "ca-los-angeles-2019", "--as-of", "2020-07-01", "--out", "run", "-q"
    )
    clearscale("report", "--run", "run", "--out", "report", "-q")
    clearscale("ingest", "store", "--format", "ca-doj", "--store", "charges", "-q")
    clearscale(
        "run", "--store", "charges", "--policy", "ca-1203-425", "--as-of", "2026-01-01", "--out", "relief", "-q"
    )
    assert "il-cook-clerk" in clearscale("formats", "list")
    assert (tmp_path / "report/statewide.pdf").stat().st_size > 10_000
