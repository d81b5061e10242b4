"""Texts as sets of shingles, runs of a few words, by which near copies are told (Broder 1997)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from aligner.languages.words import words_in

SHINGLE = 5
"""Words in a shingle: fewer are shared by texts that have nothing but their language in common."""

Shingles = NDArray[np.uint64]

_UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"  # Thai, Lao, kana and ideographs, which have no spaces between words
_ANY_UNSPACED = re.compile(f"[{_UNSPACED}]")
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_CACHED_WORDS = 1 << 17
_CACHED_TEXTS = 1 << 13
"""Those of the documents that are looked at together, each of which is asked for twice or more."""


@lru_cache(_CACHED_TEXTS)
def words(text: str) -> tuple[str, ...]:
    """The words of a text, without case and punctuation; of scripts without spaces every character is a word."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    if plain == text.lower() and (plain.isascii() or not _ANY_UNSPACED.search(plain)):
        return words_in(text)  # most texts, whose words were asked for already
    return tuple(_WORD.findall(plain))


def shingles(text: Sequence[str]) -> Shingles:
    """The different shingles of a text's words, as sorted hashes, uint64 (n_different,); a text of fewer words is one shingle."""
    if not text:
        return np.empty(0, np.uint64)
    hashes = np.fromiter(map(_hash, text), np.uint64, len(text))
    length = min(SHINGLE, len(text))
    size = len(text) - length + 1
    combined = np.zeros(size, np.uint64)
    for place in range(length):
        combined = scattered(combined + hashes[place : place + size])
    return np.unique(combined)


def jaccard(one: Shingles, other: Shingles) -> float:
    """What two texts share of the shingles that either has, 0..1; 0 where both are empty."""
    either = np.union1d(one, other).size
    return (one.size + other.size - either) / either if either else 0.0


def scattered(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Other numbers, one for each, in which every bit depends on all bits: the end of SplitMix64 (Steele, Lea & Flood 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def hash64(text: str) -> int:
    """64 bits that depend on the text alone, on every machine; Python's own hash differs from run to run."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


_hash = lru_cache(_CACHED_WORDS)(hash64)
