"""Where an alignment may run: anchors between two documents, and a band of lattice nodes around their chain.

A node (i, j) stands before source segment i and target segment j; a bead leads from one node to a later one. The band
holds, for every i, one interval of j. Its size grows with the documents' length, not with its square.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from aligner.alignment.moves import fits
from aligner.alignment.search import Margins, Neighbours, mutual_best
from aligner.types import Bead

FULL_LATTICE = 20_000
"""Nodes up to which a pair of documents needs no band."""
SLACK = 7
"""Nodes the band reaches beyond its anchors on either side: more than the longest bead."""
LARGEST_GAP = 40_000
"""Nodes up to which the space between two anchors lies in the band whole."""
MIN_ANCHOR_COSINE = 0.35
MIN_ANCHOR_MARGIN = 0.05
KNOWN = 0.6
"""Margin that a link known to be right has as an anchor: that of two or three others, so that it stands against the errors of a search,
and yet a link of a passage that was moved does not bring the order of all between into disorder."""


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """For every i in 0..n the nodes (i, low[i]) to (i, high[i]), both in the band; both bounds never decrease."""

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    start: NDArray[np.int64]
    """(n+2,): node (i, j) has number start[i] + j - low[i]; start[-1] is how many nodes there are."""

    @classmethod
    def of_bounds(cls, low: NDArray[np.int64], high: NDArray[np.int64]) -> Band:
        """The band between two bounds, int (n+1,) each."""
        return cls(low, high, np.concatenate([[0], np.cumsum(high - low + 1)]).astype(np.int64))

    @property
    def size(self) -> int:
        """How many nodes it holds."""
        return int(self.start[-1])

    def widened(self, reach: int, n_target: int) -> Band:
        """The band with `reach` more nodes above, below, left and right of every one of its own, within the lattice."""
        low, high = self.low.copy(), self.high.copy()
        rows = len(low)
        for shift in range(1, min(reach, rows - 1) + 1):
            low[shift:] = np.minimum(low[shift:], self.low[:-shift])
            high[:-shift] = np.maximum(high[:-shift], self.high[shift:])
        return Band.of_bounds(np.maximum(low - reach, 0), np.minimum(high + reach, n_target))

    def transposed(self, n_target: int) -> Band:
        """The same nodes with the two sides exchanged."""
        columns = np.arange(n_target + 1)
        low = np.searchsorted(self.high, columns, side="left")
        high = np.searchsorted(self.low, columns, side="right") - 1
        return Band.of_bounds(low.astype(np.int64), high.astype(np.int64))


def anchors(source: Neighbours, target: Neighbours, known: Sequence[Bead] = (), margins: Margins | None = None) -> NDArray[np.int64]:
    """Pairs of segments that are each other's best by margin and do not cross: int (n_anchors, 2), in order.

    Of all mutual best pairs the increasing chain with the greatest sum of margins is kept. known: beads that are right; a pair with a
    segment of theirs is none, and links that fit the lattice join by their first segments, unless they cross what weighs more.
    margins: those of the neighbours, where they are known already.
    """
    pairs = mutual_best(source, target, margins)
    kept = (pairs.margin >= MIN_ANCHOR_MARGIN) & (pairs.cosine >= MIN_ANCHOR_COSINE)
    rows, columns, weights = pairs.source[kept], pairs.target[kept], pairs.margin[kept].astype(np.float64)
    if known:
        taken = ([i for bead in known for i in bead.source], [j for bead in known for j in bead.target])
        links = [bead for bead in known if not bead.is_null and fits(bead)]
        other = ~(np.isin(rows, taken[0]) | np.isin(columns, taken[1]))
        rows = np.concatenate([rows[other], np.array([bead.source[0] for bead in links], np.int64)])
        columns = np.concatenate([columns[other], np.array([bead.target[0] for bead in links], np.int64)])
        weights = np.concatenate([weights[other], np.full(len(links), KNOWN)])
        order = np.argsort(rows)
        rows, columns, weights = rows[order], columns[order], weights[order]
    chain = heaviest_chain(columns, weights, len(target.indices))
    return np.stack([rows[chain], columns[chain]], axis=1)


def band_around(chain: NDArray[np.int64], n_source: int, n_target: int) -> Band:
    """The band around a chain of anchors, gaps between them included.

    A gap of more than LARGEST_GAP nodes holds no pair that search found: there the band is the path that leaves the
    gap's source segments alone first, then its target segments.
    """
    if (n_source + 1) * (n_target + 1) <= FULL_LATTICE:
        return full_band(n_source, n_target)
    low, high = np.zeros(n_source + 1, np.int64), np.zeros(n_source + 1, np.int64)
    row, column = 0, 0
    for next_row, next_column in [*chain.tolist(), (n_source, n_target)]:
        inside = slice(row, next_row + 1)
        if (next_row - row + 1) * (next_column - column + 1) <= LARGEST_GAP:
            low[inside], high[inside] = column, next_column
        else:
            low[inside], high[inside] = column, column
            high[next_row] = next_column
        row, column = next_row + 1, next_column + 1
    return Band.of_bounds(low, high).widened(SLACK, n_target)


def full_band(n_source: int, n_target: int) -> Band:
    """Every node there is."""
    return Band.of_bounds(np.zeros(n_source + 1, np.int64), np.full(n_source + 1, n_target, np.int64))


def band_of_parts(source_parts: NDArray[np.int64], target_parts: NDArray[np.int64]) -> Band:
    """The band in which each part of the source meets the same part of the target and nothing else.

    source_parts, target_parts: int (n,) and (m,), the part of every segment, never decreasing.
    """
    before = np.concatenate([[-1], source_parts])  # the part that ends, or goes on, at each node
    after = np.concatenate([source_parts, [max(source_parts.max(initial=-1), target_parts.max(initial=-1)) + 1]])
    low = np.searchsorted(target_parts, before, side="left")
    high = np.searchsorted(target_parts, after, side="right")
    low[0], high[-1] = 0, len(target_parts)
    return Band.of_bounds(low.astype(np.int64), high.astype(np.int64))


@njit(cache=True)
def heaviest_chain(columns, weights, n_columns):  # type: ignore[no-untyped-def]
    """Indices of the increasing subsequence of `columns` with the greatest sum of weights (a Fenwick tree of maxima)."""
    total, at = np.zeros(n_columns + 1), np.full(n_columns + 1, -1)
    sums, previous = np.zeros(len(columns)), np.full(len(columns), -1)
    for k in range(len(columns)):
        best, before = 0.0, -1
        node = columns[k]  # 1-based prefix that ends before this column
        while node > 0:
            if total[node] > best:
                best, before = total[node], at[node]
            node -= node & -node
        sums[k], previous[k] = best + weights[k], before
        node = columns[k] + 1
        while node <= n_columns:
            if sums[k] > total[node]:
                total[node], at[node] = sums[k], k
            node += node & -node
    chain = []
    k = -1
    for candidate in range(len(columns)):
        if k < 0 or sums[candidate] > sums[k]:
            k = candidate
    while k >= 0:
        chain.append(k)
        k = previous[k]
    return np.array(chain[::-1], dtype=np.int64)
