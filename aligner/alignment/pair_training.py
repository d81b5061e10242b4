"""Learning when a pair is a translation: from gold documents of which parts are hidden, so that some texts have no partner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.evidence import NEIGHBOURS
from aligner.alignment.mining import weighed_candidates
from aligner.alignment.pairs import fit_pairs, pair_features
from aligner.alignment.search import nearest
from aligner.alignment.training import GoldPair
from aligner.types import Embed

PAGES = (12, 40)
"""Segments a side of the smallest pools, before some are hidden: a short page and a long one."""
PAGE_SHARES, DOCUMENT_SHARES, CORPUS_SHARES = (0.0, 0.1, 0.5), (0.1, 0.4), (0.05, 0.2)
"""Shares of the gold links that keep both their sides in the pools to learn from; pages hold few translations or none."""


class _Pool(NamedTuple):
    """Texts among which translations are to be told from what is none."""

    source: list[str]
    target: list[str]
    vectors: tuple[NDArray[np.float32], NDArray[np.float32]]
    """(n, dim) and (m, dim)"""
    links: dict[int, tuple[int, ...]]
    """For each source text the targets that gold links it with; without those that are hidden."""


def train_pairs(pairs: Sequence[GoldPair], embed: Embed, *, seed: int = 0) -> NDArray[np.float64]:
    """float64 (len(PAIR_WEIGHTS),): weights of the model that judges a pair by itself.

    Pools of a page's and of a document's size come from single documents, where what is no translation is of the same
    subject, and large ones from all documents together.
    """
    random = np.random.default_rng(seed)
    known = {
        (pair.source.texts[bead.source[0]], pair.target.texts[bead.target[0]])
        for pair in pairs
        for bead in pair.gold
        if len(bead.source) == len(bead.target) == 1
    }
    features, labels = [], []
    for pool in _pools(pairs, random):
        if not pool.source or not pool.target:
            continue
        rows, right = _judged(pool, known, embed)
        features.append(rows)
        labels.append(right)
    return fit_pairs(features, labels)


def _pools(pairs: Sequence[GoldPair], random: np.random.Generator) -> Iterator[_Pool]:
    for pair in pairs:
        for size, share in product(PAGES, PAGE_SHARES):
            for first in range(0, len(pair.source.texts), size):
                yield _pool([pair], random, share, range(first, first + size))
        for share in DOCUMENT_SHARES:
            yield _pool([pair], random, share, None)
    for share in CORPUS_SHARES:
        yield _pool(pairs, random, share, None)


def _pool(pairs: Sequence[GoldPair], random: np.random.Generator, share: float, window: range | None) -> _Pool:
    """The texts of the pairs (of the source segments in `window`, where given) with one side of most links left out."""
    texts: tuple[list[str], list[str]] = ([], [])
    vectors: tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]] = ([], [])
    links: dict[int, tuple[int, ...]] = {}
    for pair in pairs:
        sides = (pair.source, pair.target)
        numbers: tuple[dict[int, int], dict[int, int]] = ({}, {})
        inside = [bead for bead in pair.gold if window is None or not bead.source or bead.source[0] in window]
        reach = {j for bead in inside if bead.source for j in bead.target}
        for bead in inside:
            if not bead.source and (window is None or not reach or not min(reach) <= bead.target[0] <= max(reach)):
                continue
            kept = (bead.source, bead.target)
            if not bead.is_null and random.random() >= share:
                hidden = int(random.integers(2))
                kept = (bead.source, ()) if hidden else ((), bead.target)
            for side in (0, 1):
                for k in kept[side]:
                    if sides[side].texts[k].strip():
                        numbers[side][k] = len(texts[side])
                        texts[side].append(sides[side].texts[k])
                        vectors[side].append(sides[side].vectors[k])
        for bead in inside:
            for i in bead.source:
                if i in numbers[0]:
                    links[numbers[0][i]] = tuple(numbers[1][j] for j in bead.target if j in numbers[1])
    return _Pool(texts[0], texts[1], (np.array(vectors[0], np.float32), np.array(vectors[1], np.float32)), links)


def _judged(pool: _Pool, known: set[tuple[str, str]], embed: Embed) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Features and rightness of the pool's candidates, without those that are half a translation.

    Texts that are known to translate each other do so wherever they stand: headings and formulas recur.
    """
    source, target, vectors, links = pool
    candidates = weighed_candidates(nearest(*vectors, NEIGHBOURS), (source, target), vectors)
    features = pair_features(candidates, source, target, embed)
    linked = list(zip(candidates.source.tolist(), candidates.target.tolist(), strict=True))
    right = np.array([j in links.get(i, ()) or (source[i], target[j]) in known for i, j in linked], bool)
    counts = Counter(j for targets in links.values() for j in targets)
    whole = np.array([len(links.get(i, ())) <= 1 and counts[j] <= 1 for i, j in linked], bool)
    return features[whole | ~right], right[whole | ~right]
