"""Whether probabilities say how often what they are given to is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aligner.scoring.rates import Interval, wilson_interval

Judgement = tuple[float, bool]
"""A probability, and whether what had it is right."""

CALIBRATION_BINS = 15

# Bead files carry three decimals, so a printed 1.000 may have been .9995: a wrong bead is not charged for more certainty than that.
_CERTAINTY_KNOWN = 5e-4


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Judgements of neighbouring probabilities."""

    count: int
    right: int
    probability: float
    """Their mean probability, 0..1."""

    @property
    def share_right(self) -> float:
        """What the mean probability should be, 0..1."""
        return self.right / self.count

    @property
    def interval(self) -> Interval:
        """Where the share that is right lies, with 95 % confidence, were the judgements independent."""
        return wilson_interval(self.right, self.count)


def reliability(judgements: Sequence[Judgement]) -> list[ReliabilityBin]:
    """At most 15 bins of equal mass, by growing probability.

    Equal probabilities share a bin, so that the order of the judgements does not matter (Naeini et al. 2015, with equal mass).
    """
    if not judgements:
        return []
    probabilities, hits = _columns(judgements)
    ranks = np.searchsorted(np.sort(probabilities), probabilities)
    _, places = np.unique(ranks * CALIBRATION_BINS // len(probabilities), return_inverse=True)
    counts, right, mass = np.bincount(places), np.bincount(places, hits), np.bincount(places, probabilities)
    return [ReliabilityBin(int(n), int(k), float(p / n)) for n, k, p in zip(counts, right, mass, strict=True)]


def expected_calibration_error(judgements: Sequence[Judgement]) -> float:
    """Mean distance between probability and share of hits over the bins of `reliability`, 0..1, less is better; 0 for no judgements."""
    distances = [one.count * abs(one.probability - one.share_right) for one in reliability(judgements)]
    return sum(distances) / max(1, len(judgements))


def log_loss(judgements: Sequence[Judgement]) -> float:
    """Mean negative log-likelihood in nats, from 0, less is better; 0 for no judgements.

    Probabilities are held within .0005 of 0 and 1, the precision of bead files.
    """
    if not judgements:
        return 0.0
    probabilities, hits = _columns(judgements)
    bounded = np.clip(probabilities, _CERTAINTY_KNOWN, 1 - _CERTAINTY_KNOWN)
    return float(-np.log(np.where(hits > 0, bounded, 1 - bounded)).mean())


def _columns(judgements: Sequence[Judgement]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    table = np.asarray(judgements, dtype=np.float64)
    return table[:, 0], table[:, 1]
