"""Beads judged one by one, as pairs without a context: where the order of the documents proves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.evidence import NEIGHBOURS, Embed, Segments
from aligner.alignment.pairs import pair_features, pair_probabilities
from aligner.alignment.rivals import candidates_of, standing
from aligner.alignment.search import is_large, nearest_targets
from aligner.types import Bead


def judged_alone(
    beads: Sequence[Bead], sides: tuple[Segments, Segments], embed: Embed, weights: NDArray[np.float64], *, sure: int = 0
) -> list[Bead]:
    """The links with their cosines, each probability multiplied by that of being a translation by itself.

    sure: how many other links of these documents are taken to be right; the more, the likelier a doubtful one is right too.
    """
    if not beads:
        return []
    texts = [
        [" ".join(sides[0].texts[i] for i in bead.source) for bead in beads],
        [" ".join(sides[1].texts[j] for j in bead.target) for bead in beads],
    ]
    vectors = [embed(spans) for spans in texts]
    cosine = np.einsum("kd,kd->k", *vectors)
    numbers = np.arange(len(beads))
    partners = [_padded([bead.target for bead in beads]), _padded([bead.source for bead in beads])]
    standings = []
    for k in (0, 1):
        others = sides[1 - k].vectors
        near = nearest_targets(vectors[k], others, NEIGHBOURS, clustered=is_large(vectors[k], others))
        standings.append(standing(near, numbers, partners[k], (vectors[1 - k], others), cosine))
    pool = (len(sides[0].texts), len(sides[1].texts))
    candidates = candidates_of((numbers, numbers), cosine, standings, pool)
    probabilities = pair_probabilities(pair_features(candidates, texts[0], texts[1], embed), weights, sure=sure)
    return [
        replace(bead, probability=bead.probability * p, cosine=c)
        for bead, p, c in zip(beads, probabilities.tolist(), cosine.tolist(), strict=True)
    ]


def _padded(rows: Sequence[tuple[int, ...]]) -> NDArray[np.int64]:
    """The rows as one array, the short ones filled up with their first number."""
    width = max(map(len, rows))
    return np.array([row + row[:1] * (width - len(row)) for row in rows], np.int64)
