"""Exact nearest neighbours between two sets of unit vectors, both ways in one pass, in blocks of bounded memory.

The neighbours' mean similarity (`Neighbours.hubness`) is what margin scoring sets a cosine against: a segment that is
near to everything proves little by being near (Artetxe & Schwenk 2019, https://aclanthology.org/P19-1309).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

BLOCK = 1024
"""Rows and columns multiplied at a time: 4 MB of float32, about a core's share of cache."""


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


def nearest(source: NDArray[np.float32], target: NDArray[np.float32], k: int) -> tuple[Neighbours, Neighbours]:
    """The k nearest targets of every source and the k nearest sources of every target.

    source: float32 (n, dim), target: float32 (m, dim), rows of unit length. Time O(n·m·dim), memory O((n+m)·k).
    A row of zeros (a blank segment) is nobody's neighbour and has none.
    """
    tops = tuple((np.full((len(side), k), -1, np.int32), np.full((len(side), k), -np.inf, np.float32)) for side in (source, target))
    for i in range(0, len(source), BLOCK):
        for j in range(0, len(target), BLOCK):
            products = source[i : i + BLOCK] @ target[j : j + BLOCK].T
            _keep_best(products, i, j, *tops[0], *tops[1])
    source_found, target_found = (Neighbours(indices, np.where(indices >= 0, cosines, 0).astype(np.float32)) for indices, cosines in tops)
    return source_found, target_found


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Pairs of texts that may be translations: parallel arrays."""

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    cosine: NDArray[np.float32]
    margin: NDArray[np.float32]
    """cosine less the mean of both ends' hubness"""
    pool: tuple[int, int]
    """how many texts each side was chosen from"""


def mutual_best(near_source: Neighbours, near_target: Neighbours) -> Candidates:
    """The pairs that are each other's best by margin, by source."""
    pool = (len(near_source.indices), len(near_target.indices))
    if not all(pool):
        return Candidates(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, np.float32), pool)
    margins = near_source.margins(near_target)
    place = np.argmax(margins, axis=1)
    rows = np.arange(pool[0])
    best_target = near_source.indices[rows, place].astype(np.int64)
    best_source = near_target.indices[np.arange(pool[1]), np.argmax(near_target.margins(near_source), axis=1)]
    mutual = (best_target >= 0) & (best_source[best_target] == rows)
    kept = rows[mutual]
    place = place[mutual]
    return Candidates(kept, best_target[mutual], near_source.similarities[kept, place], margins[kept, place], pool)


@njit(cache=True)
def _keep_best(products, first_row, first_column, row_indices, row_best, column_indices, column_best):  # type: ignore[no-untyped-def]
    rows, columns = products.shape
    last = row_best.shape[1] - 1
    for i in range(rows):
        for j in range(columns):
            cosine = products[i, j]
            if cosine == 0:  # exactly 0 only where one side is blank
                continue
            if cosine > row_best[first_row + i, last]:
                _insert(row_indices[first_row + i], row_best[first_row + i], first_column + j, cosine)
            if cosine > column_best[first_column + j, last]:
                _insert(column_indices[first_column + j], column_best[first_column + j], first_row + i, cosine)


@njit(cache=True)
def _insert(indices, best, index, cosine):  # type: ignore[no-untyped-def]
    place = len(best) - 1
    while place > 0 and best[place - 1] < cosine:
        best[place] = best[place - 1]
        indices[place] = indices[place - 1]
        place -= 1
    best[place] = cosine
    indices[place] = index
