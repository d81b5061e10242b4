"""Translations in unordered text: exact search in blocks, mutual best by margin, a probability for each pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.evidence import NEIGHBOURS, Embed, Segments
from aligner.alignment.pairs import pair_features, pair_probabilities
from aligner.alignment.rivals import standing_candidates
from aligner.alignment.search import Candidates, Neighbours, nearest

LEAST_COSINE = 0.3
"""Candidates under this cosine are not weighed: among a million lines something is always mutual best."""
COPIED = 4
"""Words in lower case that both sides must share to the letter for their texts to be one untranslated text; names and codes have none."""


class MinedPair(NamedTuple):
    """A source and a target text that translate each other, by number."""

    source: int
    target: int
    probability: float
    cosine: float
    margin: float


def mine_segments(source: Segments, target: Segments, embed: Embed, weights: NDArray[np.float64]) -> list[MinedPair]:
    """The mutual best pairs, the most probable first; each text stands in one pair at most. `embed` is asked for words.

    Texts that repeat themselves are one text in the search, and their occurrences pair in order. A text that stands on both
    sides is untranslated and no pair.
    """
    places = [_places(side.texts) for side in (source, target)]
    distinct = [_taken(side, [numbers[0] for numbers in place]) for side, place in zip((source, target), places, strict=True)]
    candidates = weighed_candidates(*distinct)
    features = pair_features(candidates, distinct[0].texts, distinct[1].texts, embed)
    columns = (candidates.source, candidates.target, pair_probabilities(features, weights), candidates.cosine, candidates.margin)
    pairs = [
        MinedPair(i, j, *scores)
        for row, column, *scores in zip(*(column.tolist() for column in columns), strict=True)
        for i, j in zip(places[0][row], places[1][column], strict=False)
    ]
    return sorted(pairs, key=lambda pair: -pair.probability)


def weighed_candidates(source: Segments, target: Segments) -> Candidates:
    """The mutual best pairs that are worth weighing."""
    near = without_copies(nearest(source.vectors, target.vectors, NEIGHBOURS), source.texts, target.texts)
    found = standing_candidates(near, (source.vectors, target.vectors))
    likely = found.cosine >= LEAST_COSINE
    return replace(
        found,
        **{name: getattr(found, name)[likely] for name in ("source", "target", "cosine", "margin", "gap")},
    )


def without_copies(near: tuple[Neighbours, Neighbours], source: Sequence[str], target: Sequence[str]) -> tuple[Neighbours, Neighbours]:
    """The neighbours without those of the very same text, where it is one that a translation would change."""
    both = {text for text in set(source) & set(target) if sum(word.islower() for word in text.split()) >= COPIED}
    if not both:
        return near
    sides = (source, target)
    found = []
    for k in (0, 1):
        indices, similarities = near[k].indices.copy(), near[k].similarities.copy()
        for row, text in enumerate(sides[k]):
            if text not in both:
                continue
            other = [place for place, index in enumerate(indices[row]) if index < 0 or sides[1 - k][index] != text]
            width = len(other)
            indices[row, :width], similarities[row, :width] = indices[row, other], similarities[row, other]
            indices[row, width:], similarities[row, width:] = -1, 0
        found.append(Neighbours(indices, similarities))
    return found[0], found[1]


def _places(texts: Sequence[str]) -> list[list[int]]:
    """The numbers of each distinct text, by their first."""
    places: dict[str, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        places[text].append(number)
    return list(places.values())


def _taken(side: Segments, numbers: Sequence[int]) -> Segments:
    return Segments([side.texts[number] for number in numbers], side.vectors[list(numbers)])
