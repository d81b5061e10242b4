"""The outskirts of two documents: what stands before their first firm link and after their last one.

Titles stand there and translate each other, and so do menus, notices and buttons, which do not: above and below a text each side
says what its own page says. A link between two firm ones is held by them; one of the outskirts is not, and is weighed for itself.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.band import Band
from aligner.alignment.compiling import leaf

FIRM = 0.5
"""The cosine of a firm link: in translations of novels six in seven have it."""
OUTSKIRTS_NAMES = (
    "outer_link",
    "outer_cosine",
    "outer_coverage",
    "outer_shortness",
    "outer_unevenness",
    "outer_extent",
    "outer_null",
    "outer_null_unevenness",
    "outer_null_extent",
)
"""The features that its place in the outskirts gives a bead; each is multiplied by how surely the bead stands there, 0..1."""
(
    OUTER_LINK,
    OUTER_COSINE,
    OUTER_COVERAGE,
    OUTER_SHORTNESS,
    OUTER_UNEVENNESS,
    OUTER_EXTENT,
    OUTER_NULL,
    OUTER_NULL_UNEVENNESS,
    OUTER_NULL_EXTENT,
) = range(len(OUTSKIRTS_NAMES))


class Outskirts(NamedTuple):
    """Where the outskirts are, for compiled code."""

    before: tuple[NDArray[np.float32], NDArray[np.float32]]
    """(n+1,) and (m+1,): how surely no firm link starts before each place between segments, 0..1: exp(-how many are expected to)"""
    after: tuple[NDArray[np.float32], NDArray[np.float32]]
    """(n+1,) and (m+1,): how surely none starts there or after, 0..1"""
    head: tuple[float, float]
    """Unevenness, 0..1, and extent of what stands before the first firm link: the difference of how many segments there are on either
    side, as a share of them all, and the logarithm of how many there are on both"""
    tail: tuple[float, float]
    """The same of what stands after the last one"""


_NOWHERE = np.zeros(0, np.float32)
NOWHERE = Outskirts((_NOWHERE, _NOWHERE), (_NOWHERE, _NOWHERE), (0.0, 0.0), (0.0, 0.0))
"""No outskirts: what is known before a first pass."""


def outskirts_of(band: Band, posterior: NDArray[np.float32], cosines: NDArray[np.float32]) -> Outskirts:
    """The outskirts as a first posterior has them; it and the cosines are float32 (n_moves, n_nodes), those of nulls under any link's."""
    firm = np.where(cosines >= FIRM, posterior, 0).sum(axis=0)
    rows = np.repeat(np.arange(len(band.low)), np.diff(band.start))
    columns = np.arange(band.size) - np.repeat(band.start[:-1] - band.low, np.diff(band.start))
    # Before place k: the links that start at segments 0 to k - 1; none starts at the last place.
    counts = [
        np.concatenate([[0.0], np.cumsum(np.bincount(places, weights=firm, minlength=last + 1)[:last])])
        for places, last in ((rows, len(band.low) - 1), (columns, int(band.high[-1])))
    ]
    before = [np.exp(-count).astype(np.float32) for count in counts]
    after = [np.exp(count - count[-1]).astype(np.float32) for count in counts]
    heads = [max(int(np.searchsorted(count, 0.5)) - 1, 0) for count in counts]
    tails = [len(count) - 1 - int(np.searchsorted(count, count[-1] - 0.5)) for count in counts]
    return Outskirts((before[0], before[1]), (after[0], after[1]), _shape(*heads), _shape(*tails))


def _shape(source: int, target: int) -> tuple[float, float]:
    """Unevenness and extent of so many segments of both sides."""
    return abs(source - target) / (source + target + 1), float(np.log1p(source + target))


@leaf
def _place(outskirts, i, a, j, b):  # type: ignore[no-untyped-def]
    """How surely the a-b bead at (i, j) stands in the outskirts, with the unevenness and the extent of the end where it does."""
    # a link's own firmness counts: what is firm is not in the outskirts
    head = outskirts.before[0][i + a] * outskirts.before[1][j + b]
    tail = outskirts.after[0][i] * outskirts.after[1][j]
    if head >= tail:
        return head, outskirts.head[0], outskirts.head[1]
    return tail, outskirts.tail[0], outskirts.tail[1]


@leaf
def outer_null_features(outskirts, i, a, j, b, out):  # type: ignore[no-untyped-def]
    """Of the null at (i, j), whichever side it is of."""
    surely, unevenness, extent = _place(outskirts, i, a, j, b)
    out[OUTER_NULL] = surely
    out[OUTER_NULL_UNEVENNESS] = surely * unevenness
    out[OUTER_NULL_EXTENT] = surely * extent


@leaf
def outer_link_features(outskirts, i, a, j, b, similar, out):  # type: ignore[no-untyped-def]
    """Of the a-b link at (i, j). similar: its cosine, coverage and shortness."""
    surely, unevenness, extent = _place(outskirts, i, a, j, b)
    out[OUTER_LINK] = surely
    out[OUTER_COSINE] = surely * similar[0]
    out[OUTER_COVERAGE] = surely * similar[1]
    out[OUTER_SHORTNESS] = surely * similar[2]
    out[OUTER_UNEVENNESS] = surely * unevenness
    out[OUTER_EXTENT] = surely * extent
