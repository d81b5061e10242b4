"""Logistic regression: probabilities from log odds, and the weights that make labels likeliest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST = 30.0
"""Log odds beyond which a probability no longer differs from 0 or 1."""


def logistic(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probabilities of log odds."""
    return 1 / (1 + np.exp(-np.clip(odds, -MOST, MOST)))  # type: ignore[no-any-return]


def log_odds(probabilities: NDArray[np.float64], least: float) -> NDArray[np.float64]:
    """The log odds of probabilities, none taken for smaller than `least` or greater than its complement."""
    bounded = np.clip(probabilities, least, 1 - least)
    return np.log(bounded) - np.log1p(-bounded)  # type: ignore[no-any-return]


def fit_logistic(
    rows: NDArray[np.float64],
    right: NDArray[np.bool_],
    *,
    offset: NDArray[np.float64] | float = 0.0,
    counts: NDArray[np.float64] | float = 1.0,
    l2: float = 1.0,
) -> NDArray[np.float64]:
    """float64 (n_features,): the weights that make the labels likeliest, less l2 times their square when features have unit scale.

    rows: (n, n_features), the first column ones, whose weight is not pulled. right: (n,). offset: log odds that are known, not learnt.
    counts: how much each row counts.
    """
    from scipy.optimize import minimize  # half a second that aligning need not spend

    scale = 1 / (rows.std(axis=0) + 1e-3)
    scale[0] = 1
    scaled, sign = rows * scale, np.where(right, 1.0, -1.0)
    pull = np.full(rows.shape[1], l2)
    pull[0] = 0

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        score = sign * (scaled @ weights + offset)
        gradient = 2 * pull * weights - scaled.T @ (counts * sign * logistic(-score))
        return float((counts * np.logaddexp(0, -score)).sum() + pull @ weights**2), gradient

    return minimize(loss, np.zeros(len(scale)), jac=True, method="L-BFGS-B").x * scale  # type: ignore[no-any-return]
