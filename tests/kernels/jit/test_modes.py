"""The kernels' tests once with every index checked and once as plain Python: an unchecked index reads garbage."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

KERNELS = Path(__file__).parents[1]
MODES = ("NUMBA_BOUNDSCHECK", "NUMBA_DISABLE_JIT")


@pytest.mark.slow
@pytest.mark.skipif(any(mode in os.environ for mode in MODES), reason="this is such a run")
@pytest.mark.parametrize("mode", MODES)
def test_the_kernels_pass_their_tests_in_another_mode(mode: str, tmp_path: Path) -> None:
    environment = {**os.environ, mode: "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    tests = sorted(str(path) for path in KERNELS.glob("test_*.py") if path != Path(__file__))
    # In plain Python, a warning tells of a number that its array's type does not hold.
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-W", "error::RuntimeWarning"]
    finished = subprocess.run(
        [*command, *tests], cwd=KERNELS, env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-2000:]
    assert " passed" in finished.stdout
