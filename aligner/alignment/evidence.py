"""Everything known of a pair of segmented documents, gathered once and read by the model as often as it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aligner.alignment import features, similarities
from aligner.alignment.band import Band, anchors, band_around, band_of_parts
from aligner.alignment.clauses import UNDIVIDED, Clauses, Pieces, divided
from aligner.alignment.features import Pair, Side
from aligner.alignment.lattice import null_probabilities
from aligner.alignment.lexicon import Tokens, found_mass, lexicons
from aligner.alignment.marks import marks
from aligner.alignment.moves import LONGEST, MOVE_NUMBER
from aligner.alignment.outskirts import NOWHERE, Outskirts, outskirts_of
from aligner.alignment.search import both_margins, is_large, nearest
from aligner.alignment.spans import span_hubness, span_norms
from aligner.types import Bead, Embed

NEIGHBOURS = 4
"""How many nearest segments make up a segment's hubness."""
TYPICAL_COSINE, TYPICAL_COVERAGE, TYPICAL_ANCHORED = 0.75, 0.78, 0.85
"""What the anchors of a pair of documents look like: medians over the training documents."""
TYPICAL_NULLS, TYPICAL_MERGED = 0.03, 0.1
"""Shares of nulls among segments and of links of several segments among links, where nothing else is known."""
SOME, MOST = 6.0, 0.6
"""How many segments' worth of belief those shares have, for a short document proves little; and the greatest share that is believed: a
model that sees nulls everywhere must not be told that they are."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """A band over two documents and, for every bead in it, its similarities."""

    band: Band
    allowed: NDArray[np.bool_]
    """(n_moves, n_nodes)"""
    source: Side
    target: Side
    cosines: NDArray[np.float32]
    """(n_moves, n_nodes)"""
    coverage: NDArray[np.float32]
    """(2, n_moves, n_nodes)"""
    best_coverage: tuple[NDArray[np.float32], NDArray[np.float32]]
    pair: Pair
    vectors: tuple[NDArray[np.float32], NDArray[np.float32]]
    """(n, dim) and (m, dim): the segments' own"""
    anchors: NDArray[np.int64]
    """(n_anchors, 2): the chain that the band runs around, the first segments of each pair"""
    clauses: tuple[Clauses, Clauses] = (UNDIVIDED, UNDIVIDED)
    """both sides' clauses, once a draft has said which segments to divide"""
    outskirts: Outskirts = NOWHERE
    """what stands before the first firm link and after the last, once a first pass has found these"""

    def arguments(self) -> tuple[object, ...]:
        """What the compiled functions of `features` take."""
        band = (self.band.low, self.band.high, self.band.start)
        tables = (self.cosines, self.coverage, self.clauses, self.vectors, self.outskirts)
        return self.source, self.target, self.best_coverage, band, tables, self.pair

    def scores(self, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 (n_moves, n_nodes): the score of every bead, -inf where there is none."""
        return features.score_beads(*self.arguments(), self.allowed, weights)  # type: ignore[no-any-return]

    def feature_rows(self) -> NDArray[np.float32]:
        """float32 (n_allowed, n_features), ordered as `allowed` is when flattened."""
        return features.feature_rows(*self.arguments(), self.allowed)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """One side's segments as the model wants them."""

    texts: Sequence[str]
    vectors: NDArray[np.float32]
    """(n, dim), unit length; zeros for blank texts"""
    parts: NDArray[np.int64] | None = None
    """(n,), never decreasing: no bead crosses parts, and a part meets the part of the same number only"""
    tokens: Tokens | None = None
    """their words, where somebody has read them already"""

    @classmethod
    def embedded(cls, texts: Sequence[str], embed: Embed, parts: NDArray[np.int64] | None = None, tokens: Tokens | None = None) -> Segments:
        """The texts with the vectors that `embed` gives those that are not blank."""
        written = [number for number, text in enumerate(texts) if text.strip()]
        found = embed([texts[number] for number in written])
        vectors = np.zeros((len(texts), found.shape[1]), np.float32)
        vectors[written] = found
        return cls(texts, vectors, parts, tokens)

    def part(self, start: int, end: int) -> Segments:
        """The segments from `start` up to `end`, as a document of their own."""
        return Segments(self.texts[start:end], self.vectors[start:end])

    @property
    def span_weights(self) -> NDArray[np.float32]:
        """float32 (n,): how much each segment counts in the vector of a span, the square root of its length."""
        return np.sqrt(np.array([len(text) for text in self.texts], np.float32))


def gather(source: Segments, target: Segments, embed: Embed, known: Sequence[Bead] = ()) -> Evidence:
    """The evidence of two documents; `embed` is asked for their words. known: beads that are right, for the band to run by them."""
    n, m = len(source.texts), len(target.texts)
    near_source, near_target = nearest(source.vectors, target.vectors, NEIGHBOURS, clustered=is_large(source.vectors, target.vectors))
    margins = both_margins(near_source, near_target)
    chain = anchors(near_source, near_target, known, margins)
    if source.parts is not None and target.parts is not None:
        band, parts = band_of_parts(source.parts, target.parts), (source.parts, target.parts)
    else:
        band, parts = band_around(chain, n, m), (np.zeros(n, np.int64), np.zeros(m, np.int64))
    wide = band.widened(LONGEST, m)
    wide_transposed = wide.transposed(m)
    own, other = lexicons(source.tokens or Tokens.of(source.texts), target.tokens or Tokens.of(target.texts), embed, sparing=True)
    found = (
        found_mass(own, other, wide.low, wide.high, wide.start),
        found_mass(other, own, wide_transposed.low, wide_transposed.high, wide_transposed.start),
    )
    norms = (span_norms(source.vectors, source.span_weights), span_norms(target.vectors, target.span_weights))
    hubness = (
        span_hubness(source.vectors, source.span_weights, norms[0], near_source.indices, target.vectors),
        span_hubness(target.vectors, target.span_weights, norms[1], near_target.indices, source.vectors),
    )
    sides = (
        _side(source, hubness[0], margins[0], own.mass(), parts[0]),
        _side(target, hubness[1], margins[1], other.mass(), parts[1]),
    )
    bounds = (band.low, band.high, band.start)
    allowed = similarities.allowed_beads(*bounds, sides[0].part, sides[1].part, sides[0].blank, sides[1].blank)
    cosines = similarities.composed_cosines(
        *bounds,
        wide.low,
        wide.start,
        _singles(source.vectors, target.vectors, wide),
        source.span_weights,
        norms[0],
        target.span_weights,
        norms[1],
        allowed,
    )
    mass = (sides[0].mass, sides[1].mass)
    other_wide = (wide_transposed.low, wide_transposed.start)
    coverage = similarities.coverages(*bounds, wide.low, wide.start, found, mass, other_wide, allowed)
    best_coverage = similarities.best_coverages(found[0], found[1], wide.start, wide_transposed.start, mass)
    allowed = similarities.plausible(*bounds, allowed, (cosines, coverage), sides[0].hubness, sides[1].hubness)
    merged = {(bead.source[0], bead.target[0]) for bead in known if not bead.is_null and len(bead.source) + len(bead.target) > 2}
    singles = chain[[(i, j) not in merged for i, j in chain.tolist()]] if merged else chain
    pair = _pair(sides, singles, source.vectors, target.vectors, found, wide, wide_transposed)
    return Evidence(band, allowed, *sides, cosines, coverage, best_coverage, pair, (source.vectors, target.vectors), chain)


def with_clauses(evidence: Evidence, pieces: tuple[Pieces, Pieces], embed: Embed) -> Evidence:
    """The evidence with segments of either side divided into these pieces."""
    texts = [[clause for clauses in some.values() for clause in clauses] for some in pieces]
    source, target = evidence.vectors
    found = embed([*texts[0], *texts[1]]) if any(texts) else source[:0]
    clauses = divided(source, pieces[0], found[: len(texts[0])]), divided(target, pieces[1], found[len(texts[0]) :])
    return replace(evidence, clauses=clauses)


def with_first_pass(evidence: Evidence, posterior: NDArray[np.float32]) -> Evidence:
    """The evidence with what a first posterior tells of these documents as wholes: how common nulls and links of several segments are,
    and where their outskirts lie."""
    nulls = [_log_odds(float(side.sum()), len(side), TYPICAL_NULLS) for side in null_probabilities(evidence.band, posterior)]
    links, pairs = float(posterior[2:].sum()), float(posterior[MOVE_NUMBER[1, 1]].sum())
    merged = _log_odds(links - pairs, links, TYPICAL_MERGED)
    pair = evidence.pair._replace(source_nulls=nulls[0], target_nulls=nulls[1], merged=merged)
    return replace(evidence, pair=pair, outskirts=outskirts_of(evidence.band, posterior, evidence.cosines))


def _log_odds(count: float, of: float, typical: float) -> np.float32:
    """log-odds of a share, less those of a typical one, of which there are SOME already."""
    share = min((count + SOME * typical) / (of + SOME), MOST)
    return np.float32(np.log(share / (1 - share)) - np.log(typical / (1 - typical)))


def _singles(source: NDArray[np.float32], target: NDArray[np.float32], wide: Band) -> NDArray[np.float32]:
    """float32 (wide.size,): cosine of segments i and j at node (i, j); 0 past the last segments."""
    out = np.zeros(wide.size, np.float32)
    step = 64
    for first in range(0, len(source), step):
        rows = range(first, min(first + step, len(source)))
        left, right = int(wide.low[rows[0]]), int(wide.high[rows[-1]]) + 1
        products = source[rows[0] : rows[-1] + 1] @ target[left:right].T
        for i in rows:
            row = products[i - first, wide.low[i] - left : wide.high[i] + 1 - left]
            out[wide.start[i] : wide.start[i] + len(row)] = row
    return out


def _side(
    segments: Segments, hubness: NDArray[np.float32], margins: NDArray[np.float32], mass: NDArray[np.float32], part: NDArray[np.int64]
) -> Side:
    return Side(
        np.array([len(text) for text in segments.texts], np.float32),
        marks(segments.texts),
        hubness,
        np.maximum(margins.max(axis=1, initial=0), 0),
        mass,
        np.array([not text.strip() for text in segments.texts], bool),
        part,
    )


def _pair(
    sides: tuple[Side, Side], chain: NDArray[np.int64], source: NDArray[np.float32], target: NDArray[np.float32],
    found: tuple[NDArray[np.float32], NDArray[np.float32]], wide: Band, wide_transposed: Band,
) -> Pair:  # fmt: skip
    rows, columns = chain[:, 0], chain[:, 1]
    inside = (wide.low[rows] <= columns) & (columns <= wide.high[rows])
    rows, columns = rows[inside], columns[inside]
    lengths = [side.lengths[index] for side, index in zip(sides, (rows, columns), strict=True)]
    cosine = np.einsum("kd,kd->k", source[rows], target[columns])
    covered = found[0][0, wide.start[rows] + columns - wide.low[rows]] / (sides[0].mass[rows] + 1e-6)
    covered_back = found[1][0, wide_transposed.start[columns] + rows - wide_transposed.low[columns]] / (sides[1].mass[columns] + 1e-6)
    few = 5.0  # anchors' worth of belief in what is typical, so that a handful does not say too much
    return Pair(
        np.float32((lengths[1].sum() + few * 100) / (lengths[0].sum() + few * 100)),
        np.float32((cosine - TYPICAL_COSINE).sum() / (len(rows) + few)),
        np.float32(((covered + covered_back) / 2 - TYPICAL_COVERAGE).sum() / (len(rows) + few)),
        np.float32((len(rows) + few) / (min(len(source), len(target)) + few) - TYPICAL_ANCHORED),
        np.float32(0),
        np.float32(0),
        np.float32(0),
    )
