"""Links judged one by one: by what they are as pairs without a context, and, of weak ones, by that and by where they stand.

The lattice learnt from documents that correspond throughout, and links what stands at the same place on both sides for want of better:
rightly where the translation is free, and wrongly where one side has another sentence in the place of the other's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.evidence import NEIGHBOURS, Segments
from aligner.alignment.logistic import log_odds, logistic
from aligner.alignment.pairs import PAIR_FEATURES, pair_features, pair_log_odds, pair_probabilities
from aligner.alignment.rivals import candidates_of, standing
from aligner.alignment.search import is_large, nearest_targets
from aligner.types import Bead, Embed

WEAK = 0.35
"""The cosine under which a link is weak."""
WEAK_FEATURES = (
    "intercept",
    "log_odds",  # of the link in the lattice
    "cosine",
    "by_itself",  # log odds that it is a translation, as a pair without a context
    "shortness",
    "cosine*shortness",
    "by_itself*shortness",
)
AS_THE_LATTICE = np.array([name == "log_odds" for name in WEAK_FEATURES], np.float64)
"""Weights that leave weak links as probable as the lattice has them."""
_LEAST = 1e-4
"""The least probability in the lattice that is told from smaller ones."""


def judged_alone(
    links: Sequence[Bead], sides: tuple[Segments, Segments], embed: Embed, weights: NDArray[np.float64], *, sure: int = 0
) -> list[Bead]:
    """The links with their cosines, each probability multiplied by that of being a translation by itself.

    weights: float64 (len(PAIR_WEIGHTS),). sure: how many other links of these documents are taken to be right; the more, the likelier a
    doubtful one is right too.
    """
    if not links:
        return []
    features, cosine = _as_pairs(links, sides, embed)
    probabilities = pair_probabilities(features, weights, sure=sure)
    return [
        replace(link, probability=link.probability * p, cosine=c)
        for link, p, c in zip(links, probabilities.tolist(), cosine.tolist(), strict=True)
    ]


def judged_in_place(
    links: Sequence[Bead], sides: tuple[Segments, Segments], embed: Embed, pairs: NDArray[np.float64], weak: NDArray[np.float64]
) -> list[Bead]:
    """The links, of monotone alignments, with the probabilities that weak ones of theirs have.

    pairs: float64 (len(PAIR_WEIGHTS),), weights by which pairs are judged; weak: float64 (len(WEAK_FEATURES),), of the logistic model of
    weak links.
    """
    if not links:
        return []
    probabilities = logistic(weak_features(links, sides, embed, pairs) @ weak)
    return [replace(link, probability=p) for link, p in zip(links, probabilities.tolist(), strict=True)]


def weak_features(links: Sequence[Bead], sides: tuple[Segments, Segments], embed: Embed, pairs: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (n_links, len(WEAK_FEATURES)); pairs: float64 (len(PAIR_WEIGHTS),), weights by which pairs are judged."""
    features, cosine = _as_pairs(links, sides, embed)
    shortness = features[:, PAIR_FEATURES.index("shortness")]
    by_itself = pair_log_odds(features, pairs)
    columns: dict[str, NDArray[np.floating]] = {
        "intercept": np.ones(len(links)),
        "log_odds": log_odds(np.array([link.probability for link in links]), _LEAST),
        "cosine": cosine,
        "by_itself": by_itself,
        "shortness": shortness,
        "cosine*shortness": cosine * shortness,
        "by_itself*shortness": by_itself * shortness,
    }
    return np.stack([columns[name] for name in WEAK_FEATURES], axis=1)


def _as_pairs(links: Sequence[Bead], sides: tuple[Segments, Segments], embed: Embed) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """float64 (n_links, len(PAIR_FEATURES)) and the cosines, float32 (n_links,), of the links as pairs among the segments of both sides."""
    texts = [
        [" ".join(sides[0].texts[i] for i in link.source) for link in links],
        [" ".join(sides[1].texts[j] for j in link.target) for link in links],
    ]
    vectors = [embed(spans) for spans in texts]
    cosine = np.einsum("kd,kd->k", *vectors)
    numbers = np.arange(len(links))
    partners = [_padded([link.target for link in links]), _padded([link.source for link in links])]
    standings = []
    for k in (0, 1):
        others = sides[1 - k].vectors
        near = nearest_targets(vectors[k], others, NEIGHBOURS, clustered=is_large(vectors[k], others))
        standings.append(standing(near, numbers, partners[k], (vectors[1 - k], others), cosine))
    candidates = candidates_of((numbers, numbers), cosine, standings, (len(sides[0].texts), len(sides[1].texts)))
    return pair_features(candidates, texts[0], texts[1], embed), cosine


def _padded(rows: Sequence[tuple[int, ...]]) -> NDArray[np.int64]:
    """The rows as one array, the short ones filled up with their first number."""
    width = max(map(len, rows))
    return np.array([row + row[:1] * (width - len(row)) for row in rows], np.int64)
