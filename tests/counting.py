"""A deterministic encoder for tests that says what it was asked to encode."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import InputModule
from torch import Tensor

DIMENSION = 64


class HashedWords(InputModule):
    """A text's vector is the sum of its words' vectors, which are drawn by the words' hashes."""

    def __init__(self) -> None:
        super().__init__()
        self.encoded: list[str] = []

    def preprocess(self, inputs: Sequence[str], prompt: str | None = None, **_: Any) -> dict[str, Tensor]:
        self.encoded.extend(inputs)
        return {"sentence_embedding": torch.tensor(np.array([_vector(text) for text in inputs]), dtype=torch.float32)}

    def forward(self, features: dict[str, Tensor], **_: Any) -> dict[str, Tensor]:
        return features

    def get_embedding_dimension(self) -> int:
        return DIMENSION

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """It has no weights."""


class CountingEncoder(SentenceTransformer):
    """A SentenceTransformer over hashed words; texts that share words are close, and `encoded` lists every text it encoded."""

    def __init__(self) -> None:
        super().__init__(modules=[HashedWords()], device="cpu")

    @property
    def encoded(self) -> list[str]:
        return self[0].encoded


def _vector(text: str) -> np.ndarray:
    words = text.casefold().split() or [text]
    seeds = [int.from_bytes(hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()[:8], "big") for word in words]
    return np.sum([np.random.default_rng(seed).standard_normal(DIMENSION) for seed in seeds], axis=0)
