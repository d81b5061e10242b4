"""A bead set against its neighbours: would it be better one segment longer, or shorter?

Compiled code: a table holds a value for each move and node of a band, (n_moves, n_nodes), of which `band` tells low, high and start; the
bead is the a-b one at (i, j).
"""

from __future__ import annotations

import numpy as np

from aligner.alignment.compiling import leaf
from aligner.alignment.moves import MOVE_NUMBER
from aligner.alignment.similarities import ABSENT, node_number


@leaf
def _neighbour(table, band, i, j, a, b):  # type: ignore[no-untyped-def]
    """table's value for the a-b bead at (i, j), ABSENT where there is none."""
    q = MOVE_NUMBER[a, b]
    if q < 0:
        return ABSENT
    node = node_number(*band, i, j)
    return ABSENT if node < 0 else table[q, node]


@leaf
def best_longer(table, band, i, j, a, b):  # type: ignore[no-untyped-def]
    """The best value of a bead with one more segment at an edge of either side; ABSENT where there is none."""
    best = _neighbour(table, band, i - 1, j, a + 1, b)
    best = max(best, _neighbour(table, band, i, j, a + 1, b))
    best = max(best, _neighbour(table, band, i, j - 1, a, b + 1))
    return max(best, _neighbour(table, band, i, j, a, b + 1))


@leaf
def best_shorter(table, band, i, j, a, b):  # type: ignore[no-untyped-def]
    """The best value of a bead without a segment at an edge; ABSENT where there is none."""
    best = ABSENT
    if a > 1:
        best = max(best, _neighbour(table, band, i, j, a - 1, b))
        best = max(best, _neighbour(table, band, i + 1, j, a - 1, b))
    if b > 1:
        best = max(best, _neighbour(table, band, i, j, a, b - 1))
        best = max(best, _neighbour(table, band, i, j + 1, a, b - 1))
    return best


@leaf
def weakest_source(coverage, band, i, j, a, b):  # type: ignore[no-untyped-def]
    """0..1: how much is covered of the source segment of which the least is."""
    weakest = np.float32(1)
    for p in range(i, i + a):
        weakest = min(weakest, _neighbour(coverage[0], band, p, j, 1, b))
    return max(weakest, np.float32(0))


@leaf
def weakest_target(coverage, band, i, j, a, b):  # type: ignore[no-untyped-def]
    """The same of the target."""
    weakest = np.float32(1)
    for r in range(j, j + b):
        weakest = min(weakest, _neighbour(coverage[1], band, i, r, a, 1))
    return max(weakest, np.float32(0))


@leaf
def gain_of_longer(coverage, band, i, j, a, b, covered):  # type: ignore[no-untyped-def]
    """0..1: the share of either side's words that it would find one segment further along the other."""
    gain = np.float32(0)
    for q_longer, i_longer, j_longer, which in (
        (MOVE_NUMBER[a, b + 1], i, j - 1, 0),
        (MOVE_NUMBER[a, b + 1], i, j, 0),
        (MOVE_NUMBER[a + 1, b], i - 1, j, 1),
        (MOVE_NUMBER[a + 1, b], i, j, 1),
    ):
        if q_longer >= 0:
            other = node_number(*band, i_longer, j_longer)
            if other >= 0:
                gain = max(gain, coverage[which, q_longer, other] - covered[which])
    return gain


@leaf
def loss_of_shorter(coverage, band, i, j, a, b, covered):  # type: ignore[no-untyped-def]
    """The least share of words that the other side would lose if an edge segment of a bead of several were left out."""
    loss = np.float32(1)
    if b > 1:
        loss = min(loss, covered[0] - _neighbour(coverage[0], band, i, j, a, b - 1))
        loss = min(loss, covered[0] - _neighbour(coverage[0], band, i, j + 1, a, b - 1))
    if a > 1:
        loss = min(loss, covered[1] - _neighbour(coverage[1], band, i, j, a - 1, b))
        loss = min(loss, covered[1] - _neighbour(coverage[1], band, i + 1, j, a - 1, b))
    return loss
