"""How similar the two sides of every bead of a band are: by sentence vectors, by words, and which beads come into question.

Both tables are filled over the band of nodes from values of single segments over a wider one, in time and memory that
grow with the band.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from aligner.alignment.compiling import leaf
from aligner.alignment.moves import MOVES

ABSENT = np.float32(-2)
"""A cosine that no bead has: there is no such bead."""
LEAST_MARGIN, LEAST_COVERAGE = -0.25, 0.4
"""A link under both is out of the question, unless it is of one segment with one: headings and short answers may resemble nothing."""


@leaf
def node_number(low, high, start, i, j):  # type: ignore[no-untyped-def]
    """The number of node (i, j), or -1 outside the band."""
    if i < 0 or i >= len(low) or j < low[i] or j > high[i]:
        return -1
    return start[i] + j - low[i]


@njit(cache=True)
def allowed_beads(low, high, start, source_part, target_part, source_blank, target_blank):  # type: ignore[no-untyped-def]
    """bool (n_moves, n_nodes): the beads that start at each node, end in the band and cross no part."""
    n, m_ = len(source_part), len(target_part)
    out = np.zeros((len(MOVES), start[-1]), np.bool_)
    for i in range(n + 1):
        for j in range(low[i], high[i] + 1):
            node = start[i] + j - low[i]
            for q in range(len(MOVES)):
                a, b = MOVES[q]
                if i + a > n or j + b > m_ or node_number(low, high, start, i + a, j + b) < 0:
                    continue
                good = True
                if a and b:
                    part = source_part[i]
                    for p in range(i, i + a):
                        good = good and source_part[p] == part and not source_blank[p]
                    for r in range(j, j + b):
                        good = good and target_part[r] == part and not target_blank[r]
                out[q, node] = good
    return out


@njit(cache=True)
def composed_cosines(low, high, start, wide_low, wide_start, singles, source_weight, source_norm, target_weight, target_norm, allowed):  # type: ignore[no-untyped-def]
    """float32 (n_moves, n_nodes): cosine of each bead's spans, a span's vector being the weighted sum of its segments'.

    singles: float32, the cosine of segments (i, j) over the widened band; norms: float32 (LONGEST, n), of the spans' sums.
    """
    out = np.full((len(MOVES), start[-1]), ABSENT, np.float32)
    for i in range(len(low)):
        for j in range(low[i], high[i] + 1):
            node = start[i] + j - low[i]
            for q in range(2, len(MOVES)):
                if not allowed[q, node]:
                    continue
                a, b = MOVES[q]
                total = np.float32(0)
                for p in range(i, i + a):
                    row = wide_start[p] - wide_low[p]
                    across = np.float32(0)
                    for r in range(j, j + b):
                        across += target_weight[r] * singles[row + r]
                    total += source_weight[p] * across
                out[q, node] = total / (source_norm[a - 1, i] * target_norm[b - 1, j])
    return out


@njit(cache=True)
def coverages(low, high, start, wide_low, wide_start, found, mass, other_wide, allowed):  # type: ignore[no-untyped-def]
    """float32 (2, n_moves, n_nodes): share of the source span's word mass found in the target span, and the reverse.

    found: found_mass of both sides over the widened band and its transpose, whose low and start are `other_wide`.
    """
    source_found, target_found = found
    source_mass, target_mass = mass
    t_low, t_start = other_wide
    out = np.zeros((2, len(MOVES), start[-1]), np.float32)
    for i in range(len(low)):
        for j in range(low[i], high[i] + 1):
            node = start[i] + j - low[i]
            for q in range(2, len(MOVES)):
                if not allowed[q, node]:
                    continue
                a, b = MOVES[q]
                covered, whole = np.float32(0), np.float32(1e-6)
                for p in range(i, i + a):
                    covered += source_found[b - 1, wide_start[p] + j - wide_low[p]]
                    whole += source_mass[p]
                out[0, q, node] = covered / whole
                covered, whole = np.float32(0), np.float32(1e-6)
                for r in range(j, j + b):
                    covered += target_found[a - 1, t_start[r] + i - t_low[r]]
                    whole += target_mass[r]
                out[1, q, node] = covered / whole
    return out


@njit(cache=True)
def plausible(low, high, start, allowed, tables, source_hubness, target_hubness):  # type: ignore[no-untyped-def]
    """bool (n_moves, n_nodes): the allowed beads without the links of more than a pair that neither vectors nor words speak for."""
    cosines, coverage = tables
    out = allowed.copy()
    for i in range(len(low)):
        for j in range(low[i], high[i] + 1):
            node = start[i] + j - low[i]
            for q in range(2, len(MOVES)):
                if out[q, node]:
                    a, b = MOVES[q]
                    margin = cosines[q, node] - (source_hubness[a - 1, i] + target_hubness[b - 1, j]) / 2
                    covered = (coverage[0, q, node] + coverage[1, q, node]) / 2
                    one_to_one = MOVES[q, 0] == 1 and MOVES[q, 1] == 1
                    out[q, node] = one_to_one or margin >= LEAST_MARGIN or covered >= LEAST_COVERAGE
    return out


@njit(cache=True)
def best_coverages(found_source, found_target, wide_start, other_wide_start, mass):  # type: ignore[no-untyped-def]
    """float32 (n,) and (m,): the most of each segment's word mass that any single segment of the other side in the widened band covers."""
    best = (np.zeros(len(mass[0]), np.float32), np.zeros(len(mass[1]), np.float32))
    for side in range(2):
        found = found_source if side == 0 else found_target
        start = wide_start if side == 0 else other_wide_start
        for i in range(len(best[side])):
            most = np.float32(0)
            for place in range(start[i], start[i + 1]):
                most = max(most, found[0, place])
            best[side][i] = most / (mass[side][i] + np.float32(1e-6))
    return best
