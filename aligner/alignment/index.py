"""Nearest neighbours by an index of FAISS (Douze et al. 2024, https://arxiv.org/abs/2401.08281), for more texts than all can be compared.

The index holds a byte for each number of a vector and looks into a part of its cells, so it only proposes: similarities are computed
again from the vectors themselves, for a margin over rough ones would be rough.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from aligner.alignment.blocks import Report, Vectors, keep_nearer, no_neighbours, spans
from aligner.alignment.evidence import NEIGHBOURS
from aligner.alignment.search import Neighbours

PROBED = 48
"""Cells looked into for each vector: with 4√n cells, 99 % of the neighbours are found there."""
PROPOSED = 3 * NEIGHBOURS
"""How many are weighed exactly for each vector."""
_SAMPLE = 64
"""Vectors a cell to learn the cells from; FAISS asks for 39 at least."""
_QUERIES = 2048


def nearest_by_index(source: Vectors, target: Vectors, rows: int, report: Report | None = None) -> tuple[Neighbours, Neighbours]:
    """Nearly what `nearest` finds, with exact similarities; an index holds at most 4 · `rows` vectors, in the room of `rows`."""
    total = len(source) + len(target)
    found = _nearest(source, target, 4 * rows, None if report is None else lambda done: report(done, total))
    return found, _nearest(target, source, 4 * rows, None if report is None else lambda done: report(len(source) + done, total))


def _nearest(own: Vectors, other: Vectors, rows: int, report: Callable[[int], None] | None) -> Neighbours:
    found = no_neighbours(len(own))
    shards = list(spans(len(other), rows))
    for number, shard in enumerate(shards):
        index = _index(other, shard)
        for part in spans(len(own), _QUERIES):
            queries = own[part]
            _, proposed = index.search(queries, PROPOSED)
            keep_nearer(found, part, _weighed(queries, proposed, other, shard), shard.start)
            if report is not None:
                report((number * len(own) + part.stop) // len(shards))
    return found


def _index(vectors: Vectors, shard: slice) -> Any:
    count = shard.stop - shard.start
    cells = max(1, min(int(4 * count**0.5), count // _SAMPLE))
    sample = np.random.default_rng(0).choice(count, min(count, cells * _SAMPLE), replace=False)
    learnt = vectors[shard.start + np.sort(sample)]
    index: Any = faiss.index_factory(learnt.shape[1], f"IVF{cells},SQ8", faiss.METRIC_INNER_PRODUCT)
    index.train(learnt)
    del learnt
    for part in spans(count, _QUERIES):
        index.add(vectors[shard.start + part.start : shard.start + part.stop])
    index.nprobe = PROBED
    return index


def _weighed(queries: NDArray[np.float32], proposed: NDArray[np.int64], other: Vectors, shard: slice) -> Neighbours:
    """The proposed neighbours with their exact similarities, nearest first."""
    vectors = other[shard.start + np.maximum(proposed, 0)]
    similarities = np.einsum("nd,nkd->nk", queries, vectors)
    # A row of zeros is a blank text, and nobody's neighbour.
    there = (proposed >= 0) & (similarities != 0)
    order = np.argsort(np.where(there, -similarities, np.inf), axis=1, kind="stable")[:, :NEIGHBOURS]
    there, indices, similarities = (np.take_along_axis(table, order, axis=1) for table in (there, proposed, similarities))
    return Neighbours(np.where(there, indices, -1).astype(np.int32), np.where(there, similarities, 0).astype(np.float32))
