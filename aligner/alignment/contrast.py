"""A bead set against its neighbours: would it be better one segment longer, or shorter?

Compiled code: a table holds a value for each move and node of a band, (n_moves, n_nodes), of which `band` tells low, high and start; the
bead is the a-b one at (i, j), and `covered` the shares of its words that are covered. What asks for the same neighbours is one function:
it runs for every bead of a draft.
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
def against_longer(cosines, coverage, band, i, j, a, b, covered):  # type: ignore[no-untyped-def]
    """The best cosine with one more segment at an edge of either side, ABSENT where there is none; and the share of either side's words,
    0..1, that it would find one segment further along the other."""
    low, high, start = band
    best, gain = ABSENT, np.float32(0)
    here = start[i] + j - low[i]
    q = MOVE_NUMBER[a + 1, b]
    if q >= 0:
        best, gain = max(best, cosines[q, here]), max(gain, coverage[1, q, here] - covered[1])
        if i > 0 and low[i - 1] <= j <= high[i - 1]:
            above = start[i - 1] + j - low[i - 1]
            best, gain = max(best, cosines[q, above]), max(gain, coverage[1, q, above] - covered[1])
    q = MOVE_NUMBER[a, b + 1]
    if q >= 0:
        best, gain = max(best, cosines[q, here]), max(gain, coverage[0, q, here] - covered[0])
        if j > low[i]:
            best, gain = max(best, cosines[q, here - 1]), max(gain, coverage[0, q, here - 1] - covered[0])
    return best, gain


@leaf
def against_shorter(cosines, coverage, band, i, j, a, b, covered):  # type: ignore[no-untyped-def]
    """The best cosine of a bead without a segment at an edge, ABSENT where there is none; and the least share of words that the other
    side would lose if that segment were left out."""
    low, high, start = band
    best, loss = ABSENT, np.float32(1)
    here = start[i] + j - low[i]
    if a > 1:
        q = MOVE_NUMBER[a - 1, b]
        best, loss = max(best, cosines[q, here]), min(loss, covered[1] - coverage[1, q, here])
        if low[i + 1] <= j <= high[i + 1]:
            below = start[i + 1] + j - low[i + 1]
            best, loss = max(best, cosines[q, below]), min(loss, covered[1] - coverage[1, q, below])
    if b > 1:
        q = MOVE_NUMBER[a, b - 1]
        best, loss = max(best, cosines[q, here]), min(loss, covered[0] - coverage[0, q, here])
        if j < high[i]:
            best, loss = max(best, cosines[q, here + 1]), min(loss, covered[0] - coverage[0, q, here + 1])
    return best, loss


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
