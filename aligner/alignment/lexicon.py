"""Lexical coverage: how much of a segment's content finds a counterpart among the words of the other side.

Sentence vectors lose single words; word vectors from the same encoder bring them back. Every distinct word of the two
documents is encoded once; a word's counterpart in a segment is its nearest word there, and a number's only itself.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from aligner.alignment.compiling import leaf
from aligner.alignment.moves import LONGEST
from aligner.alignment.search import is_large, nearest

_WORD = re.compile(r"\d[\d.,\u00a0\u202f]*\d|\w+")
_DIGIT = re.compile(r"\d")
_SEPARATOR = re.compile(r"[.,\u00a0\u202f]")

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


def words_of(text: str) -> list[str]:
    """The lower-cased words and numbers of a text; separators inside a number are dropped, so 1,000 is 1 000."""
    words: list[str] = _WORD.findall(text.lower())
    if not _DIGIT.search(text):
        return words
    return [_SEPARATOR.sub("", word) if word[0].isdigit() else word for word in words]


def words_to_embed(source: Sequence[str], target: Sequence[str], *, sparing: bool = False) -> list[str]:
    """The words that `lexicons` asks vectors of, those of either side once."""
    texts, encoded = _read(source, target, sparing=sparing)
    return [text.vocabulary[k] for text, numbers in zip(texts, encoded, strict=True) for k in numbers.tolist()]


def lexicons(
    source: Sequence[str], target: Sequence[str], embed: Callable[[Sequence[str]], NDArray[np.float32]], *, sparing: bool = False
) -> tuple[Lexicon, Lexicon]:
    """The lexicons of two lists of segments; `embed` turns words into float32 (n, dim) unit vectors.

    With `sparing`, words that stand once in a long text are left out, but for those that the other text holds too.
    """
    texts, encoded = _read(source, target, sparing=sparing)
    words = [text.vocabulary[k] for text, numbers in zip(texts, encoded, strict=True) for k in numbers.tolist()]
    vectors = embed(words) if words else np.zeros((0, 1), np.float32)
    alike = _alike(vectors[: len(encoded[0])], vectors[len(encoded[0]) :])
    same = _same(texts[0].vocabulary, texts[1].vocabulary)
    left = np.concatenate([encoded[0][alike[0]], same[0]])
    right = np.concatenate([encoded[1][alike[1]], same[1]])
    similarity = np.concatenate([alike[2], np.ones(len(same[0]), np.float32)])
    return _lexicon(texts[0], left, right, similarity), _lexicon(texts[1], right, left, similarity)


def _read(source: Sequence[str], target: Sequence[str], *, sparing: bool) -> tuple[list[_Tokens], list[NDArray[np.int64]]]:
    """Both sides' words, and the numbers of those that vectors tell something of."""
    tokens = [[words_of(text) for text in side] for side in (source, target)]
    counts = [Counter(word for segment in side for word in segment) for side in tokens]
    least = 2 if sparing and min(count.total() for count in counts) > LONG_TEXT else 1
    texts = [
        _Tokens.of([[word for word in segment if own[word] >= least or word in other] for segment in side] if least > 1 else side)
        for side, own, other in zip(tokens, counts, counts[::-1], strict=True)
    ]
    encoded = [
        np.array([k for k, word in enumerate(text.vocabulary) if own[word] >= least and not word[0].isdigit()], np.int64)
        for text, own in zip(texts, counts, strict=True)
    ]
    return texts, encoded


class _Tokens(NamedTuple):
    words: NDArray[np.int64]
    start: NDArray[np.int64]
    vocabulary: list[str]

    @classmethod
    def of(cls, tokens: Sequence[Sequence[str]]) -> _Tokens:
        number: defaultdict[str, int] = defaultdict()
        number.default_factory = number.__len__  # a new word takes the next number
        words = np.array([number[word] for segment in tokens for word in segment], np.int64)
        return cls(words, np.concatenate([[0], np.cumsum([len(segment) for segment in tokens])]).astype(np.int64), list(number))


def _lexicon(tokens: _Tokens, own: NDArray[np.int64], other: NDArray[np.int64], similarity: NDArray[np.float32]) -> Lexicon:
    words, start, vocabulary = tokens
    every = np.arange(len(vocabulary) + 1)
    segments = max(1, len(start) - 1)
    place = np.sort(words * segments + np.repeat(np.arange(len(start) - 1), np.diff(start)))
    place = place[np.diff(place, prepend=-1) > 0]  # a word in a segment, however often; np.unique takes ten times as long
    counts = np.bincount(words, minlength=len(vocabulary))
    order = np.argsort(own, kind="stable")
    return Lexicon(
        words,
        start,
        (-np.log(counts / max(1, len(words)))).astype(np.float32) + np.float32(1e-3),
        other[order],
        similarity[order],
        np.searchsorted(own[order], every).astype(np.int64),
        place % segments,
        np.searchsorted(place, every * segments).astype(np.int64),
    )


def _alike(source: NDArray[np.float32], target: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """Row of source, row of target and similarity 0..1 of the pairs of vectors whose words may correspond."""
    near = nearest(source, target, MOST_COUNTERPARTS, least=UNRELATED, clustered=is_large(source, target))[0]
    row, slot = np.nonzero(near.indices >= 0)
    similarity = np.minimum((near.similarities[row, slot] - UNRELATED) / (SYNONYMOUS - UNRELATED), 1)
    return row, near.indices[row, slot], similarity.astype(np.float32)


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
    best = np.zeros(int((high - low).max()) + 1 + LONGEST, np.float32)
    ahead = other.place_start.copy()  # of each word's places the first that the band has not left behind
    for i in range(n):
        width = min(high[i], m - 1) - low[i] + 1
        if width <= 0:
            continue
        for t in range(own.start[i], own.start[i + 1]):
            word = own.words[t]
            best[:] = 0  # beyond `width` it stays so: a longer span finds nothing more there
            if not _best_matches(own, other, word, low[i], width, ahead, best):
                continue
            weight = own.weight[word]
            for k in range(LONGEST):
                row = out[k, start[i] : start[i] + width]
                for j in range(width):
                    row[j] += best[j] * weight
                    best[j] = max(best[j], best[j + 1])  # after k rounds the best of j..j+k
    return out


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
