"""What speaks for and against a bead: the features of the semi-Markov model.

Each bead is set against its neighbours (would it be better one segment longer, or shorter?), against the surface of its
edges, and against what is usual in this pair of documents. One function writes the features of one bead; scoring and
training both call it. What clauses tell is 0 until a draft has said where to look, what rates and outskirts tell until a first
pass has found them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from aligner.alignment import marks as m
from aligner.alignment.clauses import CLAUSE_NAMES, link_clause_features, null_clause_features
from aligner.alignment.compiling import leaf
from aligner.alignment.contrast import against_longer, against_shorter, weakest_source, weakest_target
from aligner.alignment.moves import MOVES, SOURCE_NULL, TARGET_NULL
from aligner.alignment.outskirts import OUTSKIRTS_NAMES, outer_link_features, outer_null_features
from aligner.alignment.similarities import ABSENT

NAMES = (
    "is_source_null",
    "is_target_null",
    "null_margin",
    "null_coverage",
    "null_shortness",
    "size",
    "size*cosine",
    "size*margin",
    "length_mismatch",
    "longer_by_cosine",
    "shorter_by_cosine",
    "is_1_1",
    "is_1_2",
    "is_many_many",
    "size_over_3",
    "shortness",
    "size*coverage",
    "size*least_coverage",
    "weakest_source",
    "weakest_target",
    "longer_by_coverage",
    "shorter_by_coverage",
    "unfinished",
    "finish_agrees",
    "starts_lower",
    "starts_lower_differ",
    "starts_number_differ",
    "questions_differ",
    "exclamations_differ",
    "end_question_differs",
    "end_colon_differs",
    "end_comma_differs",
    "size*typical_cosine",
    "size*typical_coverage",
    "size*anchored",
    "short_member",
    "inner_starts_lower",
    "inner_headings",
    "null_at_start",
    "null_at_end",
    "null_rate",
    "null_rate_opposite",
    "merged_rate",
    *CLAUSE_NAMES,
    *OUTSKIRTS_NAMES,
)
"""The features, in the order of the weights. Where a formula needs it, size = (a + b) / 2 of an a-b bead."""

N_FEATURES = len(NAMES)
(
    IS_SOURCE_NULL,
    IS_TARGET_NULL,
    NULL_MARGIN,
    NULL_COVERAGE,
    NULL_SHORTNESS,
    SIZE,
    SIZE_COSINE,
    SIZE_MARGIN,
    LENGTH_MISMATCH,
    LONGER_BY_COSINE,
    SHORTER_BY_COSINE,
    IS_1_1,
    IS_1_2,
    IS_MANY_MANY,
    SIZE_OVER_3,
    SHORTNESS,
    SIZE_COVERAGE,
    SIZE_LEAST_COVERAGE,
    WEAKEST_SOURCE,
    WEAKEST_TARGET,
    LONGER_BY_COVERAGE,
    SHORTER_BY_COVERAGE,
    UNFINISHED,
    FINISH_AGREES,
    STARTS_LOWER,
    STARTS_LOWER_DIFFER,
    STARTS_NUMBER_DIFFER,
    QUESTIONS_DIFFER,
    EXCLAMATIONS_DIFFER,
    END_QUESTION_DIFFERS,
    END_COLON_DIFFERS,
    END_COMMA_DIFFERS,
    SIZE_TYPICAL_COSINE,
    SIZE_TYPICAL_COVERAGE,
    SIZE_ANCHORED,
    SHORT_MEMBER,
    INNER_STARTS_LOWER,
    INNER_HEADINGS,
    NULL_AT_START,
    NULL_AT_END,
    NULL_RATE,
    NULL_RATE_OPPOSITE,
    MERGED_RATE,
    FIRST_OF_CLAUSES,
) = range(N_FEATURES - len(CLAUSE_NAMES) - len(OUTSKIRTS_NAMES) + 1)
FIRST_OF_OUTSKIRTS = FIRST_OF_CLAUSES + len(CLAUSE_NAMES)


class Pair(NamedTuple):
    """What is known of the two documents as wholes, by their anchors: how literal this translation is, and how complete."""

    ratio: np.float32
    """characters of the target for each character of the source"""
    typical_cosine: np.float32
    """mean cosine of the anchors, less what is typical"""
    typical_coverage: np.float32
    """mean share of the anchors' words that find a counterpart, less what is typical"""
    anchored: np.float32
    """share of the shorter document's segments that are anchors, less what is typical"""
    source_nulls: np.float32
    """log-odds that a source segment has no counterpart, less what is typical; 0 until they have been estimated"""
    target_nulls: np.float32
    """the same of target segments"""
    merged: np.float32
    """log-odds that a link has more than one segment on a side, less what is typical; 0 until they have been estimated"""


class Side(NamedTuple):
    """What is known of one document's segments before they are set against the other's."""

    lengths: NDArray[np.float32]
    """(n,): characters"""
    marks: NDArray[np.float32]
    """(n, MARKS)"""
    hubness: NDArray[np.float32]
    """(LONGEST, n): mean cosine of the nearest segments of the other side to the span of k+1 segments that starts here"""
    best_margin: NDArray[np.float32]
    """(n,): the best margin of the segment with any of the other side"""
    mass: NDArray[np.float32]
    """(n,): summed weight of the segment's words"""
    blank: NDArray[np.bool_]
    """(n,): segments without text, which can only be nulls"""
    part: NDArray[np.int64]
    """(n,): the part of the document; no bead crosses parts"""


@leaf
def _null_features(side, best_coverage, k, is_source, out):  # type: ignore[no-untyped-def]
    out[IS_SOURCE_NULL if is_source else IS_TARGET_NULL] = 1
    if side.blank[k]:
        return
    out[NULL_MARGIN] = side.best_margin[k]
    out[NULL_COVERAGE] = best_coverage[k]
    out[NULL_SHORTNESS] = 1 / np.sqrt(side.lengths[k] + 1)


@leaf
def bead_features(source, target, best_coverage, band, tables, pair, i, j, q, out):  # type: ignore[no-untyped-def]
    """Write the features of the bead of shape q at node (i, j) into `out`, float32 (N_FEATURES,)."""
    out[:] = 0
    low, _, start = band
    cosines, coverage, clauses, vectors, outskirts = tables
    if q == SOURCE_NULL:
        _null_features(source, best_coverage[0], i, True, out)
        out[NULL_AT_START], out[NULL_AT_END] = j == 0, j == len(target.lengths)
        out[NULL_RATE], out[NULL_RATE_OPPOSITE] = pair.source_nulls, pair.target_nulls
        if len(clauses[1].vectors):
            null_clause_features(vectors[0], clauses[1], i, j - 1, 0, out[FIRST_OF_CLAUSES:])
        if len(outskirts.before[0]):
            outer_null_features(outskirts, i, 1, j, 0, out[FIRST_OF_OUTSKIRTS:])
        return
    if q == TARGET_NULL:
        _null_features(target, best_coverage[1], j, False, out)
        out[NULL_AT_START], out[NULL_AT_END] = i == 0, i == len(source.lengths)
        out[NULL_RATE], out[NULL_RATE_OPPOSITE] = pair.target_nulls, pair.source_nulls
        if len(clauses[0].vectors):
            null_clause_features(vectors[1], clauses[0], j, i - 1, 1, out[FIRST_OF_CLAUSES:])
        if len(outskirts.before[0]):
            outer_null_features(outskirts, i, 0, j, 1, out[FIRST_OF_OUTSKIRTS:])
        return
    node = start[i] + j - low[i]
    a, b = MOVES[q]
    size = np.float32(a + b) / 2
    ratio = pair.ratio
    cosine = cosines[q, node]
    source_length, target_length = np.float32(0), np.float32(0)
    source_questions, target_questions = np.float32(0), np.float32(0)
    source_exclamations, target_exclamations = np.float32(0), np.float32(0)
    inner_lower, headings = np.float32(0), np.float32(0)
    shortest = np.float32(1e6)
    for p in range(i, i + a):
        source_length += source.lengths[p]
        source_questions += source.marks[p, m.QUESTIONS]
        source_exclamations += source.marks[p, m.EXCLAMATIONS]
        shortest = min(shortest, source.lengths[p])
        if p > i:
            inner_lower += source.marks[p, m.OPENS_LOWER]
            headings += source.marks[p - 1, m.ENDS_UNFINISHED] * (1 - source.marks[p, m.OPENS_LOWER])
    for r in range(j, j + b):
        target_length += target.lengths[r]
        target_questions += target.marks[r, m.QUESTIONS]
        target_exclamations += target.marks[r, m.EXCLAMATIONS]
        shortest = min(shortest, target.lengths[r])
        if r > j:
            inner_lower += target.marks[r, m.OPENS_LOWER]
            headings += target.marks[r - 1, m.ENDS_UNFINISHED] * (1 - target.marks[r, m.OPENS_LOWER])
    out[SIZE] = size
    out[SIZE_COSINE] = size * cosine
    out[SIZE_MARGIN] = size * (cosine - (source.hubness[a - 1, i] + target.hubness[b - 1, j]) / 2)
    out[LENGTH_MISMATCH] = abs(ratio * source_length - target_length) / np.sqrt(ratio * source_length + target_length + 1)
    covered = coverage[0, q, node], coverage[1, q, node]
    longer, gain_of_longer = against_longer(cosines, coverage, band, i, j, a, b, covered)
    if longer > ABSENT:
        out[LONGER_BY_COSINE] = cosine - longer
    shorter, loss_of_shorter = against_shorter(cosines, coverage, band, i, j, a, b, covered)
    if shorter > ABSENT:
        out[SHORTER_BY_COSINE] = cosine - shorter
    out[IS_1_1] = a + b == 2
    out[IS_1_2] = a + b == 3
    out[IS_MANY_MANY] = a > 1 and b > 1
    out[SIZE_OVER_3] = max(0, a + b - 3)
    out[SHORTNESS] = 1 / np.sqrt(min(ratio * source_length, target_length) + 1)
    out[SIZE_COVERAGE] = size * (covered[0] + covered[1]) / 2
    out[SIZE_LEAST_COVERAGE] = size * min(covered[0], covered[1])
    if a > 1:
        out[WEAKEST_SOURCE] = weakest_source(coverage, band, i, j, a, b) - np.float32(0.5)
    if b > 1:
        out[WEAKEST_TARGET] = weakest_target(coverage, band, i, j, a, b) - np.float32(0.5)
    out[LONGER_BY_COVERAGE] = gain_of_longer
    if a > 1 or b > 1:
        out[SHORTER_BY_COVERAGE] = loss_of_shorter
    first, last = source.marks[i], source.marks[i + a - 1]
    other_first, other_last = target.marks[j], target.marks[j + b - 1]
    out[UNFINISHED] = last[m.ENDS_UNFINISHED] + other_last[m.ENDS_UNFINISHED]
    out[FINISH_AGREES] = last[m.ENDS_UNFINISHED] == other_last[m.ENDS_UNFINISHED]
    out[STARTS_LOWER] = first[m.OPENS_LOWER] + other_first[m.OPENS_LOWER]
    out[STARTS_LOWER_DIFFER] = first[m.OPENS_LOWER] != other_first[m.OPENS_LOWER]
    out[STARTS_NUMBER_DIFFER] = first[m.OPENS_NUMBER] != other_first[m.OPENS_NUMBER]
    out[QUESTIONS_DIFFER] = min(abs(source_questions - target_questions), np.float32(3))
    out[EXCLAMATIONS_DIFFER] = min(abs(source_exclamations - target_exclamations), np.float32(3))
    out[END_QUESTION_DIFFERS] = last[m.ENDS_QUESTION] != other_last[m.ENDS_QUESTION]
    out[END_COLON_DIFFERS] = last[m.ENDS_COLON] != other_last[m.ENDS_COLON]
    out[END_COMMA_DIFFERS] = last[m.ENDS_COMMA] != other_last[m.ENDS_COMMA]
    out[SIZE_TYPICAL_COSINE] = size * pair.typical_cosine
    out[SIZE_TYPICAL_COVERAGE] = size * pair.typical_coverage
    out[SIZE_ANCHORED] = size * pair.anchored
    out[SHORT_MEMBER] = 1 / np.sqrt(shortest + 1) if a + b > 2 else np.float32(0)
    out[INNER_STARTS_LOWER] = inner_lower
    out[INNER_HEADINGS] = headings
    if a + b > 2:
        out[MERGED_RATE] = pair.merged
    if len(clauses[0].vectors):
        link_clause_features(clauses[0], clauses[1], vectors, i, a, j, b, out[FIRST_OF_CLAUSES:])
    if len(outskirts.before[0]):
        similar = (cosine, out[SIZE_COVERAGE] / size, out[SHORTNESS])
        outer_link_features(outskirts, i, a, j, b, similar, out[FIRST_OF_OUTSKIRTS:])


@njit(cache=True, _nrt=False, fastmath=True)
def _weighed(weights, features):  # type: ignore[no-untyped-def]
    """weights · features, summed in any order, so that the compiler may add several at a time."""
    total = np.float32(0)
    for k in range(N_FEATURES):
        total += weights[k] * features[k]
    return total


@njit(cache=True)
def score_beads(source, target, best_coverage, band, tables, pair, allowed, weights):  # type: ignore[no-untyped-def]
    """float32 (n_moves, n_nodes): weights · features of every allowed bead, -inf for the others."""
    low, high, start = band
    out = np.full(allowed.shape, -np.inf, np.float32)
    features = np.zeros(N_FEATURES, np.float32)
    for q in range(len(MOVES)):  # beads of one shape after the other, which take the same way through the code
        for i in range(len(low)):
            for j in range(low[i], high[i] + 1):
                node = start[i] + j - low[i]
                if allowed[q, node]:
                    bead_features(source, target, best_coverage, band, tables, pair, i, j, q, features)
                    out[q, node] = _weighed(weights, features)
    return out


@njit(cache=True)
def feature_rows(source, target, best_coverage, band, tables, pair, allowed):  # type: ignore[no-untyped-def]
    """float32 (n_allowed, N_FEATURES): the features of every allowed bead, ordered by move, then node."""
    low, high, start = band
    row_of = np.full(allowed.shape, -1, np.int64)
    count = 0
    for q in range(allowed.shape[0]):
        for node in range(allowed.shape[1]):
            if allowed[q, node]:
                row_of[q, node] = count
                count += 1
    out = np.zeros((count, N_FEATURES), np.float32)
    for i in range(len(low)):
        for j in range(low[i], high[i] + 1):
            node = start[i] + j - low[i]
            for q in range(len(MOVES)):
                if allowed[q, node]:
                    bead_features(source, target, best_coverage, band, tables, pair, i, j, q, out[row_of[q, node]])
    return out
