"""How often would one be wrong who accepts everything above a probability? From random samples alone.

What reviewers have looked at, the doubtful first, says nothing of that: it was not drawn at random.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aligner.corpus.tables import ACCEPTED, REJECTED
from aligner.scoring.rates import Interval, wilson_interval

SAMPLE = 50
"""Units to check: where all are right, the error rate is under 7 % (95 % interval)."""
LEAST_CHECKED = 30


@dataclass(frozen=True, slots=True)
class Sample:
    """Units drawn at random from the undecided ones of a probability or more."""

    probability: float
    drawn: tuple[tuple[str, float], ...]
    """Units, and their probabilities when they were drawn."""


@dataclass(frozen=True, slots=True)
class Bulk:
    """What accepting everything above a probability would mean."""

    probability: float
    count: int
    """Undecided links that would be accepted."""
    made: int
    """Undecided links as probable that would not be, for somebody made them in review: by merging, splitting, editing."""
    checked: int
    """Of the samples' units at least that probable, those that are decided."""
    wrong: int
    """Of these, the rejected, and those of which a reviewer changed words or boundaries."""
    pending: int
    """Those that wait to be decided."""
    interval: Interval
    """Where the error rate lies, 0..1, 95 %; (0, 1) before anything is checked."""

    @property
    def rate(self) -> float | None:
        """The error rate, 0..1; None before anything is checked."""
        return self.wrong / self.checked if self.checked else None

    @property
    def is_checked(self) -> bool:
        """Whether enough was checked to accept the rest: LEAST_CHECKED, or all that there is."""
        return not self.pending and self.checked >= min(LEAST_CHECKED, self.count + self.checked)


def draw(units: Iterable[tuple[str, float]], probability: float, size: int = SAMPLE, *, seed: int | None = None) -> Sample:
    """Draw units at random; all of them where there are fewer. A unit that occurs often is drawn once."""
    known = sorted(dict(units).items())
    chosen = np.random.default_rng(seed).permutation(len(known))[:size]
    return Sample(probability, tuple(known[number] for number in sorted(chosen.tolist())))


def bulk(probability: float, links: tuple[int, int], samples: Sequence[Sample], standing: Mapping[str, str]) -> Bulk:
    """What is known at this probability; `links`: undecided ones of the aligner, and made in review; `standing`: statuses of drawn units
    that still occur.

    A sample counts that was drawn from this probability on, or from further down: what it holds above is as random there.
    """
    drawn = {unit for sample in samples if sample.probability <= probability for unit, at in sample.drawn if at >= probability}
    right = sum(standing.get(unit) == ACCEPTED for unit in drawn)
    wrong = sum(standing.get(unit, REJECTED) == REJECTED for unit in drawn)  # one that occurs no longer was changed
    checked = right + wrong
    return Bulk(probability, *links, checked, wrong, len(drawn) - checked, wilson_interval(wrong, checked))
