"""Word vectors without an encoder: a text's vector is the sum of its words', which are drawn by the words' hashes."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

DIMENSION = 32


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """float32 (n_texts, DIMENSION), unit length: texts that share words are close."""
    vectors = np.array([_summed(text) for text in texts], np.float32).reshape(-1, DIMENSION)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@cache
def _summed(text: str) -> NDArray[np.float64]:
    seeds = [zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in text.casefold().split() or [text]]
    return np.sum([np.random.default_rng(seed).standard_normal(DIMENSION) for seed in seeds], axis=0)


class Asking:
    """`embed`, with the texts that it was asked for, in order."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts.extend(texts)
        return embed(texts)


def sentences(count: int, seed: int = 0) -> list[str]:
    """Sentences of seven words each, drawn from so many words that hardly two share any."""
    random = np.random.default_rng(seed)
    return [" ".join(f"mot{number}" for number in random.integers(0, 5_000, 7)).capitalize() + "." for _ in range(count)]
