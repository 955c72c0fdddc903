"""The environment that tests and all that they start run in: what a person happens to have set changes nothing."""

import os
import sys
import time
from collections.abc import Iterable

KEPT = {
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV"),
    # Without them, libraries of numbers compute wrongly on some processors.
    *("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"),
}
"""All else is not what a test is about. A test that is about a variable sets it."""


def clean(variables: Iterable[str] = ()) -> None:
    """Leave this process, and so those that it starts, with few variables, and `variables` such as `TZ=UTC`."""
    for name in os.environ.keys() - KEPT:
        del os.environ[name]
    os.environ["LANG"] = "C.UTF-8"
    os.environ.update(variable.split("=", 1) for variable in variables)
    time.tzset()
    sys.warnoptions.clear()  # what PYTHONWARNINGS said is handed to processes that multiprocessing starts
