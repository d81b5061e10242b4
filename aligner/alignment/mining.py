"""Translations in unordered text: exact search in blocks, mutual best by margin, a probability for each pair."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.evidence import NEIGHBOURS, Embed, Segments
from aligner.alignment.pairs import pair_features, pair_probabilities
from aligner.alignment.search import Candidates, mutual_best, nearest

LEAST_COSINE = 0.3
"""Candidates under this cosine are not weighed: among a million lines something is always mutual best."""


class MinedPair(NamedTuple):
    """A source and a target text that translate each other, by number."""

    source: int
    target: int
    probability: float
    cosine: float
    margin: float


def mine_segments(source: Segments, target: Segments, embed: Embed, weights: NDArray[np.float64]) -> list[MinedPair]:
    """The mutual best pairs, the most probable first; each text stands in one pair at most. `embed` is asked for words."""
    found = mutual_best(*nearest(source.vectors, target.vectors, NEIGHBOURS))
    likely = found.cosine >= LEAST_COSINE
    candidates = Candidates(
        found.source[likely], found.target[likely], found.cosine[likely], found.margin[likely], found.gap[likely], found.pool
    )
    probabilities = pair_probabilities(pair_features(candidates, source.texts, target.texts, embed), weights)
    order = np.argsort(-probabilities, kind="stable")
    columns = (candidates.source, candidates.target, probabilities, candidates.cosine, candidates.margin)
    rows = zip(*(column[order].tolist() for column in columns), strict=True)
    return [MinedPair(*row) for row in rows]
