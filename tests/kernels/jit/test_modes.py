"""The kernels' tests once with every index checked and once as plain Python: an unchecked index reads garbage."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.examples import arguments

KERNELS = Path(__file__).parents[1]
MODES = ("NUMBA_BOUNDSCHECK", "NUMBA_DISABLE_JIT")
ALL = tuple(sorted(path.name for path in KERNELS.glob("test_*.py")))


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.skipif(any(mode in os.environ for mode in MODES), reason="this is such a run")
@pytest.mark.parametrize("mode", MODES)
def test_the_kernels_pass_their_tests_in_another_mode(mode: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    command += arguments()
    command += [f"--variable={variable}" for variable in (f"{mode}=1", f"NUMBA_CACHE_DIR={tmp_path}")]
    # In plain Python, a warning tells of a number that its array's type does not hold.
    command += ["-W", "error::RuntimeWarning", *ALL]
    finished = subprocess.run(command, cwd=KERNELS, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-2000:]
    assert " passed" in finished.stdout
