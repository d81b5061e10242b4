"""What the words of two texts say of whether one translates the other: content that is covered, numbers that are missing.

Words are compared by vectors of the same encoder, so nothing here knows the languages.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from aligner.alignment.lexicon import SYNONYMOUS, UNRELATED, words_of
from aligner.types import Embed

# 45 226 is one number: words_of joins it at no-break spaces, but many texts have ordinary ones.
_GROUPED = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")

NUMBER_FOUND = 0.6
"""Least similarity, 0..1, to a word of the other side for a number to be there, spelled out (17, seventeen)."""
MOST_MISSING = 3
BLOCK = 4096
"""Pairs whose words are embedded at a time."""


class Wording(NamedTuple):
    """For each pair of texts, float64 (n_pairs,)."""

    least_coverage: NDArray[np.float64]
    """0..1: the part of the content that the other side covers, of the side of which less is covered"""
    content_ratio: NDArray[np.float64]
    """0 and more: how far apart both sides' amounts of content are, as the absolute logarithm of their ratio"""
    numbers_missing: NDArray[np.float64]
    """0..MOST_MISSING: numbers of either side that the other lacks"""


class WordSurprise:
    """How much a word of one side says: the logarithm of how many texts there are for one that holds it."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.count: Counter[str] = Counter()
        self.texts = 0
        for text in texts:
            self.count.update(set(_words(text)))
            self.texts += 1

    def of(self, words: Iterable[str]) -> NDArray[np.float64]:
        """float64 (n_words,), in nats, for words of the side's texts."""
        # A word of every text still has a little weight, so that no text is without content.
        return np.log((self.texts + 1) / np.array([self.count[word] for word in words], np.float64)) + 1e-3


def wording(left: Sequence[str], right: Sequence[str], surprise: tuple[WordSurprise, WordSurprise], embed: Embed) -> Wording:
    """What the words of left[k] and right[k] say of each other; `embed` turns words into float32 (n, dim) unit vectors.

    Words are weighed by the surprise they have on their own side. Time and memory are linear in the number of pairs.
    """
    blocks = [_of_block(left[k : k + BLOCK], right[k : k + BLOCK], surprise, embed) for k in range(0, len(left), BLOCK)]
    return Wording(*(np.concatenate(column) for column in zip(*blocks, strict=True))) if blocks else Wording(*np.zeros((3, 0)))


def _of_block(left: Sequence[str], right: Sequence[str], surprise: tuple[WordSurprise, WordSurprise], embed: Embed) -> Wording:
    words = [[_words(text) for text in side] for side in (left, right)]
    vocabulary = sorted(set(chain(*words[0], *words[1])))
    number = {word: k for k, word in enumerate(vocabulary)}
    vectors = embed(vocabulary) if vocabulary else np.zeros((0, 1), np.float32)
    numeric = np.array([word[0].isdigit() for word in vocabulary], bool)
    flat = [np.array([number[word] for text in side for word in text], np.int64) for side in words]
    start = [np.concatenate([[0], np.cumsum([len(text) for text in side])]).astype(np.int64) for side in words]
    similarity = _best_similarities(vectors, numeric, *flat, *start)
    pair = [np.repeat(np.arange(len(left)), np.diff(starts)) for starts in start]
    content, covered, numbers = (np.zeros((2, len(left))) for _ in range(3))
    for side in (0, 1):
        weight = surprise[side].of(vocabulary[k] for k in flat[side])
        content[side] = np.bincount(pair[side], weight, len(left))
        covered[side] = np.bincount(pair[side], weight * similarity[side], len(left)) / np.maximum(content[side], 1e-6)
        lacking = numeric[flat[side]] & (similarity[side] < NUMBER_FOUND)
        numbers[side] = np.bincount(pair[side][lacking], minlength=len(left))
    return Wording(
        covered.min(axis=0),
        np.abs(np.log((content[0] + 3) / (content[1] + 3))),  # 3 nats, so that a word more or less says little in a short text
        np.minimum(numbers.sum(axis=0), MOST_MISSING),
    )


def _words(text: str) -> tuple[str, ...]:
    return words_of(_GROUPED.sub("", text))


@njit(cache=True)
def _best_similarities(vectors, numeric, left, right, left_start, right_start):  # type: ignore[no-untyped-def]
    """For every word of both sides its best similarity, 0..1, to a word of the other text of its pair; a number's to itself or a word."""
    best_left, best_right = np.zeros(len(left), np.float32), np.zeros(len(right), np.float32)
    for k in range(len(left_start) - 1):
        own, other = left[left_start[k] : left_start[k + 1]], right[right_start[k] : right_start[k + 1]]
        if len(own) == 0 or len(other) == 0:
            continue
        products = np.dot(vectors[own], vectors[other].T)
        for s in range(len(own)):
            for t in range(len(other)):
                if own[s] == other[t]:
                    similarity = np.float32(1)
                elif numeric[own[s]] and numeric[other[t]]:
                    continue
                else:
                    similarity = np.float32(min(max((products[s, t] - UNRELATED) / (SYNONYMOUS - UNRELATED), 0.0), 1.0))
                best_left[left_start[k] + s] = max(best_left[left_start[k] + s], similarity)
                best_right[right_start[k] + t] = max(best_right[right_start[k] + t], similarity)
    return best_left, best_right
