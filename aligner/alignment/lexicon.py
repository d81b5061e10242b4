"""Lexical coverage: how much of a segment's content finds a counterpart among the words of the other side.

Sentence vectors lose single words; word vectors from the same encoder bring them back. Every distinct word of the two
documents is encoded once; a word's counterpart in a segment is its nearest word there, and a number's only itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate, chain
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from aligner.alignment.compiling import leaf
from aligner.alignment.moves import LONGEST
from aligner.alignment.nearest_pairs import nearest_pairs
from aligner.languages.words import words_in
from aligner.types import Embed

_SEPARATORS = r"[.,\u00a0\u202f]"
_WORD = re.compile(r"\d[\d.,\u00a0\u202f]*\d|\w+")
_SEPARATOR = re.compile(_SEPARATORS)
_JOINED = re.compile(rf"\d(?:{_SEPARATORS}+\d|[^\W\d])")
"""A number of several parts, or one that a letter follows. A text without either has the words that `words_in` finds, which is quicker."""

UNRELATED, SYNONYMOUS = 0.35, 0.85
"""Cosines of word vectors that count as no match and as a full one; between them a match counts in proportion."""
MOST_COUNTERPARTS = 24
"""Words of the other side remembered for each word; a segment seldom holds a worse one and no better."""
LONG_TEXT = 10_000
"""Words of a text that is long: of a novel's vocabulary, six in ten words stand there once, and they are a tenth of its text."""


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


def words_of(text: str) -> tuple[str, ...]:
    """The lower-cased words and numbers of a text; separators inside a number are dropped, so 1,000 is 1 000."""
    if not _JOINED.search(text):
        return words_in(text)
    return tuple(_SEPARATOR.sub("", word) if word[0].isdigit() else word for word in _WORD.findall(text.lower()))


class Tokens(NamedTuple):
    """The words of a side's segments, in order."""

    words: NDArray[np.int64]
    """(n_tokens,): of all segments, as word numbers"""
    start: NDArray[np.int64]
    """(n_segments+1,): where each segment's words start"""
    vocabulary: list[str]
    """Each word once, by its number."""
    spelled: NDArray[np.int64]
    """The numbers, increasing, of those that are words and not figures: vectors tell something of them."""

    @classmethod
    def of(cls, segments: Sequence[str]) -> Tokens:
        """The words of these segments."""
        number: defaultdict[str, int] = defaultdict()
        number.default_factory = number.__len__  # a new word takes the next number
        rows = [words_of(text) for text in segments]
        words = np.array([*map(number.__getitem__, chain.from_iterable(rows))], np.int64)
        start = np.array([0, *accumulate(map(len, rows))], np.int64)
        spelled = np.array([k for k, word in enumerate(number) if not word[0].isdigit()], np.int64)
        return cls(words, start, list(number), spelled)

    def without(self, words: NDArray[np.bool_]) -> Tokens:
        """The same without the words of these numbers, bool (n_words,)."""
        left = ~words[self.words]
        renumbered = np.cumsum(~words) - 1
        before = np.concatenate([[0], np.cumsum(left)])
        vocabulary = [word for word, gone in zip(self.vocabulary, words.tolist(), strict=True) if not gone]
        spelled = renumbered[self.spelled[~words[self.spelled]]]
        return Tokens(renumbered[self.words[left]], before[self.start], vocabulary, spelled)


def words_to_embed(source: Tokens, target: Tokens, *, sparing: bool = False) -> list[str]:
    """The words that `lexicons` asks vectors of, those of either side once."""
    return _chosen(*_read(source, target, sparing=sparing))


def lexicons(source: Tokens, target: Tokens, embed: Embed, *, sparing: bool = False) -> tuple[Lexicon, Lexicon]:
    """The lexicons of two lists of segments; `embed` turns words into float32 (n, dim) unit vectors.

    With `sparing`, words that stand once in a long text are left out, but for those that the other text holds too.
    """
    tokens, encoded = _read(source, target, sparing=sparing)
    words = _chosen(tokens, encoded)
    vectors = embed(words) if words else np.zeros((0, 1), np.float32)
    alike = _alike(vectors[: len(encoded[0])], vectors[len(encoded[0]) :])
    same = _same(tokens[0].vocabulary, tokens[1].vocabulary)
    left = np.concatenate([encoded[0][alike[0]], same[0]])
    right = np.concatenate([encoded[1][alike[1]], same[1]])
    similarity = np.concatenate([alike[2], np.ones(len(same[0]), np.float32)])
    return _lexicon(tokens[0], left, right, similarity), _lexicon(tokens[1], right, left, similarity)


def _read(source: Tokens, target: Tokens, *, sparing: bool) -> tuple[list[Tokens], list[NDArray[np.int64]]]:
    """Both sides' words, and the numbers of those that vectors tell something of."""
    tokens = [source, target]
    spared = [np.zeros(len(side.vocabulary), np.bool_) for side in tokens]
    if sparing and min(len(side.words) for side in tokens) > LONG_TEXT:
        shared = set(source.vocabulary).intersection(target.vocabulary)
        rare = [np.bincount(side.words) < 2 for side in tokens]
        there = [np.array([word in shared for word in side.vocabulary], np.bool_) for side in tokens]
        tokens = [side.without(once & ~other) for side, once, other in zip(tokens, rare, there, strict=True)]
        spared = [once[~once | other] for once, other in zip(rare, there, strict=True)]
    return tokens, [side.spelled[~once[side.spelled]] for side, once in zip(tokens, spared, strict=True)]


def _chosen(tokens: Sequence[Tokens], numbers: Sequence[NDArray[np.int64]]) -> list[str]:
    """The words of these numbers of either side."""
    return [side.vocabulary[k] for side, chosen in zip(tokens, numbers, strict=True) for k in chosen.tolist()]


def _lexicon(tokens: Tokens, own: NDArray[np.int64], other: NDArray[np.int64], similarity: NDArray[np.float32]) -> Lexicon:
    words, start, vocabulary, _ = tokens
    counts, place, place_start = _places(words, start, len(vocabulary))
    weight = (-np.log(counts / max(1, len(words)))).astype(np.float32) + np.float32(1e-3)
    counterpart, how_similar, counterpart_start = _by_word(own, other, similarity, len(vocabulary))
    return Lexicon(words, start, weight, counterpart, how_similar, counterpart_start, place, place_start)


@njit(cache=True)
def _places(words, start, n_words):  # type: ignore[no-untyped-def]
    """How often each word occurs, the segments in which each stands, and where each starts in those."""
    counts, places = np.zeros(n_words, np.int64), np.zeros(n_words + 1, np.int64)
    seen = np.full(n_words, -1, np.int64)  # the last segment a word was found in
    for segment in range(len(start) - 1):
        for t in range(start[segment], start[segment + 1]):
            word = words[t]
            counts[word] += 1
            if seen[word] != segment:  # once, however often it stands there
                seen[word] = segment
                places[word + 1] += 1
    places = np.cumsum(places)
    place = np.empty(places[-1], np.int64)
    free = places.copy()
    seen[:] = -1
    for segment in range(len(start) - 1):
        for t in range(start[segment], start[segment + 1]):
            word = words[t]
            if seen[word] != segment:
                seen[word] = segment
                place[free[word]] = segment
                free[word] += 1
    return counts, place, places


@njit(cache=True)
def _by_word(own, other, similarity, n_words):  # type: ignore[no-untyped-def]
    """The others and similarities by own word, and where each word starts in them."""
    starts = np.zeros(n_words + 1, np.int64)
    for word in own:
        starts[word + 1] += 1
    starts = np.cumsum(starts)
    counterpart, how_similar = np.empty(len(own), np.int64), np.empty(len(own), np.float32)
    free = starts.copy()
    for k in range(len(own)):
        place = free[own[k]]
        counterpart[place], how_similar[place] = other[k], similarity[k]
        free[own[k]] += 1
    return counterpart, how_similar, starts


def _alike(source: NDArray[np.float32], target: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Row of source, row of target and similarity 0..1 of the pairs of vectors whose words may correspond."""
    row, column, cosine = nearest_pairs(source, target, MOST_COUNTERPARTS, UNRELATED)
    return row, column, np.minimum((cosine - np.float32(UNRELATED)) / np.float32(SYNONYMOUS - UNRELATED), np.float32(1))


def _same(source: list[str], target: list[str]) -> NDArray[np.int64]:
    """int64 (2, n): the numbers of words that both vocabularies hold."""
    number = {word: k for k, word in enumerate(target)}
    return np.array([(k, number[word]) for k, word in enumerate(source) if word in number], np.int64).reshape(-1, 2).T


@njit(cache=True)
def found_mass(own: Lexicon, other: Lexicon, low, high, start):  # type: ignore[no-untyped-def]
    """float32 (LONGEST, band.size): the weight of segment i's words that segments j..j+k of the other side cover, at [k, (i, j)].

    low, high and start are those of a Band over (own, other) nodes.
    """
    n = len(own.start) - 1
    m = len(other.start) - 1
    out = np.zeros((LONGEST, start[-1]), np.float32)
    widest = int((high - low).max()) + 1
    best = np.zeros(widest + LONGEST, np.float32)
    ahead = other.place_start.copy()  # of each word's places the first that the band has not left behind
    whole = low.max() == low.min() and high.max() == high.min()  # in a lattice without band a word finds the same wherever it stands
    spans = np.empty((len(own.weight) if whole else 1, LONGEST, widest), np.float32)
    known, finds = np.zeros(len(spans), np.bool_), np.zeros(len(spans), np.bool_)
    for i in range(n):
        width = min(high[i], m - 1) - low[i] + 1
        if width <= 0:
            continue
        for t in range(own.start[i], own.start[i + 1]):
            word = own.words[t]
            kept = word if whole else 0
            if not (whole and known[kept]):
                known[kept] = True
                finds[kept] = _best_in_spans(own, other, word, low[i], width, ahead, best, spans[kept])
            if finds[kept]:
                weight = own.weight[word]
                for k in range(LONGEST):
                    for j in range(width):
                        out[k, start[i] + j] += spans[kept, k, j] * weight
    return out


@leaf
def _best_in_spans(own, other, word, first, width, ahead, best, out):  # type: ignore[no-untyped-def]
    """Write the word's similarity with each span of k+1 of the `width` segments from `first` on, at [k, j]; whether any holds a match.

    best: room for the segments and LONGEST more, which stay 0: a longer span finds nothing more there.
    """
    best[:] = 0
    if not _best_matches(own, other, word, first, width, ahead, best):
        return False
    for k in range(LONGEST):
        for j in range(width):
            out[k, j] = best[j]
            best[j] = max(best[j], best[j + 1])  # after k rounds the best of j..j+k
    return True


@leaf
def _best_matches(own, other, word, first, width, ahead, best):  # type: ignore[no-untyped-def]
    """Raise `best` to the word's similarity with what each of the `width` segments from `first` on holds; whether any holds a match."""
    found = False
    for c in range(own.counterpart_start[word], own.counterpart_start[word + 1]):
        match, similarity = own.counterpart[c], own.similarity[c]
        p, end = ahead[match], other.place_start[match + 1]
        while p < end and other.place[p] < first:
            p += 1
        ahead[match] = p
        while p < end and other.place[p] < first + width:
            j = other.place[p] - first
            best[j] = max(best[j], similarity)
            found = True
            p += 1
    return found
