"""Runs a command and writes its seconds, its processor's and its peak of memory, as JSON, to the file named first.

A process counts the memory of the one that started it as its own until it has its own program. A benchmark session
is large, so it starts commands by way of this one, which is small. Of a command's processes the largest counts.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    """Run the command and leave as it did."""
    report, *command = sys.argv[1:]
    began = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    taken = {
        "seconds": seconds,
        "processor": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss * 1024 / 1e6,
    }
    Path(report).write_text(json.dumps(taken), "utf-8")
    sys.exit(min(abs(process.returncode), 255))


main()
