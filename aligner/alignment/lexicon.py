"""Lexical coverage: how much of a segment's content finds a counterpart among the words of the other side.

Sentence vectors lose single words; word vectors from the same encoder bring them back. Every distinct word of the two
documents is encoded once; a word's counterpart in a segment is its nearest word there, and a number's only itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from aligner.alignment.compiling import leaf
from aligner.alignment.moves import LONGEST
from aligner.alignment.search import is_large, nearest

_WORD = re.compile(r"\d[\d.,\u00a0\u202f]*\d|\w+")
_SEPARATOR = re.compile(r"[.,\u00a0\u202f]")

UNRELATED, SYNONYMOUS = 0.35, 0.85
"""Cosines of word vectors that count as no match and as a full one; between them a match counts in proportion."""
MOST_COUNTERPARTS = 24
"""Words of the other side remembered for each word; a segment seldom holds a worse one and no better."""


class Lexicon(NamedTuple):
    """One side's words, for compiled code: flat arrays with the start of each row."""

    words: NDArray[np.int64]
    """(n_tokens,): the tokens of all segments, as word numbers"""
    start: NDArray[np.int64]
    """(n_segments+1,): where each segment's tokens start"""
    weight: NDArray[np.float32]
    """(n_words,): inverse document frequency, the surprise of a word in nats"""
    counterpart: NDArray[np.int64]
    """word numbers of the other side that each word may correspond to"""
    similarity: NDArray[np.float32]
    """how well, 0..1"""
    counterpart_start: NDArray[np.int64]
    """(n_words+1,)"""
    place: NDArray[np.int64]
    """the segments of this side in which each word stands, increasing"""
    place_start: NDArray[np.int64]
    """(n_words+1,)"""

    def mass(self) -> NDArray[np.float32]:
        """float32 (n_segments,): the summed weight of each segment's words."""
        sums = np.concatenate([[0.0], np.cumsum(self.weight[self.words])])
        return (sums[self.start[1:]] - sums[self.start[:-1]]).astype(np.float32)


def words_of(text: str) -> list[str]:
    """The lower-cased words and numbers of a text; separators inside a number are dropped, so 1,000 is 1 000."""
    return [_SEPARATOR.sub("", word) if word[0].isdigit() else word for word in _WORD.findall(text.lower())]


def lexicons(
    source: Sequence[str], target: Sequence[str], embed: Callable[[Sequence[str]], NDArray[np.float32]]
) -> tuple[Lexicon, Lexicon]:
    """The lexicons of two lists of segments; `embed` turns words into float32 (n, dim) unit vectors."""
    tokens = [[words_of(text) for text in side] for side in (source, target)]
    counts = [Counter(word for segment in side for word in segment) for side in tokens]
    vocabularies = [sorted(count) for count in counts]
    vectors = embed([word for vocabulary in vocabularies for word in vocabulary]) if any(vocabularies) else np.zeros((0, 1), np.float32)
    left, right, similarity = _counterparts(vocabularies, vectors[: len(vocabularies[0])], vectors[len(vocabularies[0]) :])
    return (
        _lexicon(tokens[0], counts[0], vocabularies[0], left, right, similarity),
        _lexicon(tokens[1], counts[1], vocabularies[1], right, left, similarity),
    )


def _lexicon(tokens, count, vocabulary, own, other, similarity) -> Lexicon:  # type: ignore[no-untyped-def]
    number = {word: k for k, word in enumerate(vocabulary)}
    flat = np.array([number[word] for segment in tokens for word in segment], np.int64)
    start = np.concatenate([[0], np.cumsum([len(segment) for segment in tokens])]).astype(np.int64)
    segment = np.repeat(np.arange(len(tokens)), np.diff(start))
    occurrence = np.unique(flat * len(tokens) + segment)  # a word in a segment, however often
    order = np.lexsort((other, own))
    total = max(1, len(flat))
    return Lexicon(
        flat,
        start,
        np.array([-np.log(count[word] / total) for word in vocabulary], np.float32) + np.float32(1e-3),
        other[order],
        similarity[order],
        np.searchsorted(own[order], np.arange(len(vocabulary) + 1)).astype(np.int64),
        occurrence % max(1, len(tokens)),
        np.searchsorted(occurrence, np.arange(len(vocabulary) + 1) * len(tokens)).astype(np.int64),
    )


def _counterparts(vocabularies, source, target):  # type: ignore[no-untyped-def]
    """source word, target word and similarity 0..1 of every pair of words that may correspond."""
    wordy = [np.array([k for k, word in enumerate(vocabulary) if not word[0].isdigit()], np.int64) for vocabulary in vocabularies]
    sides = source[wordy[0]], target[wordy[1]]
    near = nearest(*sides, MOST_COUNTERPARTS, least=UNRELATED, clustered=is_large(*sides))[0]
    row, slot = np.nonzero(near.indices >= 0)
    cosine = near.similarities[row, slot]
    rows, columns = wordy[0][row], wordy[1][near.indices[row, slot]]
    values = np.minimum((cosine - UNRELATED) / (SYNONYMOUS - UNRELATED), 1)
    number = {word: k for k, word in enumerate(vocabularies[1])}
    shared = np.array([(k, number[word]) for k, word in enumerate(vocabularies[0]) if word in number], np.int64).reshape(-1, 2)
    pairs = np.stack([np.concatenate([rows, shared[:, 0]]), np.concatenate([columns, shared[:, 1]])], axis=1).astype(np.int64)
    similarity = np.concatenate([values, np.ones(len(shared))]).astype(np.float32)
    order = np.lexsort((-similarity, pairs[:, 1], pairs[:, 0]))
    pairs, similarity = pairs[order], similarity[order]
    first_of_pair = np.concatenate([[True], (np.diff(pairs, axis=0) != 0).any(axis=1)]) if len(pairs) else np.zeros(0, bool)
    return pairs[first_of_pair, 0], pairs[first_of_pair, 1], similarity[first_of_pair]


@njit(cache=True)
def found_mass(own: Lexicon, other: Lexicon, low, high, start):  # type: ignore[no-untyped-def]
    """float32 (LONGEST, band.size): the weight of segment i's words that segments j..j+k of the other side cover, at [k, (i, j)].

    low, high and start are those of a Band over (own, other) nodes.
    """
    n = len(own.start) - 1
    m = len(other.start) - 1
    out = np.zeros((LONGEST, start[-1]), np.float32)
    best = np.zeros(int((high - low).max()) + 1 + LONGEST, np.float32)
    for i in range(n):
        width = min(high[i], m - 1) - low[i] + 1
        if width <= 0:
            continue
        for t in range(own.start[i], own.start[i + 1]):
            word = own.words[t]
            best[:] = 0  # beyond `width` it stays so: a longer span finds nothing more there
            if not _best_matches(own, other, word, low[i], width, best):
                continue
            weight = own.weight[word]
            for k in range(LONGEST):
                row = out[k, start[i] : start[i] + width]
                for j in range(width):
                    row[j] += best[j] * weight
                    best[j] = max(best[j], best[j + 1])  # after k rounds the best of j..j+k
    return out


@leaf
def _best_matches(own, other, word, first, width, best):  # type: ignore[no-untyped-def]
    """Raise `best` to the word's similarity with what each of the `width` segments from `first` on holds; whether any holds a match."""
    found = False
    for c in range(own.counterpart_start[word], own.counterpart_start[word + 1]):
        match, similarity = own.counterpart[c], own.similarity[c]
        p, end = other.place_start[match], other.place_start[match + 1]
        p = _first_from(other.place, p, end, first)
        while p < end and other.place[p] < first + width:
            j = other.place[p] - first
            best[j] = max(best[j], similarity)
            found = True
            p += 1
    return found


@leaf
def _first_from(place, start, end, wanted):  # type: ignore[no-untyped-def]
    """The first of place[start:end], which increase, that is not under `wanted`."""
    while start < end:
        middle = (start + end) // 2
        if place[middle] < wanted:
            start = middle + 1
        else:
            end = middle
    return start
