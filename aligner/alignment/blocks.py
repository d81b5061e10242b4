"""Nearest neighbours among more vectors than memory should hold: a block of either side at a time."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.evidence import NEIGHBOURS
from aligner.alignment.search import Neighbours, nearest

Report = Callable[[int, int], None]
"""Called with how much is done and how much there is."""


class Vectors(Protocol):
    """float32 (n, dim), rows of unit length: an array, or a file that gives copies of rows."""

    def __len__(self) -> int: ...
    def __getitem__(self, rows: Any) -> NDArray[np.float32]: ...


class StoredVectors:
    """Vectors in a file of their own, which goes when they are no longer needed; only the rows that are asked for are in memory."""

    def __init__(self, count: int, dimension: int) -> None:
        handle, name = tempfile.mkstemp(prefix="aligner-", suffix=".vectors")
        os.truncate(handle, count * dimension * 4)
        os.close(handle)
        self._path = Path(name)
        weakref.finalize(self, self._path.unlink, missing_ok=True)
        self._shape = (count, dimension)

    def __len__(self) -> int:
        return self._shape[0]

    def __getitem__(self, rows: Any) -> NDArray[np.float32]:
        return np.array(self._mapped("r")[rows])

    def write(self, first: int, vectors: NDArray[np.float32]) -> None:
        """Put the vectors at row `first` and after."""
        self._mapped("r+")[first : first + len(vectors)] = vectors

    def _mapped(self, mode: Any) -> NDArray[np.float32]:
        # Mapped anew each time: pages of a mapping that was read count as the process's memory until it is gone.
        return np.memmap(self._path, np.float32, mode, shape=self._shape)


def nearest_in_blocks(source: Vectors, target: Vectors, rows: int, report: Report | None = None) -> tuple[Neighbours, Neighbours]:
    """What `nearest` finds, with blocks of `rows` vectors of either side in memory."""
    found = no_neighbours(len(source)), no_neighbours(len(target))
    done, total = 0, len(source) * len(target)
    for part in spans(len(source), rows):
        block = source[part]
        for other in spans(len(target), rows):
            near = nearest(block, target[other], NEIGHBOURS)
            keep_nearer(found[0], part, near[0], other.start)
            keep_nearer(found[1], other, near[1], part.start)
            done += len(near[0].indices) * len(near[1].indices)
            if report is not None:
                report(done, total)
    return found


def spans(count: int, rows: int) -> Iterator[slice]:
    """Slices of at most `rows` that cover `count`."""
    return (slice(first, min(first + rows, count)) for first in range(0, count, rows))


def no_neighbours(count: int) -> Neighbours:
    """Neighbours of `count` vectors, of which none is known yet."""
    return Neighbours(np.full((count, NEIGHBOURS), -1, np.int32), np.zeros((count, NEIGHBOURS), np.float32))


def keep_nearer(known: Neighbours, part: slice, found: Neighbours, first: int) -> None:
    """Into the rows `part` of the known neighbours, in place, those found among the vectors from `first` on that are nearer."""
    indices = np.concatenate([known.indices[part], np.where(found.indices >= 0, found.indices + first, -1)], axis=1)
    similarities = np.concatenate([known.similarities[part], found.similarities], axis=1)
    order = np.argsort(np.where(indices >= 0, -similarities, np.inf), axis=1, kind="stable")[:, : known.indices.shape[1]]
    known.indices[part] = np.take_along_axis(indices, order, axis=1)
    known.similarities[part] = np.take_along_axis(similarities, order, axis=1)
