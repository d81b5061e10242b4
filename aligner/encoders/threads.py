"""How many processor cores are really free to this process."""

from __future__ import annotations

import os
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")


def available_threads() -> int:
    """Cores that this process may use: the least of its affinity, its control group's quota and OMP_NUM_THREADS.

    The load of the machine does not count. More threads than cores cost far more than they give: the encoder's
    small matrix products then wait for one another.
    """
    limits = [_affinity(), _quota(_CGROUPS, _control_group()), _asked_for()]
    return max(1, min(limit for limit in limits if limit is not None))


def _affinity() -> int:
    if hasattr(os, "sched_getaffinity"):  # Linux alone has it
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _asked_for() -> int | None:
    # OpenMP allows a list, a number for each level of nesting: the first is the outermost.
    first = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return int(first) if first.isdecimal() and int(first) > 0 else None


def _control_group() -> str | None:
    """This process's control group, version 2, as a path below the root of all groups."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((line[3:].strip("/") for line in lines if line.startswith("0::")), None)


def _quota(root: Path, group: str | None) -> int | None:
    """Whole cores of the tightest quota among the group and those it stands in; None where there is none."""
    if group is None:
        return None
    quotas = []
    for folder in [root / group, *(root / group).parents]:
        if root not in (folder, *folder.parents):
            break
        try:
            quota, period = (folder / "cpu.max").read_text(encoding="utf-8").split()
        except (OSError, ValueError):  # the root group has no such file
            continue
        if quota != "max":
            quotas.append(int(quota) // int(period))
    return max(1, min(quotas)) if quotas else None
