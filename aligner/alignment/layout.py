"""What a page's layout says for a link: whether it stands where the links around it would have it.

Where a page holds a text and its translation, links keep the order of both, and on many pages each paragraph stands beside
its translation. How far that is so here, the sure links tell; where there is none, no link gets such help.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.logistic import fit_logistic, log_odds, logistic
from aligner.types import Bead

LAYOUT_FEATURES = ("intercept", "alone", "in_order", "enclosed", "on_path", "between", "beside", "apart")
BEFORE, AFTER = 0, 1

AROUND = 10
"""Links before, and links after, that tell how the page is laid out around a link: pages may be put together of several layouts."""
FEW = 1.5
"""Links' worth of belief, before and after each, that they tell nothing."""
ROUNDS = 3
"""How often belief in the links is renewed from belief in those around them; two rounds more change nothing."""
LEAST_DOUBT, LEAST_PATH_DOUBT = 3e-4, 2.5e-3
"""No link is surer than this by itself, nor by its place on the path."""


class Placed(NamedTuple):
    """The links that a page might hold, by source and then target, and what is known of each."""

    spans: NDArray[np.int64]
    """(n_links, 2, 2): first and last source, first and last target, among the distinct texts of each language"""
    alone: NDArray[np.float64]
    """(n_links,): probability of being a translation by itself"""
    on_path: NDArray[np.float64]
    """(n_links,): probability of the link among the alignments of all the page's texts in order; 0 off the likeliest of them"""
    beside: NDArray[np.bool_]
    """(n_links,): whether source and target stand in one paragraph or in two that follow each other"""

    @classmethod
    def of(cls, links: Sequence[Bead], on_path: Sequence[float], beside: Sequence[bool]) -> Placed:
        """The same from links, ordered, with their probabilities of being translations by themselves."""
        spans = [((link.source[0], link.source[-1]), (link.target[0], link.target[-1])) for link in links]
        return cls(
            np.array(spans, np.int64).reshape(-1, 2, 2),
            np.array([link.probability for link in links], np.float64),
            np.array(on_path, np.float64),
            np.array(beside, bool),
        )


def layout_probabilities(placed: Placed, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (n_links,): how probable each link is, by itself and by its place among the others; 0..1."""
    believed = placed.alone
    for _ in range(ROUNDS):
        believed = logistic(layout_features(placed, believed) @ weights)
    return believed


class Example(NamedTuple):
    """A page's possible links, and which of them are right."""

    placed: Placed
    rightness: NDArray[np.int8]
    """(n_links,): 1 right, 0 wrong, -1 not to be learnt from"""


def fit_layout(examples: Sequence[Example]) -> NDArray[np.float64]:
    """float64 (len(LAYOUT_FEATURES),): the likeliest weights, where each round builds on the belief of the one before."""
    rightness = np.concatenate([example.rightness for example in examples])
    judged = rightness >= 0
    beliefs = [example.placed.alone for example in examples]
    for _ in range(ROUNDS):
        rows = [layout_features(example.placed, believed) for example, believed in zip(examples, beliefs, strict=True)]
        weights = fit_logistic(np.concatenate(rows)[judged], rightness[judged] == 1)
        beliefs = [logistic(features @ weights) for features in rows]
    return weights


def layout_features(placed: Placed, believed: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (n_links, len(LAYOUT_FEATURES)); believed: (n_links,) how probable each link is held to be so far.

    No link is evidence for itself.
    """
    n = len(believed)
    on_path = placed.on_path > 0
    first, last = placed.spans[:, :, 0], placed.spans[:, :, 1]
    mass, ordered, touching = np.full((2, n), FEW), np.zeros((2, n)), np.zeros((2, n))
    beside = np.zeros(n)
    for step in range(1, min(AROUND, n - 1) + 1):
        one, other = np.arange(n - step), np.arange(step, n)
        in_order = (last[one] < first[other]).all(axis=1)
        touch = (last[one] + 1 == first[other]).all(axis=1)
        for side, here, there in ((BEFORE, other, one), (AFTER, one, other)):
            mass[side, here] += believed[there]
            ordered[side, here] += believed[there] * in_order
            touching[side, here] = np.maximum(touching[side, here], believed[there] * touch)
            beside[here] += believed[there] * placed.beside[there]
    enclosed = (ordered / mass).prod(axis=0)
    beside /= mass.sum(axis=0)
    columns = {
        "intercept": np.ones(n),
        "alone": log_odds(placed.alone, LEAST_DOUBT),
        "in_order": ordered.sum(axis=0) / mass.sum(axis=0),
        "enclosed": enclosed,
        "on_path": np.where(on_path, log_odds(placed.on_path, LEAST_PATH_DOUBT) * enclosed, 0),
        "between": touching.prod(axis=0),
        "beside": np.where(placed.beside, beside, 0),
        "apart": np.where(placed.beside, 0, beside),
    }
    return np.stack([columns[name] for name in LAYOUT_FEATURES], axis=1)
