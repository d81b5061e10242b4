"""Translations in unordered text: nearest neighbours, mutual best by margin, a probability for each pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.blocks import Report, StoredVectors, Vectors
from aligner.alignment.large_search import nearest_of_many
from aligner.alignment.pairs import pair_features, pair_probabilities
from aligner.alignment.rivals import standing_candidates
from aligner.alignment.search import Candidates, Neighbours
from aligner.types import Embed

LEAST_COSINE = 0.3
"""Candidates under this cosine are not weighed: among a million lines something is always mutual best."""
COPIED = 4
"""Words in lower case that both sides must share to the letter for their texts to be one untranslated text; names and codes have none."""


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """One side's texts, among which translations are sought."""

    texts: Sequence[str]
    """Distinct, none of them blank."""
    places: Sequence[Sequence[int]]
    """For each, the numbers of the lines that hold it, increasing."""
    vectors: Vectors

    @classmethod
    def embedded(cls, lines: Sequence[str], embed: Embed, *, rows: int = 2**31) -> Pool:
        """The lines that are not blank, with the vectors that `embed` gives them; more than `rows` vectors are kept in a file."""
        places: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(lines):
            if text.strip():
                places[text].append(number)
        texts = list(places)
        return cls(texts, list(places.values()), embed(texts) if len(texts) <= rows else _stored(texts, embed, max(1, rows // 4)))


@dataclass(frozen=True, slots=True, eq=False)
class MinedPairs:
    """Lines that translate each other, by number, the most probable first: parallel arrays."""

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    probability: NDArray[np.float64]
    cosine: NDArray[np.float32]
    margin: NDArray[np.float32]
    """cosine less the mean of both ends' neighbours"""


def mine_pools(
    source: Pool, target: Pool, embed: Embed, weights: NDArray[np.float64], *, rows: int = 2**31, report: Report | None = None
) -> MinedPairs:
    """The mutual best pairs; each line stands in one pair at most. `embed` is asked for words.

    Of the vectors, at most `rows` of either side are in memory at a time. Occurrences of a text pair in order. A text that stands on
    both sides is untranslated and no pair. Beyond vectors, memory is linear in the number of texts: a hundred bytes for each and,
    where it is a candidate, as much again.
    """
    near = nearest_of_many(source.vectors, target.vectors, rows, report)
    candidates = weighed_candidates(near, (source.texts, target.texts), (source.vectors, target.vectors))
    probabilities = pair_probabilities(pair_features(candidates, source.texts, target.texts, embed), weights)
    order = np.argsort(-probabilities, kind="stable")
    pairs = [
        (i, j, k)
        for k in order.tolist()
        for i, j in zip(source.places[candidates.source[k]], target.places[candidates.target[k]], strict=False)
    ]
    lines, others, row = np.array(pairs, np.int64).reshape(-1, 3).T
    return MinedPairs(lines, others, probabilities[row], candidates.cosine[row], candidates.margin[row])


def weighed_candidates(
    near: tuple[Neighbours, Neighbours], texts: tuple[Sequence[str], Sequence[str]], vectors: tuple[Vectors, Vectors]
) -> Candidates:
    """The mutual best pairs that are worth weighing."""
    found = standing_candidates(without_copies(near, *texts), vectors)
    likely = found.cosine >= LEAST_COSINE
    return Candidates(found.source[likely], found.target[likely], found.cosine[likely], found.margin[likely], found.gap[likely], found.pool)


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


def _stored(texts: Sequence[str], embed: Embed, step: int) -> StoredVectors:
    stored: StoredVectors | None = None
    for first in range(0, len(texts), step):
        vectors = embed(texts[first : first + step])
        stored = stored or StoredVectors(len(texts), vectors.shape[1])
        stored.write(first, vectors)
    assert stored is not None, "there is at least one text: this is called where there are more than fit"
    return stored
