"""Nearest neighbours among many texts: all compared with all, or by an index where that would take too long."""

from __future__ import annotations

import logging
from importlib.util import find_spec

from aligner.alignment.blocks import Report, Vectors, nearest_in_blocks
from aligner.alignment.search import Neighbours

_log = logging.getLogger(__name__)

EXACT = 200_000
"""Texts a side up to which all are compared with all: five minutes on one core, in which an index would be no quicker."""


def nearest_of_many(source: Vectors, target: Vectors, rows: int, report: Report | None = None) -> tuple[Neighbours, Neighbours]:
    """The nearest targets of every source and the nearest sources of every target, NEIGHBOURS of each.

    At most `rows` vectors of either side are in memory, or in an index, at a time. Beyond EXACT texts a side (in the mean) and where
    FAISS is installed an index finds the neighbours, of which it misses some; their similarities are exact.
    """
    if len(source) * len(target) <= EXACT**2:
        return nearest_in_blocks(source, target, rows, report)
    if find_spec("faiss") is None:
        _log.warning(
            "%d and %d texts are compared all with all, which takes %.0f times as long as %d and %d do; `pip install aligner[faiss]` "
            "brings an index that is faster",
            len(source),
            len(target),
            len(source) * len(target) / EXACT**2,
            EXACT,
            EXACT,
        )
        return nearest_in_blocks(source, target, rows, report)
    from aligner.alignment.index import nearest_by_index  # FAISS is an extra

    return nearest_by_index(source, target, rows, report)
