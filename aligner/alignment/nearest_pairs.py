"""The nearest vectors of another set as pairs in no order, for what asks for many of them: the words that a word may correspond to.

To keep the best two dozen in order takes longer than to compare all; to find where they begin does not.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from aligner.alignment.compiling import leaf
from aligner.alignment.search import BLOCK, is_large, nearest_targets

_STEPS = 64
"""Into which the cosines over the least are sorted, to find the step that the last one taken lies on."""

Pairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]
"""Rows of the one set, rows of the other, and cosines."""


def nearest_pairs(source: NDArray[np.float32], target: NDArray[np.float32], k: int, least: float) -> Pairs:
    """The k nearest targets of every source, of those with a cosine over `least` (0 at least), by source: of equal ones the first.

    As `nearest_targets` finds them, by clusters where there are many.
    """
    if is_large(source, target):
        near = nearest_targets(source, target, k, least=least, clustered=True)
        row, slot = np.nonzero(near.indices >= 0)
        return row, near.indices[row, slot].astype(np.int64), near.similarities[row, slot]
    step = BLOCK * BLOCK // max(1, len(target))
    parts = [_greatest(source[first : first + step] @ target.T, first, k, np.float32(least)) for first in range(0, len(source), step)]
    if len(parts) == 1:
        return parts[0]  # type: ignore[no-any-return]
    rows, columns, cosines = zip(*parts, strict=True) if parts else ((), (), ())
    nothing, none = np.zeros(0, np.int64), np.zeros(0, np.float32)
    return np.concatenate([nothing, *rows]), np.concatenate([nothing, *columns]), np.concatenate([none, *cosines])


@njit(cache=True)
def _greatest(products, first, most, least):  # type: ignore[no-untyped-def]
    """The pairs of a block of products, whose rows are numbered from `first` on."""
    rows, columns = products.shape
    room = rows * min(most, columns) + 1  # one more is written and not counted
    row, column, cosine = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.float32)
    counts = np.zeros(_STEPS, np.int64)
    numbers, best = np.empty(most, np.int64), np.empty(most, np.float32)
    count = 0
    for i in range(rows):
        over = 0
        for j in range(columns):
            over += products[i, j] > least
        step, wanted = -1, 0  # those over this step are taken, and so many of it
        if over > most:
            counts[:] = 0
            for j in range(columns):
                counts[_step(products[i, j], least)] += 1
            step, wanted = _STEPS - 1, most
            while counts[step] < wanted:
                wanted -= counts[step]
                step -= 1
        best[:wanted] = least
        for j in range(columns):
            product = products[i, j]
            on = _step(product, least)
            row[count], column[count], cosine[count] = first + i, j, product
            count += (on > step) & (product > least)  # a branch would be guessed wrong too often
            if on == step and product > best[wanted - 1]:
                _insert(numbers, best, wanted, j, product)
        for place in range(wanted):
            row[count], column[count], cosine[count] = first + i, numbers[place], best[place]
            count += 1
    return row[:count], column[:count], cosine[:count]


@leaf
def _step(product, least):  # type: ignore[no-untyped-def]
    share = (product - least) / (np.float32(1) - least)
    return min(max(np.int32(share * np.float32(_STEPS)), np.int32(0)), np.int32(_STEPS - 1))


@leaf
def _insert(numbers, best, wanted, number, product):  # type: ignore[no-untyped-def]
    """Put the number among the `wanted` best, which are in order, after its equals."""
    place = wanted - 1
    while place > 0 and best[place - 1] < product:
        best[place], numbers[place] = best[place - 1], numbers[place - 1]
        place -= 1
    best[place], numbers[place] = product, number
