"""The semi-Markov model over a band: posteriors of all beads, and the alignment to be expected best.

score(alignment) = sum of its beads' scores + an opening score for every run of nulls,  p ∝ exp(score)

(Sarawagi & Cohen 2004, https://papers.nips.cc/paper/2648; affine gaps as in Gotoh 1982). Three states say what came
before a node: a link, a source null or a target null. Nulls between two links go through their source segments first,
as far as the band lets them, so that each alignment is one path: a source null follows a target null only where the
other order would leave the band.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from aligner.alignment.band import Band
from aligner.alignment.moves import MOVES, SOURCE_NULL, TARGET_NULL

_LOW = -1e30


def posteriors(
    band: Band, scores: NDArray[np.float32], opening: NDArray[np.float64], allowed: NDArray[np.bool_]
) -> tuple[float, NDArray[np.float32], NDArray[np.float64]]:
    """log Z, the probability of every bead, float32 (n_moves, n_nodes), and the expected number of runs of source and of target nulls.

    scores: float32 (n_moves, n_nodes); opening: (2,), added for each run of source and of target nulls.
    log Z is -inf where no path is allowed.
    """
    return _posteriors(band.low, band.high, band.start, scores, opening, allowed)  # type: ignore[no-any-return]


def decode(band: Band, gains: NDArray[np.float32], allowed: NDArray[np.bool_]) -> list[tuple[int, int, int]]:
    """The path with the greatest sum of gains, as (move, i, j) in order. Raises ValueError where no path is allowed."""
    path = _decode(band.low, band.high, band.start, gains, allowed)
    if not path and band.size > 1:
        raise ValueError("no allowed beads lead from the first node of the band to the last one")
    return [(int(q), int(i), int(j)) for q, i, j in path[::-1]]


def null_probabilities(band: Band, posterior: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """float32 (n,) and (m,): the probability that each segment has no counterpart, wherever on the path its null stands."""
    n, m = len(band.low) - 1, int(band.high[-1])
    rows = np.repeat(np.arange(n + 1), np.diff(band.start))
    columns = np.arange(band.size) - np.repeat(band.start[:-1] - band.low, np.diff(band.start))
    source = np.bincount(rows, weights=posterior[SOURCE_NULL], minlength=n + 1)[:n]
    target = np.bincount(columns, weights=posterior[TARGET_NULL], minlength=m + 1)[:m]
    return np.minimum(source, 1).astype(np.float32), np.minimum(target, 1).astype(np.float32)


def expected_gains(band: Band, posterior: NDArray[np.float32], bead_cost: float) -> NDArray[np.float32]:
    """What each bead adds to the expected number of strict hits, less `bead_cost` for standing in the denominator."""
    gains = posterior - np.float32(bead_cost)
    source, target = null_probabilities(band, posterior)
    rows = np.repeat(np.arange(len(band.low)), np.diff(band.start))
    columns = np.arange(band.size) - np.repeat(band.start[:-1] - band.low, np.diff(band.start))
    gains[SOURCE_NULL] = np.append(source, 0)[rows] - bead_cost
    gains[TARGET_NULL] = np.append(target, 0)[columns] - bead_cost
    return gains


@njit(cache=True)
def _log_sum(values, count):  # type: ignore[no-untyped-def]
    top = _LOW
    for k in range(count):
        top = max(top, values[k])
    if top <= _LOW / 2:
        return _LOW
    total = 0.0
    for k in range(count):
        total += np.exp(values[k] - top)
    return top + np.log(total)


@njit(cache=True)
def _posteriors(low, high, start, scores, opening, allowed):  # type: ignore[no-untyped-def]
    n = len(low) - 1
    alpha = np.full((start[-1], 3), _LOW)
    beta = np.full((start[-1], 3), _LOW)
    any_state = np.full(start[-1], _LOW)  # log-sum over the states of alpha
    values = np.zeros(len(MOVES))
    few = np.zeros(3)
    alpha[0, 0], any_state[0] = 0.0, 0.0
    for i in range(n + 1):
        for j in range(low[i], high[i] + 1):
            node = start[i] + j - low[i]
            if node == 0:
                continue
            count = 0
            for q in range(2, len(MOVES)):
                p, r = i - MOVES[q, 0], j - MOVES[q, 1]
                if p >= 0 and r >= low[p] and r <= high[p]:
                    before = start[p] + r - low[p]
                    if allowed[q, before]:
                        values[count] = any_state[before] + scores[q, before]
                        count += 1
            alpha[node, 0] = _log_sum(values, count)
            if i > 0 and j >= low[i - 1] and j <= high[i - 1]:
                before = start[i - 1] + j - low[i - 1]
                if allowed[SOURCE_NULL, before]:
                    few[0] = alpha[before, 0] + opening[0]
                    few[1] = alpha[before, 1]
                    few[2] = alpha[before, 2] + opening[0] if j == low[i] else _LOW
                    alpha[node, 1] = _log_sum(few, 3) + scores[SOURCE_NULL, before]
            if j > low[i]:
                before = node - 1
                if allowed[TARGET_NULL, before]:
                    few[0] = alpha[before, 0] + opening[1]
                    few[1] = alpha[before, 1] + opening[1]
                    few[2] = alpha[before, 2]
                    alpha[node, 2] = _log_sum(few, 3) + scores[TARGET_NULL, before]
            any_state[node] = _log_sum(alpha[node], 3)
    posterior = np.zeros(scores.shape, np.float32)
    runs = np.zeros(2)
    total = any_state[start[-1] - 1]
    if total <= _LOW / 2:
        return -np.inf, posterior, runs
    beta[start[-1] - 1, :] = 0.0
    for i in range(n, -1, -1):
        for j in range(high[i], low[i] - 1, -1):
            node = start[i] + j - low[i]
            if node == start[-1] - 1:
                continue
            count = 0
            for q in range(2, len(MOVES)):
                if allowed[q, node]:
                    p, r = i + MOVES[q, 0], j + MOVES[q, 1]
                    after = start[p] + r - low[p]
                    values[count] = beta[after, 0] + scores[q, node]
                    posterior[q, node] = np.exp(any_state[node] + values[count] - total)
                    count += 1
            link = _log_sum(values, count)
            source_gap, target_gap, source_after_target = _LOW, _LOW, _LOW
            if allowed[SOURCE_NULL, node]:
                after = start[i + 1] + j - low[i + 1]
                source_gap = beta[after, 1] + scores[SOURCE_NULL, node]
                opened = np.exp(alpha[node, 0] + opening[0] + source_gap - total)
                if j == low[i + 1]:
                    source_after_target = source_gap + opening[0]
                    opened += np.exp(alpha[node, 2] + source_after_target - total)
                runs[0] += opened
                posterior[SOURCE_NULL, node] = opened + np.exp(alpha[node, 1] + source_gap - total)
            if allowed[TARGET_NULL, node]:
                target_gap = beta[node + 1, 2] + scores[TARGET_NULL, node]
                opened = np.exp(alpha[node, 0] + opening[1] + target_gap - total)
                opened += np.exp(alpha[node, 1] + opening[1] + target_gap - total)
                runs[1] += opened
                posterior[TARGET_NULL, node] = opened + np.exp(alpha[node, 2] + target_gap - total)
            few[0], few[1], few[2] = link, source_gap + opening[0], target_gap + opening[1]
            beta[node, 0] = _log_sum(few, 3)
            few[1] = source_gap
            beta[node, 1] = _log_sum(few, 3)
            few[1], few[2] = source_after_target, target_gap
            beta[node, 2] = _log_sum(few, 3)
    return total, posterior, runs


@njit(cache=True)
def _decode(low, high, start, gains, allowed):  # type: ignore[no-untyped-def]
    n = len(low) - 1
    best = np.full(start[-1], _LOW)
    came_by = np.full(start[-1], -1, np.int8)
    best[0] = 0.0
    for i in range(n + 1):
        for j in range(low[i], high[i] + 1):
            node = start[i] + j - low[i]
            for q in range(len(MOVES)):
                p, r = i - MOVES[q, 0], j - MOVES[q, 1]
                if p >= 0 and r >= low[p] and r <= high[p]:
                    before = start[p] + r - low[p]
                    if allowed[q, before] and best[before] + gains[q, before] > best[node]:
                        best[node] = best[before] + gains[q, before]
                        came_by[node] = q
    path: list[tuple[int, int, int]] = []
    if best[start[-1] - 1] <= _LOW / 2:
        return path
    i, j = n, high[n]
    while i > 0 or j > 0:
        q = came_by[start[i] + j - low[i]]
        i, j = i - MOVES[q, 0], j - MOVES[q, 1]
        path.append((q, i, j))
    return path
