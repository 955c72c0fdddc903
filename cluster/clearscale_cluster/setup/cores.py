"""How many cores this process may use."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")


def cores() -> int:
    """Cores that the process is bound to, fewer where its control group (a container's, say) may use less time."""
    try:
        bound = len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        bound = os.cpu_count() or 1
    return min([bound, *(max(1, math.ceil(quota)) for quota in _quotas())])


def _quotas() -> Iterator[float]:
    """Cores' worth of time that each control group around the process may use, of both versions of them."""
    with suppress(OSError, ValueError):
        own = Path("/proc/self/cgroup").read_text("ascii").splitlines()[-1].rpartition(":")[2].lstrip("/")
        inner = _GROUPS / own
        for group in (inner, *inner.parents):
            if group == _GROUPS.parent:
                break
            with suppress(OSError, ValueError):
                quota, period = (group / "cpu.max").read_text("ascii").split()
                yield int(quota) / int(period)
    with suppress(OSError, ValueError, ZeroDivisionError):
        quota, period = (
            (_GROUPS / "cpu" / f"cpu.cfs_{name}_us").read_text("ascii") for name in ("quota", "period")
        )
        if int(quota) > 0:
            yield int(quota) / int(period)
