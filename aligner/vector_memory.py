"""Vectors in memory, by text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

MOST_BYTES = 64 << 20
"""Room for vectors: 32,768 of 512 numbers, taken as it fills."""
_NUMBER_BYTES = 4


class VectorMemory:
    """Vectors by text. Where it is full, the oldest make room."""

    def __init__(self, dimension: int, *, most_bytes: int = MOST_BYTES) -> None:
        self._vectors = np.empty((max(1, most_bytes // (_NUMBER_BYTES * dimension)), dimension), np.float32)
        self._texts: list[str] = []  # of each row that has been written
        self._row_of: dict[str, int] = {}
        self._next = 0

    @classmethod
    def of(cls, texts: Sequence[str], vectors: NDArray[np.float32]) -> Self:
        """A memory that is full of these distinct texts, with their vectors, float32 (n_texts, dimension), which it takes over."""
        memory = cls(vectors.shape[1], most_bytes=0)
        memory._vectors, memory._texts = vectors, list(texts)
        memory._row_of = {text: row for row, text in enumerate(texts)}
        return memory

    def __contains__(self, text: str) -> bool:
        return text in self._row_of

    def all_of(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        """The vectors of the texts, float32 (n_texts, dimension); None where one of them is not there."""
        try:
            rows = [*map(self._row_of.__getitem__, texts)]
        except KeyError:
            return None
        return self._vectors.take(np.array(rows, np.int64), axis=0)

    def find(self, texts: Sequence[str]) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """Which of the texts are there, bool (n_texts,), and their vectors, float32 (n_texts, dimension); other rows hold anything."""
        rows = np.array([self._row_of.get(text, -1) for text in texts], np.int64)
        known = rows >= 0
        vectors = np.empty((len(texts), self._vectors.shape[1]), np.float32)
        vectors[known] = self._vectors[rows[known]]
        return known, vectors

    def keep(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Remember the vectors, float32 (n_texts, dimension), of distinct texts that are not there: the last ones that fit."""
        capacity = len(self._vectors)
        texts, vectors = texts[-capacity:], vectors[-capacity:]
        rows = (self._next + np.arange(len(texts))) % capacity
        self._vectors[rows] = vectors
        for text, row in zip(texts, rows.tolist(), strict=True):
            if row < len(self._texts):
                del self._row_of[self._texts[row]]
                self._texts[row] = text
            else:
                self._texts.append(text)
            self._row_of[text] = row
        self._next = (self._next + len(texts)) % capacity
