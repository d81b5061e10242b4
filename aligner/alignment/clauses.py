"""Clauses: what of a segment stands where, for the boundaries between beads.

A sentence vector says what a segment is about as a whole. Where one translator went on with a comma and the other made a new
sentence, only the clauses tell to which neighbour a piece belongs: the last clause of a bead may find its counterpart in the
segment after the bead, or a null in the middle of its neighbour.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.compiling import leaf
from aligner.alignment.spans import dot

CLAUSE_NAMES = (
    "worst_stray",
    "strays_after",
    "strays_before",
    "balance_after",
    "balance_before",
    "weakest_by_clause",
    "source_null_in_neighbour",
    "target_null_in_neighbour",
    "source_null_beside_edge",
    "target_null_beside_edge",
    "openings_agree",
    "endings_agree",
    "openings_lead",
    "endings_lead",
)
"""The features that clauses give a bead. An edge clause strays as far as the segment beyond the edge has a better counterpart for it
than the bead has."""
(
    WORST_STRAY,
    STRAYS_AFTER,
    STRAYS_BEFORE,
    BALANCE_AFTER,
    BALANCE_BEFORE,
    WEAKEST_BY_CLAUSE,
    SOURCE_NULL_IN_NEIGHBOUR,
    TARGET_NULL_IN_NEIGHBOUR,
    SOURCE_NULL_BESIDE_EDGE,
    TARGET_NULL_BESIDE_EDGE,
    OPENINGS_AGREE,
    ENDINGS_AGREE,
    OPENINGS_LEAD,
    ENDINGS_LEAD,
) = range(len(CLAUSE_NAMES))

Pieces = Mapping[int, Sequence[str]]
"""Clauses by the number of their segment, of those that are divided."""

_LEAST_WORDS = 3
"""Words of a clause at least, unless it is a sentence."""
_CUT = re.compile(r"""(?<=[,;:.!?…»”"])\s+|\s+(?=[«“"(—–-])|(?<=[—–)])\s*|--""")
_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"[.!?…]\W*$")


class Clauses(NamedTuple):
    """One side's clauses, for compiled code; a segment that was not divided is one clause."""

    vectors: NDArray[np.float32]
    """(n_clauses, dim), unit length; zeros for blank segments"""
    start: NDArray[np.int64]
    """(n_segments+1,): where each segment's clauses start"""


UNDIVIDED = Clauses(np.zeros((0, 1), np.float32), np.zeros(1, np.int64))
"""No clauses at all: what a draft goes by."""


def clauses_of(text: str) -> list[str]:
    """The clauses of a segment in order: what stands between commas, stops, dashes, quotation marks and brackets; never empty."""
    clauses: list[str] = []
    for piece in _pieces(text):
        if clauses and (_is_short(clauses[-1]) or not _WORD.search(piece)):
            clauses[-1] += " " + piece
        else:
            clauses.append(piece)
    if len(clauses) > 1 and _is_short(clauses[-1]):
        clauses[-2:] = [" ".join(clauses[-2:])]
    return clauses or [text]


def _pieces(text: str) -> list[str]:
    """What the cuts leave, with dashes at the head of what follows them."""
    bounds, first = [], 0
    for cut in _CUT.finditer(text):
        bounds.append((first, cut.start()))
        first = cut.start() if cut.group().strip() else cut.end()
    bounds.append((first, len(text)))
    return [text[start:end] for start, end in bounds if text[start:end].strip()]


def _is_short(clause: str) -> bool:
    return len(_WORD.findall(clause)) < (1 if _SENTENCE.search(clause) else _LEAST_WORDS)


def pieces_of(texts: Sequence[str], wanted: Iterable[int]) -> Pieces:
    """The clauses of those of the wanted segments that have several."""
    clauses = ((number, clauses_of(texts[number])) for number in wanted)
    return {number: several for number, several in clauses if len(several) > 1}


def divided(vectors: NDArray[np.float32], pieces: Pieces, found: NDArray[np.float32]) -> Clauses:
    """The clauses of a side, of whose pieces `found` holds the vectors; a segment without pieces is one clause, with its own vector."""
    counts = np.ones(len(vectors), np.int64)
    counts[list(pieces)] = [len(clauses) for clauses in pieces.values()]
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    out = np.repeat(vectors, counts, axis=0)
    if pieces:
        places = np.concatenate([np.arange(start[number], start[number + 1]) for number in pieces])
        out[places] = found
    return Clauses(np.ascontiguousarray(out, np.float32), start)


@leaf
def _best(own, clause, other, segment):  # type: ignore[no-untyped-def]
    """The best cosine of one clause with those of a segment of the other side, 0 at least; 0 past the ends."""
    best = np.float32(0)
    if 0 <= segment < len(other.start) - 1:
        for place in range(other.start[segment], other.start[segment + 1]):
            best = max(best, dot(own.vectors, clause, other.vectors, place))
    return best


@leaf
def _best_of_span(own, clause, other, first, count):  # type: ignore[no-untyped-def]
    best = np.float32(0)
    for segment in range(first, first + count):
        best = max(best, _best(own, clause, other, segment))
    return best


@leaf
def _edges_agree(own, i, own_last, other, j, other_last):  # type: ignore[no-untyped-def]
    """Cosine of the first or last clauses of two segments; 0 past the ends."""
    if i < 0 or j < 0 or i >= len(own.start) - 1 or j >= len(other.start) - 1:
        return np.float32(0)
    clause = own.start[i + 1] - 1 if own_last else own.start[i]
    return dot(own.vectors, clause, other.vectors, other.start[j + 1] - 1 if other_last else other.start[j])


@leaf
def _least_member(own, first, count, vectors, other, other_first, other_count):  # type: ignore[no-untyped-def]
    """Of a span's segments, the one whose best clause of the other span is the worst: that cosine."""
    least = np.float32(1)
    for segment in range(first, first + count):
        best = np.float32(0)
        for place in range(other.start[other_first], other.start[other_first + other_count]):
            best = max(best, dot(vectors, segment, other.vectors, place))
        least = min(least, best)
    return least


@leaf
def null_clause_features(vectors, other, k, before, shift, out):  # type: ignore[no-untyped-def]
    """Of null k, between segments before and before+1 of the other side: its cosine with their clauses, and with the adjacent ones.

    shift: 0 for a source null, 1 for a target null.
    """
    within, beside = np.float32(0), np.float32(0)
    for segment in (before, before + 1):
        if 0 <= segment < len(other.start) - 1:
            for place in range(other.start[segment], other.start[segment + 1]):
                within = max(within, dot(vectors, k, other.vectors, place))
            edge = other.start[segment + 1] - 1 if segment == before else other.start[segment]
            beside = max(beside, dot(vectors, k, other.vectors, edge))
    out[SOURCE_NULL_IN_NEIGHBOUR + shift] = within
    out[SOURCE_NULL_BESIDE_EDGE + shift] = beside


@leaf
def link_clause_features(source, target, vectors, i, a, j, b, out):  # type: ignore[no-untyped-def]
    """Of the a-b link at (i, j): how far its edge clauses stray, and how well its edges agree. vectors: both sides' segments'."""
    last, target_last = source.start[i + a] - 1, target.start[j + b] - 1
    first, target_first = source.start[i], target.start[j]
    after = _best(source, last, target, j + b) - _best_of_span(source, last, target, j, b)
    target_after = _best(target, target_last, source, i + a) - _best_of_span(target, target_last, source, i, a)
    before = _best(source, first, target, j - 1) - _best_of_span(source, first, target, j, b)
    target_before = _best(target, target_first, source, i - 1) - _best_of_span(target, target_first, source, i, a)
    none = np.float32(0)
    out[WORST_STRAY] = max(after, target_after, before, target_before)
    out[STRAYS_AFTER] = max(after, none) + max(target_after, none)
    out[STRAYS_BEFORE] = max(before, none) + max(target_before, none)
    out[BALANCE_AFTER] = after + target_after
    out[BALANCE_BEFORE] = before + target_before
    if a + b > 2:
        least = np.float32(1)
        if a > 1:
            least = min(least, _least_member(source, i, a, vectors[0], target, j, b))
        if b > 1:
            least = min(least, _least_member(target, j, b, vectors[1], source, i, a))
        out[WEAKEST_BY_CLAUSE] = least
    opening = _edges_agree(source, i, False, target, j, False)
    ending = _edges_agree(source, i + a - 1, True, target, j + b - 1, True)
    rival_before = max(_edges_agree(source, i, False, target, j - 1, True), _edges_agree(target, j, False, source, i - 1, True))
    rival_after = max(
        _edges_agree(source, i + a - 1, True, target, j + b, False), _edges_agree(target, j + b - 1, True, source, i + a, False)
    )
    out[OPENINGS_AGREE], out[ENDINGS_AGREE] = opening, ending
    out[OPENINGS_LEAD] = opening - max(rival_before, none)
    out[ENDINGS_LEAD] = ending - max(rival_after, none)
