"""Exact nearest neighbours between two sets of unit vectors, both ways in one pass, in blocks of bounded memory.

The neighbours' mean similarity (`Neighbours.hubness`) is what margin scoring sets a cosine against: a segment that is
near to everything proves little by being near (Artetxe & Schwenk 2019, https://aclanthology.org/P19-1309).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from aligner.alignment.compiling import leaf

BLOCK = 1024
"""Rows and columns multiplied at a time: 4 MB of float32, about a core's share of cache."""
ALL_PAIRS = 8_000_000
"""Pairs up to which all are compared: below, finding clusters takes as long."""
CLUSTERS, MEMBERSHIPS = 1.5, 4
"""Clusters for each square root of the number of texts, and how many of them a text belongs to."""
SAMPLE, ROUNDS = 16, 2
"""Texts of each side that k-means looks at for every cluster, and its rounds."""


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The k nearest vectors of the other side, nearest first; places that stay empty hold -1 and similarity 0."""

    indices: NDArray[np.int32]
    """(n, k)"""
    similarities: NDArray[np.float32]
    """(n, k), cosines"""

    @property
    def hubness(self) -> NDArray[np.float32]:
        """float32 (n,): mean cosine of the neighbours there are."""
        found = np.maximum((self.indices >= 0).sum(axis=1), 1)
        return (self.similarities.sum(axis=1) / found).astype(np.float32)

    def margins(self, other: Neighbours) -> NDArray[np.float32]:
        """float32 (n, k): each cosine less the mean of both ends' hubness; -1 where there is no neighbour."""
        if not len(other.indices):
            return np.full(self.similarities.shape, -1, np.float32)
        both = (self.hubness[:, None] + other.hubness[self.indices]) / 2
        return np.where(self.indices >= 0, self.similarities - both, np.float32(-1))

    def best_but(self, rows: NDArray[np.int64], excepted: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32 (n_rows,): each row's best cosine with a neighbour that is not among its `excepted`, int (n_rows, any); 0 without one."""
        others = (self.indices[rows][:, :, None] != excepted[:, None, :]).all(axis=2) & (self.indices[rows] >= 0)
        return np.where(others, self.similarities[rows], 0).max(axis=1, initial=0).astype(np.float32)


def is_large(source: NDArray[np.float32], target: NDArray[np.float32]) -> bool:
    """Whether a search by clusters is quicker than one among all pairs."""
    return len(source) * len(target) > ALL_PAIRS


def nearest(
    source: NDArray[np.float32], target: NDArray[np.float32], k: int, *, least: float = -np.inf, clustered: bool = False
) -> tuple[Neighbours, Neighbours]:
    """The k nearest targets of every source and the k nearest sources of every target, of those with a cosine over `least`.

    source: float32 (n, dim), target: float32 (m, dim), rows of unit length. Time O(n·m·dim), memory O((n+m)·k).
    With `clustered`, only texts that share a cluster are compared: some neighbours are missed, those that are found have
    their exact cosines, and time is O((n+m)^1.5·dim). A row of zeros (a blank segment) is nobody's neighbour and has none.
    """
    tops = _unfilled(len(source), k, least), _unfilled(len(target), k, least)
    _search(source, target, *tops, clustered=clustered)
    return _neighbours(tops[0]), _neighbours(tops[1])


def nearest_targets(
    source: NDArray[np.float32], target: NDArray[np.float32], k: int, *, least: float = -np.inf, clustered: bool = False
) -> Neighbours:
    """What `nearest` finds for every source alone."""
    tops = _unfilled(len(source), k, least)
    _search(source, target, tops, _unfilled(len(target), 1, np.inf), clustered=clustered)  # no cosine is greater
    return _neighbours(tops)


_Tops = tuple[NDArray[np.int32], NDArray[np.float32]]
"""Numbers and cosines, (n, k), of the best that have been found."""


def _unfilled(n: int, k: int, least: float) -> _Tops:
    return np.full((n, k), -1, np.int32), np.full((n, k), least, np.float32)


def _neighbours(tops: _Tops) -> Neighbours:
    indices, cosines = tops
    return Neighbours(indices, np.where(indices >= 0, cosines, np.float32(0)))


def _search(source: NDArray[np.float32], target: NDArray[np.float32], tops: _Tops, target_tops: _Tops, *, clustered: bool) -> None:
    """Fill both sides' best in place, block by block."""
    groups = shared_clusters(source, target) if clustered else [(np.arange(len(source)), np.arange(len(target)))]
    for rows, columns in groups:
        for i in range(0, len(rows), BLOCK):
            left = source[rows[i : i + BLOCK]] if clustered else source[i : i + BLOCK]
            for j in range(0, len(columns), BLOCK):
                right = target[columns[j : j + BLOCK]] if clustered else target[j : j + BLOCK]
                _keep_best(left @ right.T, rows[i:], columns[j:], *tops, *target_tops, clustered)


def shared_clusters(source: NDArray[np.float32], target: NDArray[np.float32]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """For each cluster of both sides' vectors the sources and the targets that belong to it, increasing.

    Every vector belongs to the MEMBERSHIPS clusters that are nearest to it. Their centres come from k-means on unit vectors
    (Dhillon & Modha 2001) over a part of them.
    """
    count = max(1, int(np.sqrt(len(source) + len(target)) * CLUSTERS))
    sample = np.concatenate([side[:: max(1, len(side) // (count * SAMPLE))] for side in (source, target)])
    centres = sample[:: max(1, len(sample) // count)]
    for _ in range(ROUNDS):
        label = nearest_targets(sample, centres, 1).indices[:, 0]
        sums = (label == np.arange(len(centres))[:, None]).astype(np.float32) @ sample
        centres = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)
    members = []
    for side in (source, target):
        label = nearest_targets(side, centres, MEMBERSHIPS).indices
        order = np.argsort(label, axis=None, kind="stable")
        starts = np.searchsorted(label.ravel()[order], np.arange(len(centres) + 1))
        members.append((order // MEMBERSHIPS, starts))
    for cluster in range(len(centres)):
        rows, columns = (order[starts[cluster] : starts[cluster + 1]] for order, starts in members)
        yield rows, columns


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Pairs of texts that may be translations: parallel arrays."""

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    cosine: NDArray[np.float32]
    margin: NDArray[np.float32]
    """cosine less the mean of both ends' hubness"""
    gap: NDArray[np.float32]
    """cosine less the best that either end has with another text"""
    pool: tuple[int, int]
    """how many texts each side was chosen from"""


Margins = tuple[NDArray[np.float32], NDArray[np.float32]]
"""What `Neighbours.margins` gives for either side."""


def both_margins(near_source: Neighbours, near_target: Neighbours) -> Margins:
    """The margins of both sides' neighbours."""
    return near_source.margins(near_target), near_target.margins(near_source)


def mutual_best(near_source: Neighbours, near_target: Neighbours, margins: Margins | None = None) -> Candidates:
    """The pairs that are each other's best by margin, by source. margins: those of the neighbours, where they are known already."""
    pool = (len(near_source.indices), len(near_target.indices))
    if not all(pool):
        nothing, none = np.zeros(0, np.int64), np.zeros(0, np.float32)
        return Candidates(nothing, nothing, none, none, none, pool)
    margins = margins or both_margins(near_source, near_target)
    best = [_best(near, margin) for near, margin in zip((near_source, near_target), margins, strict=True)]
    rows = np.arange(pool[0])
    mutual = (best[0] >= 0) & (best[1][best[0]] == rows)
    source, target = rows[mutual], best[0][mutual]
    place = np.argmax(near_source.indices[source] == target[:, None], axis=1)
    cosine = near_source.similarities[source, place]
    rival = np.maximum(near_source.best_but(source, target[:, None]), near_target.best_but(target, source[:, None]))
    return Candidates(source, target, cosine, margins[0][source, place], cosine - rival, pool)


def _best(near: Neighbours, margins: NDArray[np.float32]) -> NDArray[np.int64]:
    """int64 (n,): each one's neighbour of the best margin, -1 where it has none."""
    place = np.argmax(margins, axis=1)
    return near.indices[np.arange(len(place)), place].astype(np.int64)


@njit(cache=True)
def _keep_best(products, row_numbers, column_numbers, row_indices, row_best, column_indices, column_best, again):  # type: ignore[no-untyped-def]
    """Put the cosines of a block among the best of their sources (rows) and of their targets (columns), in place."""
    rows, columns = products.shape
    last, last_of_column = row_best.shape[1] - 1, column_best.shape[1] - 1
    floors = np.empty(columns, np.float32)  # what a column's next best has to exceed, side by side: looked at for every product
    for j in range(columns):
        floors[j] = column_best[column_numbers[j], last_of_column]
    for i in range(rows):
        row = row_numbers[i]
        floor = row_best[row, last]
        for j in range(columns):
            cosine = products[i, j]
            if (cosine > floor or cosine > floors[j]) and cosine != 0:  # exactly 0 only where one side is blank
                column = column_numbers[j]
                if cosine > floor:
                    _insert(row_indices, row_best, row, column, cosine, again)
                    floor = row_best[row, last]
                if cosine > floors[j]:
                    _insert(column_indices, column_best, column, row, cosine, again)
                    floors[j] = column_best[column, last_of_column]


@leaf
def _insert(indices, best, row, index, cosine, again):  # type: ignore[no-untyped-def]
    """Put `index` among the row's best, which are in order; where it may come `again`, for two texts may share several clusters, once."""
    last = best.shape[1] - 1
    if again:
        for place in range(last):
            if indices[row, place] == index:
                return
    place = last
    while place > 0 and best[row, place - 1] < cosine:
        best[row, place] = best[row, place - 1]
        indices[row, place] = indices[row, place - 1]
        place -= 1
    best[row, place] = cosine
    indices[row, place] = index
