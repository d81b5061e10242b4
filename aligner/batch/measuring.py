"""What a batch measures of itself, for its summary and its report."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aligner.corpus.found import Found

PROBABILITY_EDGES = 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999
"""Between the bars of the histogram: closer where most are."""


@dataclass(slots=True)
class Measured:
    """Times and counts of one batch."""

    begun: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: dict[str, float] = field(default_factory=dict)
    """By the clock, of each stage of the main path, in their order."""
    work_seconds: dict[str, float] = field(default_factory=dict)
    """Of all processes together, by what was done to documents: reading, aligning, adding."""
    segments: int = 0
    """Of the documents that were aligned, both sides."""
    probabilities: list[int] = field(default_factory=lambda: [0] * (len(PROBABILITY_EDGES) + 1))
    """How many links lie below each of PROBABILITY_EDGES and not below the one before; last, those from the last edge up."""
    units: Counter[int] = field(default_factory=Counter)
    """How many documents have how many links. The key is the number of bits of the latter: 0, 1, 2 for 2 to 3, 3 for 4 to 7 …"""
    course: list[tuple[float, int]] = field(default_factory=list)
    """Seconds since the beginning and documents done by then, group by group."""
    _start: float = field(default_factory=time.perf_counter)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage of the main path."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start

    def worked(self, what: str, seconds: float) -> None:
        """Count time that some process took for documents."""
        self.work_seconds[what] = self.work_seconds.get(what, 0.0) + seconds

    def added(self, alignment: Found) -> None:
        """Count an alignment that came into the corpus."""
        probabilities = alignment.probabilities
        self.segments += alignment.segments
        for probability in probabilities:
            self.probabilities[bisect_right(PROBABILITY_EDGES, probability)] += 1
        self.units[len(probabilities).bit_length()] += 1

    def reached(self, done: int) -> None:
        """Remember when so many documents were done."""
        self.course.append((time.perf_counter() - self._start, done))

    def figures(self, done: int) -> dict[str, Any]:
        """The metrics, for machines, of a batch that aligned so many documents."""
        aligning = self.seconds.get("align", 0.0)

        def rate(count: int) -> float | None:
            return round(count / aligning, 3) if count else None

        return {
            "begun": self.begun.isoformat(timespec="seconds"),
            "seconds": {stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
            "work_seconds": {what: round(seconds, 3) for what, seconds in self.work_seconds.items()},
            "segments": self.segments,
            "documents_per_second": rate(done),
            "segments_per_second": rate(self.segments),
        }
