"""The semi-Markov model over a band: posteriors of all beads, and the alignment to be expected best.

score(alignment) = sum of its beads' scores + an opening score for every run of nulls,  p ∝ exp(score)

(Sarawagi & Cohen 2004, https://papers.nips.cc/paper/2648; affine gaps as in Gotoh 1982). Three states say what came
before a node: a link, a source null or a target null. Nulls between two links go through their source segments first,
as far as the band lets them, so that each alignment is one path: a source null follows a target null only where the
other order would leave the band.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from aligner.alignment.band import Band
from aligner.alignment.compiling import leaf
from aligner.alignment.moves import MOVES, SOURCE_NULL, TARGET_NULL

_LOW = -1e30
_FAR = 40.0
"""Nats under the greater of two terms from which the other adds nothing that float64 could hold: most beads are as improbable."""


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """The allowed beads of a band as a list, ordered by the node they start at: what remains to be gone through once most are ruled out."""

    start: NDArray[np.int64]
    """(n_nodes+1,): where the beads of each node start; nodes that no bead touches are left out"""
    end: NDArray[np.int64]
    """(n_beads,): the node each bead ends at"""
    move: NDArray[np.int64]
    """(n_beads,)"""
    node: NDArray[np.int64]
    """(n_beads,): the number in the band of the node each bead starts at"""
    cornered: NDArray[np.bool_]
    """(n_nodes,): whether a source null may follow a target null here, for the other order would leave the band"""

    @classmethod
    def of(cls, band: Band, allowed: NDArray[np.bool_]) -> Paths:
        """The beads that are allowed, bool (n_moves, n_nodes)."""
        return cls(*_listed(band.low, band.high, band.start, allowed))

    def posteriors(
        self, scores: NDArray[np.float64], opening: NDArray[np.float64], mask: NDArray[np.bool_] | None = None
    ) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """As `posteriors`, of beads with these scores, float64 (n_beads,): of all of them, or of those in `mask`, bool (n_beads,)."""
        taken = np.ones(len(self.move), np.bool_) if mask is None else mask
        return _posteriors(self.start, self.end, self.move, self.cornered, scores, opening, taken)  # type: ignore[no-any-return]


def posteriors(
    band: Band, scores: NDArray[np.float32], opening: NDArray[np.float64], allowed: NDArray[np.bool_]
) -> tuple[float, NDArray[np.float32], NDArray[np.float64]]:
    """log Z, the probability of every bead, float32 (n_moves, n_nodes), and the expected number of runs of source and of target nulls.

    scores: float32 (n_moves, n_nodes); opening: (2,), added for each run of source and of target nulls.
    log Z is -inf where no path is allowed.
    """
    paths = Paths.of(band, allowed)
    total, probabilities, runs = paths.posteriors(scores[paths.move, paths.node].astype(np.float64), opening)
    posterior = np.zeros(scores.shape, np.float32)
    posterior[paths.move, paths.node] = probabilities
    return total, posterior, runs


def decode(band: Band, gains: NDArray[np.float32], allowed: NDArray[np.bool_]) -> list[tuple[int, int, int]]:
    """The path with the greatest sum of gains, as (move, i, j) in order. Raises ValueError where no path is allowed."""
    path = _decode(band.low, band.high, band.start, gains, allowed)
    if not path and band.size > 1:
        raise ValueError("no allowed beads lead from the first node of the band to the last one")
    return [(int(q), int(i), int(j)) for q, i, j in path[::-1]]


def null_probabilities(band: Band, posterior: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """float32 (n,) and (m,): the probability that each segment has no counterpart, wherever on the path its null stands."""
    return _null_probabilities(band.low, band.high, band.start, posterior)  # type: ignore[no-any-return]


@njit(cache=True)
def _null_probabilities(low, high, start, posterior):  # type: ignore[no-untyped-def]
    n, m = len(low) - 1, high[-1]
    sums = np.zeros(n), np.zeros(m)
    for i in range(n + 1):
        for j in range(low[i], high[i] + 1):
            node = start[i] + j - low[i]
            if i < n:
                sums[0][i] += posterior[SOURCE_NULL, node]
            if j < m:
                sums[1][j] += posterior[TARGET_NULL, node]
    return np.minimum(sums[0], 1).astype(np.float32), np.minimum(sums[1], 1).astype(np.float32)


def expected_gains(band: Band, posterior: NDArray[np.float32], bead_cost: float) -> NDArray[np.float32]:
    """What each bead adds to the expected number of strict hits, less `bead_cost` for standing in the denominator."""
    gains = posterior - np.float32(bead_cost)
    _null_gains(band.low, band.high, band.start, *null_probabilities(band, posterior), np.float32(bead_cost), gains)
    return gains


@njit(cache=True)
def _null_gains(low, high, start, source, target, bead_cost, out):  # type: ignore[no-untyped-def]
    """Write what nulls add; one past the last segment has no probability."""
    for i in range(len(low)):
        for j in range(low[i], high[i] + 1):
            node = start[i] + j - low[i]
            out[SOURCE_NULL, node] = (source[i] if i < len(source) else np.float32(0)) - bead_cost
            out[TARGET_NULL, node] = (target[j] if j < len(target) else np.float32(0)) - bead_cost


@njit(cache=True)
def _listed(low, high, start, allowed):  # type: ignore[no-untyped-def]
    """What `Paths` holds."""
    n_nodes = start[-1]
    number = np.zeros(n_nodes, np.int64)  # 1 for nodes that a bead touches, then each one's number among them
    number[0] = number[n_nodes - 1] = 1
    count = 0
    for i in range(len(low)):
        for j in range(low[i], high[i] + 1):
            node = start[i] + j - low[i]
            for q in range(len(MOVES)):
                if allowed[q, node]:
                    count += 1
                    after = i + MOVES[q, 0]
                    number[node] = number[start[after] + j + MOVES[q, 1] - low[after]] = 1
    n_used = 0
    for node in range(n_nodes):
        if number[node]:
            number[node] = n_used
            n_used += 1
    first = np.empty(n_used + 1, np.int64)
    end, move, node_of = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.int64)
    cornered = np.empty(n_used, np.bool_)
    k, used = 0, 0
    for i in range(len(low)):
        for j in range(low[i], high[i] + 1):
            node = start[i] + j - low[i]
            if used == n_used or number[node] != used:
                continue
            first[used] = k
            cornered[used] = j == low[min(i + 1, len(low) - 1)]
            used += 1
            for q in range(len(MOVES)):
                if allowed[q, node]:
                    after = i + MOVES[q, 0]
                    end[k] = number[start[after] + j + MOVES[q, 1] - low[after]]
                    move[k], node_of[k] = q, node
                    k += 1
    first[used] = k
    return first, end, move, node_of, cornered


@leaf
def _log_add(first, second):  # type: ignore[no-untyped-def]
    high, low = max(first, second), min(first, second)
    return high if low <= high - _FAR else high + np.log1p(np.exp(low - high))


@leaf
def _add(greatest, sums, node, state, term):  # type: ignore[no-untyped-def]
    """Add exp(term) to the sum that is kept as exp(greatest) · sums: an exponential for each term, and a logarithm only once all are in."""
    so_far = greatest[node, state]
    if term > so_far:
        sums[node, state] = sums[node, state] * np.exp(so_far - term) + 1
        greatest[node, state] = term
    elif term > so_far - _FAR:
        sums[node, state] += np.exp(term - so_far)


@njit(cache=True)
def _posteriors(start, end, move, cornered, scores, opening, mask):  # type: ignore[no-untyped-def]
    n_nodes = len(start) - 1
    alpha = np.full((n_nodes, 3), _LOW)  # of the terms that lead to a node so far the greatest; their log-sum once all are in
    sums = np.zeros((n_nodes, 3))
    beta = np.full((n_nodes, 3), _LOW)
    any_state = np.full(n_nodes, _LOW)  # log-sum over the states of alpha
    alpha[0, 0], sums[0, 0] = 0.0, 1.0
    for node in range(n_nodes):
        for state in range(3):
            if sums[node, state] > 0:
                alpha[node, state] += np.log(sums[node, state])
        link, source_null, target_null = alpha[node]
        any_state[node] = _log_add(_log_add(link, source_null), target_null)
        if any_state[node] <= _LOW / 2:
            continue
        for k in range(start[node], start[node + 1]):
            if not mask[k]:
                continue
            if move[k] == SOURCE_NULL:
                state = 1
                total = _log_add(link + opening[0], source_null)
                if cornered[node]:
                    total = _log_add(total, target_null + opening[0])
            elif move[k] == TARGET_NULL:
                state = 2
                total = _log_add(_log_add(link, source_null) + opening[1], target_null)
            else:
                state, total = 0, any_state[node]
            _add(alpha, sums, end[k], state, total + scores[k])
    posterior = np.zeros(len(move))
    runs = np.zeros(2)
    total = any_state[n_nodes - 1]
    if total <= _LOW / 2:
        return -np.inf, posterior, runs
    beta[n_nodes - 1, :] = 0.0
    for node in range(n_nodes - 2, -1, -1):
        link, source_null, target_null = alpha[node]
        likeliest = _LOW  # of the links from here, which go on from every state alike
        for k in range(start[node], start[node + 1]):
            if not mask[k]:
                continue
            if move[k] == SOURCE_NULL:
                rest = beta[end[k], 1] + scores[k]
                opened = np.exp(link + opening[0] + rest - total)
                if cornered[node]:
                    opened += np.exp(target_null + opening[0] + rest - total)
                    beta[node, 2] = _log_add(beta[node, 2], rest + opening[0])
                runs[0] += opened
                posterior[k] = opened + np.exp(source_null + rest - total)
                beta[node, 0] = _log_add(beta[node, 0], rest + opening[0])
                beta[node, 1] = _log_add(beta[node, 1], rest)
            elif move[k] == TARGET_NULL:
                rest = beta[end[k], 2] + scores[k]
                opened = np.exp(link + opening[1] + rest - total) + np.exp(source_null + opening[1] + rest - total)
                runs[1] += opened
                posterior[k] = opened + np.exp(target_null + rest - total)
                for state in range(2):
                    beta[node, state] = _log_add(beta[node, state], rest + opening[1])
                beta[node, 2] = _log_add(beta[node, 2], rest)
            else:
                likeliest = max(likeliest, beta[end[k], 0] + scores[k])
        if likeliest <= _LOW / 2:
            continue
        by_links = 0.0
        through = np.exp(any_state[node] + likeliest - total)
        for k in range(start[node], start[node + 1]):
            if mask[k] and move[k] > TARGET_NULL:
                less = beta[end[k], 0] + scores[k] - likeliest
                if less > -_FAR:
                    share = np.exp(less)
                    by_links += share
                    posterior[k] = share * through
        for state in range(3):
            beta[node, state] = _log_add(beta[node, state], likeliest + np.log(by_links))
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
