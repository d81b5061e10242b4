"""Rates of counts, and how far they might have come out otherwise."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Interval = tuple[float, float]
"""The lower and the upper end of where 95 % lie."""

_RESAMPLES = 1000
_PERCENT = (2.5, 97.5)
_NORMAL_QUANTILE = 1.959964  # of 97.5 %
_SEED = 0  # so that the same counts always give the same interval


def share(part: float, whole: float) -> float:
    """part / whole, and 0 where the whole is 0."""
    return part / whole if whole else 0.0


def harmonic_mean(precision: float, recall: float) -> float:
    """F1: 2·p·r / (p + r), and 0 where both are 0."""
    return share(2 * precision * recall, precision + recall)


def resampled(counts: ArrayLike) -> NDArray[np.int64]:
    """int64 (1000, n_counts): sums of as many rows as there are, drawn again and again, with replacement (Efron 1979).

    counts: int (n_rows, n_counts), a row for each independent part of what was measured. Equal rows are drawn together,
    which has the same distribution and makes a hundred thousand parts no dearer than the few kinds they are of.
    """
    rows, times = np.unique(np.asarray(counts, np.int64), axis=0, return_counts=True)
    draws = np.random.default_rng(_SEED).multinomial(times.sum(), times / times.sum(), size=_RESAMPLES)
    return draws @ rows  # type: ignore[no-any-return]


def central(figures: ArrayLike) -> Interval | None:
    """Where the middle 95 % of resampled figures lie; NaN, for what a resample had none of, is passed over. None for no figure."""
    known = np.asarray(figures, np.float64)
    known = known[~np.isnan(known)]
    if not len(known):
        return None
    low, high = np.percentile(known, _PERCENT)
    return float(low), float(high)


def wilson_interval(part: int, whole: int) -> Interval:
    """95 % interval of a share of independent trials, 0..1 (Wilson 1927); (0, 1) where there were none."""
    if not whole:
        return 0.0, 1.0
    square = _NORMAL_QUANTILE**2 / whole
    rate = part / whole
    middle = (rate + square / 2) / (1 + square)
    reach = math.sqrt(square * (rate * (1 - rate) + square / 4)) / (1 + square)
    return max(0.0, middle - reach), min(1.0, middle + reach)
