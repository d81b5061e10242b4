"""How a candidate stands against its rivals: the other texts that either of its ends is near to.

A text that says the same as the partner is no rival: pools repeat themselves, and copies of the right answer prove nothing
against it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.blocks import Vectors, spans
from aligner.alignment.search import Candidates, Neighbours, mutual_best

SAME = 0.95
"""Cosine from which two texts of one side say the same."""
_BLOCK = 2048


Standing = tuple[NDArray[np.float32], NDArray[np.float32]]
"""For each candidate the mean cosine of one end with its partner and rivals, and the best with a rival, 0 without one: float32 (n,)."""


def standing_candidates(near: tuple[Neighbours, Neighbours], vectors: tuple[Vectors, Vectors]) -> Candidates:
    """The mutual best pairs, with margins and gaps by their rivals. vectors: float32 (n, dim) of both sides."""
    found = mutual_best(*near)
    ends = (found.source, found.target)
    standings = []
    for k in (0, 1):
        blocks = [(np.zeros(0, np.float32), np.zeros(0, np.float32))]
        for part in spans(len(found.cosine), _BLOCK):  # for each candidate brings its neighbours' vectors
            partners = ends[1 - k][part]
            blocks.append(
                standing(near[k], ends[k][part], partners[:, None], (vectors[1 - k][partners], vectors[1 - k]), found.cosine[part])
            )
        standings.append((np.concatenate([hubness for hubness, _ in blocks]), np.concatenate([best for _, best in blocks])))
    return candidates_of(ends, found.cosine, standings, found.pool)


def candidates_of(
    ends: tuple[NDArray[np.int64], NDArray[np.int64]], cosine: NDArray[np.float32], standings: Sequence[Standing], pool: tuple[int, int]
) -> Candidates:
    """Candidates whose margin is over the mean, and whose gap is to the best rival, of the standings of both ends."""
    (hubness, best), (hubness_back, best_back) = standings
    return Candidates(*ends, cosine, cosine - (hubness + hubness_back) / np.float32(2), cosine - np.maximum(best, best_back), pool)


def standing(
    near: Neighbours,
    rows: NDArray[np.int64],
    partners: NDArray[np.int64],
    vectors: tuple[NDArray[np.float32], Vectors],
    cosine: NDArray[np.float32],
) -> Standing:
    """How one end of each candidate stands.

    near: neighbours of the rows on the other side. partners: int (n, any), members of each one's partner, which are no rivals.
    vectors: of the partners, float32 (n, dim), and of the other side. cosine: float32 (n,), with the partner.
    """
    indices, cosines = near.indices[rows], near.similarities[rows]
    likeness = np.einsum("nkd,nd->nk", vectors[1][indices], vectors[0])
    rival = (indices >= 0) & (likeness < SAME) & (indices[:, :, None] != partners[:, None, :]).all(axis=2)
    hubness = (np.where(rival, cosines, 0).sum(axis=1) + cosine) / (rival.sum(axis=1) + 1)
    return hubness.astype(np.float32), np.where(rival, cosines, 0).max(axis=1, initial=0).astype(np.float32)
