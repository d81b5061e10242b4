"""Which beads of a lattice agree with links that are known to be right.

Links that cross fit no monotone path, and some lie outside the band: the longest chain of the others is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from aligner.alignment.band import Band
from aligner.alignment.moves import MOVE_NUMBER, MOVES, fits
from aligner.types import Bead

_FREE, _ALONE = -2, -1
"""In place of the number of a link in the chain: a segment that may be a null or in any bead of such segments, and one that is a null."""


def agreeing(
    band: Band, allowed: NDArray[np.bool_], gold: Sequence[Bead], *, free: tuple[Sequence[int], Sequence[int]] = ((), ())
) -> NDArray[np.bool_]:
    """bool (n_moves, n_nodes): the beads that a path agreeing with gold may take.

    free: source and target segments that gold says nothing of; they may be nulls or align among themselves, as may those of links that
    are not in the chain.
    """
    n, m = len(band.low) - 1, int(band.high[-1])
    chain = [bead for bead in monotone_chain(gold) if (at := place(band, bead)) is not None and allowed[at]]
    source, target = np.full(n, _ALONE, np.int64), np.full(m, _ALONE, np.int64)
    source[list(free[0])] = _FREE
    target[list(free[1])] = _FREE
    for bead in gold:
        if not bead.is_null:
            source[list(bead.source)] = _FREE
            target[list(bead.target)] = _FREE
    for number, bead in enumerate(chain):
        source[list(bead.source)] = number
        target[list(bead.target)] = number
    sizes = np.array([(len(bead.source), len(bead.target)) for bead in chain], np.int64).reshape(-1, 2)
    return _agreeing(band.low, band.high, band.start, allowed, source, target, sizes)  # type: ignore[no-any-return]


@njit(cache=True)
def _agreeing(low, high, start, allowed, source, target, sizes):  # type: ignore[no-untyped-def]
    """As `agreeing`. source, target: int (n,) and (m,), each segment's link, or _FREE or _ALONE; sizes: int (n_links, 2), of each link."""
    out = np.zeros_like(allowed)
    for i in range(len(low)):
        for j in range(low[i], high[i] + 1):
            node = start[i] + j - low[i]
            for q in range(len(MOVES)):
                if not allowed[q, node]:
                    continue
                a, b = MOVES[q]
                if a and b:
                    link = source[i]
                    good = link != _ALONE
                    for p in range(i, i + a):
                        good = good and source[p] == link
                    for r in range(j, j + b):
                        good = good and target[r] == link
                    out[q, node] = good and (link == _FREE or (sizes[link, 0] == a and sizes[link, 1] == b))
                else:
                    out[q, node] = (source[i] if a else target[j]) < 0  # free or alone: its segment is in no link
    return out


def monotone_chain(gold: Sequence[Bead]) -> list[Bead]:
    """The longest chain of links, each contiguous and of a shape the lattice has, that do not cross."""
    links = sorted((bead for bead in gold if not bead.is_null and fits(bead)), key=lambda bead: (bead.source, bead.target))
    length, previous = np.ones(len(links), int), np.full(len(links), -1)
    last_source = np.array([bead.source[-1] for bead in links], int)
    last_target = np.array([bead.target[-1] for bead in links], int)
    for k, bead in enumerate(links):
        before = np.flatnonzero((last_source[:k] < bead.source[0]) & (last_target[:k] < bead.target[0]))
        if len(before):
            best = before[np.argmax(length[before])]
            length[k], previous[k] = length[best] + 1, best
    chain, k = [], int(np.argmax(length)) if len(links) else -1
    while k >= 0:
        chain.append(links[k])
        k = int(previous[k])
    return chain[::-1]


def place(band: Band, bead: Bead) -> tuple[int, int] | None:
    """The move and the node of a link in a table over the band; None where it starts outside or has no shape of the lattice's."""
    if not fits(bead):
        return None
    i, j = bead.source[0], bead.target[0]
    if not band.low[i] <= j <= band.high[i]:
        return None
    return int(MOVE_NUMBER[len(bead.source), len(bead.target)]), int(band.start[i] + j - band.low[i])
