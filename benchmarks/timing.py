"""Processor time of what benchmarks measure."""

from __future__ import annotations

import time
from collections.abc import Callable


def cpu_seconds(work: Callable[[], object]) -> float:
    """Processor seconds that `work` takes: with one thread, what the clock of a machine with nothing else to do would show."""
    began = time.process_time()
    work()
    return time.process_time() - began
